"""Tables on terminals of any width: names and states whole, the rest folded or gone and told."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from phoenix.cli.certification import _counted
from phoenix.cli.console import _rich
from phoenix.cli.fit import WHOLE, fit, told_below
from phoenix.line.table import Table

NAME = "GIRAF.2020-01-02T10:06:20.003_tpl.ab"
REASON = "giscience ended with exit code 1: " + "no light " * 20
NIGHT = Table(
    "night 2020-01-01",
    ("night", "AB", "raw type", "recipe", "state", "wall s", "memory MB", "score", "reason"),
    (
        ("2020-01-01", NAME, "BIAS", "gimasterbias", "successful", 0.3, 129.0, "0/6", ""),
        ("2020-01-01", NAME, "SCIENCE", "giscience", "failed", 1.2, 80.0, "", REASON),
    ),
)


def total(fitted):
    return 1 + sum(width + 3 for width in fitted.widths)


def test_a_wide_terminal_has_all_that_is_there():
    fitted = fit(NIGHT, 400)
    assert fitted.left_out == ()
    assert fitted.columns == NIGHT.columns


def test_on_80_columns_names_states_and_reasons_are_there():
    fitted = fit(NIGHT, 80)
    widths = dict(zip(fitted.columns, fitted.widths, strict=True))
    assert widths["AB"] == len(NAME)
    assert widths["state"] == len("successful")
    assert widths["reason"] >= 16
    assert "memory MB" in fitted.left_out
    assert total(fitted) <= 80


def test_what_the_title_says_of_all_rows_leaves_first():
    assert fit(NIGHT, 150).left_out[:1] in {(), ("night",)}
    assert fit(NIGHT, 110).left_out[0] == "night"


def test_when_a_call_began_is_told_in_one_line():
    runs = Table(
        "last runs of 2020-01-01",
        ("began", "verb", "pool", "state", "s", "did", "command"),
        (("2026-11-28 10:56:06+00:00", "run", "2020-01-01", "done", 66.29, "7 successful",
          "phoenix run -d 2020-01-01"),),
    )  # fmt: skip
    for width in range(60, 120):
        fitted = fit(runs, width)
        assert dict(zip(fitted.columns, fitted.widths, strict=True))["began"] == 25
        assert total(fitted) <= width


def test_a_column_with_nothing_in_it_is_not_shown_and_not_missed():
    table = Table("x", ("AB", "reason"), ((NAME, ""), (NAME, None)))
    fitted = fit(table, 80)
    assert (fitted.columns, fitted.left_out) == (("AB",), ())


def test_a_name_within_a_text_is_not_cut_either():
    table = Table("ABs", ("AB", "raw", "waits for"), ((NAME, 3, f"{NAME}, {NAME}"),))
    for width in range(60, 140):
        fitted = fit(table, width)
        widths = dict(zip(fitted.columns, fitted.widths, strict=True))
        assert widths.get("waits for", len(NAME) + 1) > len(NAME)


def test_a_table_without_rows_has_its_columns():
    assert fit(Table("x", ("AB", "reason"), ()), 80).columns == ("AB", "reason")


@given(st.integers(20, 300))
def test_nothing_is_wider_than_the_terminal_and_names_are_whole_where_they_can_be(width):
    fitted = fit(NIGHT, width)
    assert total(fitted) <= max(width, 20)
    widths = dict(zip(fitted.columns, fitted.widths, strict=True))
    if width >= 60:
        assert widths["AB"] == len(NAME)
        assert widths["state"] == len("successful")
    assert {*fitted.columns, *fitted.left_out} == {*NIGHT.columns}
    assert WHOLE.isdisjoint(fitted.left_out)


def test_reasons_without_room_are_told_below_and_those_of_a_blocked_ab_by_whom():
    table = Table(
        "night",
        ("AB", "state", "verdict", "reason"),
        (
            ("a.ab", "successful", "auto", ""),
            ("b.ab", "gated", "", REASON),
            ("c.ab", "blocked", "", f"b.ab (gated: {REASON})"),
        ),
    )
    assert told_below(table, ("verdict",)) == ()
    gated, blocked = told_below(table, ("verdict", "reason"))
    assert gated.startswith("b.ab gated: giscience ended with exit code 1")
    assert blocked == "c.ab blocked: b.ab"


def test_a_reason_that_says_the_state_too_does_not_say_it_twice():
    table = Table("night", ("AB", "state", "reason"), (("c.ab", "blocked", "blocked by b.ab"),))
    assert told_below(table, ("reason",)) == ("c.ab blocked by b.ab",)


def test_the_title_of_a_narrow_table_stays_in_one_line(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "60")
    _rich(Table("2020-01-01 into the Phase 3 archive", ("AB", "files"), ()))
    assert "2020-01-01 into the Phase 3 archive\n" in capsys.readouterr().out


def test_calls_without_room_are_told_by_their_verb():
    began, did = "2020-01-02 10:28:10+00:00", "17 successful, 3 blocked, 1 gated"
    columns = ("began", "verb", "pool", "state", "s", "did", "command")
    rows = (
        (began, "certify", "", "done", 0.1, "", f"phoenix certify {NAME} --reject"),
        (began, "run", "2020-01", "wrong", 9.1, did, "phoenix run -m 2020-01"),
    )
    assert "verb" in fit(Table("last runs", columns, rows), 80).columns


def test_what_was_made_with_a_rejected_ab_is_a_row_an_ab_however_many_idps_it_has():
    rows = (("a.ab", "1.fits"), ("a.ab", "2.fits"), ("b.ab", ""))
    counted = _counted(Table("made with x.ab: 2 ABs", ("AB", "IDP in the archive"), rows))
    assert counted.rows == (("a.ab", 2), ("b.ab", 0))
