"""Persons comment on ABs: kept, bounded, harmless, and shown on the pages."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nightwork import DATE, FIRST, SECOND

from phoenix.cli import run as phoenix
from phoenix.errors import DataError
from phoenix.line.production import ProductionLine
from phoenix.model.plain import LONGEST, one_line


@given(st.text())
def test_what_is_printed_is_one_line_without_control_characters(text):
    line = one_line(text)
    assert len(line.splitlines()) <= 1
    assert not any(ord(c) < 32 or 127 <= ord(c) < 160 for c in line)
    assert one_line(line) == line


@pytest.fixture
def line(processed, copy_of):
    with ProductionLine(copy_of(processed)) as line:
        yield line


def texts(line, name=FIRST):
    rows = line.comments(name).records()
    return [row["comment"] for row in rows if row["kind"] == "person"]


@pytest.mark.recipes
def test_comments_are_kept_in_order_and_stand_on_the_pages(line):
    line.comment(FIRST.removesuffix(".ab"), text="moon near", by="me")
    line.comment(FIRST, SECOND, text="<b>sky</b> high", by="you")
    assert texts(line) == ["moon near", "<b>sky</b> high"]
    assert texts(line, SECOND) == ["<b>sky</b> high"]
    folder = line.workspace.root / "monitor" / "nights" / DATE
    page = (folder / f"{FIRST.removesuffix('.ab')}.html").read_text(encoding="utf-8")
    assert 'moon near <span class="faint">(me, ' in page
    assert "<b>sky" not in page
    assert "&lt;b&gt;sky" in page


@pytest.mark.recipes
@pytest.mark.parametrize("text", [" \n", "x" * (LONGEST + 1)])
def test_nothing_and_too_much_are_refused(text, line):
    with pytest.raises(DataError, match="comment: found"):
        line.comment(FIRST, text=text, by="me")
    assert texts(line) == []


@pytest.mark.recipes
def test_one_unknown_ab_and_no_comment_is_kept(line):
    with pytest.raises(DataError, match="no such AB"):
        line.comment(FIRST, "GIRAF.2020-01-02T00:00:00.000.ab", text="fog", by="me")
    assert texts(line) == []


@pytest.mark.recipes
def test_a_verdict_with_a_comment_that_is_too_long_is_refused(line):
    with pytest.raises(DataError, match="comment: found"):
        line.give_verdict(FIRST, reject=True, comment="x" * (LONGEST + 1), by="me")


@pytest.mark.recipes
def test_a_verdict_with_an_escape_sequence_commands_no_terminal(line):
    verdict = line.give_verdict(FIRST, reject=True, comment="\x1b[31mred\nnext", by="me\x07")
    assert (verdict.comment, verdict.by) == ("\\x1b[31mred next", "me\\x07")


@pytest.mark.recipes
def test_the_verb_keeps_and_shows(line, capsys):
    words = ["comment", "-w", str(line.workspace.root), FIRST]
    assert phoenix([*words, "moon near", "--by", "me"]) == 0
    assert phoenix(words) == 0
    assert capsys.readouterr().out.count("moon near") == 2
    assert phoenix([*words, "moon near", "--by", ""]) == 2
    assert "expected who comments" in " ".join(capsys.readouterr().err.split())


@pytest.mark.recipes
def test_who_overturns_what_another_person_said_is_told(line, caplog):
    line.give_verdict(FIRST, reject=True, comment="ghost", by="ann")
    assert not caplog.messages
    line.give_verdict(FIRST, reject=True, comment="ghost, indeed", by="bob")
    assert not caplog.messages
    line.give_verdict(FIRST, reject=False, comment="", by="ann")
    (told,) = caplog.messages
    assert told.startswith(f"{FIRST}: bob said rejected at 20")
    assert told.endswith("(ghost, indeed); now ann says ok")


@pytest.mark.recipes
def test_warnings_of_the_recipe_stand_beside_what_persons_say(line):
    line.comment(FIRST, text="moon near", by="me")
    rows = line.comments(FIRST).records()
    assert {row["kind"] for row in rows} >= {"log", "person"}
    assert all(row["by"] == "" for row in rows if row["kind"] == "log")
