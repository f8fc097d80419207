"""Hidden files: used by no rule, until they are shown again; by verb and from Python."""

from __future__ import annotations

import datetime as dt
import json
import shutil

import pytest
from astropy.io import fits
from nightwork import ALL, ARC, BIAS, DARK, DATE, FIRST, FLAT, make_workspace, without_pixels

from phoenix.cli import run as phoenix
from phoenix.errors import DataError
from phoenix.formats.fits.headers import read_header
from phoenix.line.bad_data import take_up_hides
from phoenix.line.production import ProductionLine
from phoenix.model.plain import LONGEST
from phoenix.model.report import JobState

THIRD_BIAS = "GIRAF.2020-01-02T10:07:55.473"
BIASES = (
    *("GIRAF.2020-01-02T10:06:20.003", "GIRAF.2020-01-02T10:07:07.738", THIRD_BIAS),
    *("GIRAF.2020-01-02T10:08:43.208", "GIRAF.2020-01-02T10:09:30.943"),
)
NOON = dt.datetime(2020, 2, 1, 12, tzinfo=dt.UTC)
WHY = "hidden by me on 2020-02-01: saturated"


@pytest.fixture(scope="module")
def headers(raw_night, tmp_path_factory):
    """The night without its pixels: static tables, headers, historical ABs."""
    folder = tmp_path_factory.mktemp("headers")
    return without_pixels(raw_night, folder, "calib", "giraffe")


@pytest.fixture
def line(night, tmp_path):
    with ProductionLine(make_workspace(tmp_path / "work", night), clock=lambda: NOON) as line:
        yield line


def hide(line, *files, why="saturated", **options):
    return line.hide(*files, why=why, by="me", **options)


def raws(line, name=BIAS):
    blocks = {str(ab.name): ab for ab in line.create(DATE).blocks}
    return [raw.name.removesuffix(".fits") for raw in blocks[name].raw_files]


def refused(line):
    return line.prepare(DATE, dry=True).refused


# ---- created ABs -------------------------------------------------------------------------------


def test_a_created_ab_goes_without_a_hidden_file_and_tells_it_everywhere(line):
    assert hide(line, THIRD_BIAS) == (THIRD_BIAS,)
    prepared = line.create(DATE)
    (bias, *_) = prepared.blocks
    assert [raw.name.removesuffix(".fits") for raw in bias.raw_files] == [
        name for name in BIASES if name != THIRD_BIAS
    ]
    told = f"{BIAS}: goes without 1 of 5 files: {THIRD_BIAS}.fits {WHY}"
    assert told in prepared.diagnostics
    assert f"left out: {THIRD_BIAS}.fits {WHY}" in line.explain(BIAS).text()
    text = (line.workspace.folder("ab", DATE) / BIAS).read_text("utf-8")
    assert f"{THIRD_BIAS}.fits is left out: {WHY}" in text


def test_a_file_that_is_shown_again_is_used_again(line):
    hide(line, THIRD_BIAS)
    assert THIRD_BIAS not in raws(line)
    assert line.unhide(f"{THIRD_BIAS}.fits", why="it was another", by="you") == (THIRD_BIAS,)
    assert raws(line) == list(BIASES)


def test_an_ab_that_loses_all_its_files_is_not_made_and_its_children_say_why(line):
    hide(line, *BIASES)
    prepared = line.create(DATE)
    assert not prepared.blocks
    assert any(
        text.startswith(f"{BIAS}: is not made: {BIASES[0]}") for text in prepared.diagnostics
    )
    assert "incomplete: MASTER_BIAS: found 0" in prepared.refused[FIRST]


def test_masters_made_of_a_hidden_file_are_not_associated_nor_what_was_made_of_them(line, night):
    folder = night / "calib" / "2019-12-31"
    folder.mkdir()
    # Made elsewhere: nothing but their headers tell of what.
    bias = ("GI_MBIA_a.fits", "MASTER_BIAS", {"RAW2": f"{THIRD_BIAS}.fits"})
    dark = ("GI_MDRK_a.fits", "MASTER_DARK", {"RAW1": "GIRAF.1.fits", "CAL1": "GI_MBIA_a.fits"})
    flat = ("GI_MFFF_a.fits", "FF_EXTSPECTRA", {"CAL1": f"r.{THIRD_BIAS}_tpl_0000.fits"})
    good = ("GI_MGOOD_a.fits", "MASTER_BIAS", {"RAW1": f"{BIASES[1]}.fits"})
    for name, category, sources in (bias, dark, flat, good):
        header = fits.Header({"MJD-OBS": 58849.4, "HIERARCH ESO PRO CATG": category})
        for source, value in sources.items():
            header[f"HIERARCH ESO PRO REC1 {source} NAME"] = value
        fits.PrimaryHDU(header=header).writeto(folder / name)
    hide(line, THIRD_BIAS)
    told = "\n".join(line.create(DATE).diagnostics)
    made = f"not associated: made of {THIRD_BIAS}, {WHY}"
    assert f"GI_MBIA_a.fits, GI_MFFF_a.fits: {made}" in told
    assert f"GI_MDRK_a.fits: not associated: made of GI_MBIA_a, made of {THIRD_BIAS}" in told
    assert "GI_MGOOD" not in told


def test_an_ab_that_lost_files_and_is_not_made_because_others_serve_is_told(line, night):
    raw = next((night / "raw").rglob(f"{BIASES[0]}*"))
    folder = night / "calib" / "2019-12-31"
    folder.mkdir()
    for category in ("MASTER_BIAS", "BAD_PIXEL_MAP"):
        header = fits.Header({"HIERARCH ESO PRO CATG": category, "MJD-OBS": 58849.4})
        for name, value in read_header(raw).items():
            if name.startswith(("ESO DET", "INSTR")):
                header[f"HIERARCH {name}"] = value
        fits.PrimaryHDU(header=header).writeto(folder / f"GI_{category}.fits")
    hide(line, THIRD_BIAS)
    made = line.create(DATE)
    assert BIAS not in [str(ab.name) for ab in made.blocks]
    told = "is not made: other masters serve what would need it; `phoenix create-ab -d"
    assert [text for text in made.diagnostics if text.startswith(f"{BIAS}: {told} {DATE} -X`")]
    assert f"left out: {THIRD_BIAS}.fits {WHY}" in line.explain(BIAS).text()
    made = line.create(DATE, masters=True)
    assert BIAS in [str(ab.name) for ab in made.blocks]
    assert not [text for text in made.diagnostics if "is not made" in text]


def test_an_ab_that_was_created_before_is_refused_with_what_waits_for_it(line):
    line.create(DATE)
    hide(line, THIRD_BIAS)
    found = refused(line)
    assert found[BIAS] == (
        f"{THIRD_BIAS}.fits is {WHY}; make the ABs again with `phoenix create-ab -d {DATE}`"
    )
    assert found[FIRST] == f"waits for {BIAS}, which cannot be run"
    assert not line.prepare(DATE, dry=True).blocks
    line.create(DATE)
    assert not refused(line)


def test_a_pool_of_hidden_files_alone_says_so(line):
    names = [row.arcfile for row in _indexed(line, "raw")]
    hide(line, *names)
    with pytest.raises(DataError, match="files that must not be used, and no other raw file"):
        line.create(DATE)


def _indexed(line, kind):
    line.index()
    return line.store.frames.rows(kinds=[kind])


# ---- historical ABs ----------------------------------------------------------------------------


def test_a_historical_ab_with_a_hidden_file_is_refused_and_not_run_in_silence(line):
    assert len(line.prepare(DATE, dry=True).blocks) == len(ALL)
    hide(line, THIRD_BIAS)
    prepared = line.prepare(DATE, dry=True)
    assert prepared.refused[BIAS] == (
        f"{THIRD_BIAS}.fits is {WHY}; make the ABs by rules (`phoenix create-ab -d {DATE}`)"
    )
    assert BIAS in prepared.refused[FIRST]
    line.unhide(THIRD_BIAS, why="fine", by="me")
    assert len(line.prepare(DATE, dry=True).blocks) == len(ALL)


def test_a_historical_ab_of_a_hidden_static_table_is_refused(line):
    hide(line, "GI_GLIN_030401A_TAL.fits")
    assert "GI_GLIN_030401A_TAL.fits is hidden" in refused(line)[ARC]
    assert BIAS not in refused(line)


def test_a_historical_ab_goes_without_a_companion_that_no_recipe_reads(line):
    before = {str(ab.name): ab for ab in line.prepare(DATE, dry=True).blocks}[FIRST]
    if not before.associated_raws:
        blocks = {str(ab.name): ab for ab in line.create(DATE).blocks}
        companion = blocks[FIRST].associated_raws[0]
        line.forget(DATE)
        path = next(line.workspace.root.parent.glob(f"night/giraffe/logs/{DATE}/{FIRST}"))
        path.write_text(f"{path.read_text('utf-8')}\nRASSOC {companion}\n", "utf-8")
        before = {str(ab.name): ab for ab in line.prepare(DATE, dry=True).blocks}[FIRST]
    (companion,) = before.associated_raws
    hide(line, companion.name)
    after = {str(ab.name): ab for ab in line.prepare(DATE, dry=True).blocks}[FIRST]
    assert after.associated_raws == ()
    assert any(f"{companion.name} is {WHY}" in edit.why for edit in after.edits)


def test_to_look_makes_no_database(line):
    line.prepare(DATE, dry=True)
    assert not line.hidden().rows
    assert not (line.workspace.root / "phoenix.db").exists()


# ---- which file --------------------------------------------------------------------------------


def test_a_file_is_meant_by_its_name_its_path_or_its_arcfile(line, night, tmp_path):
    path = next((night / "raw").glob(f"{THIRD_BIAS}*"))
    odd = path.rename(path.with_name("bias3.hdr"))
    for text in (THIRD_BIAS, f"{THIRD_BIAS}.fits.Z", str(odd)):
        assert hide(line, text) == (THIRD_BIAS,)
        line.unhide(text, why="again", by="me")
    copy = shutil.copy(odd, tmp_path / "elsewhere.hdr")
    assert hide(line, str(copy)) == (THIRD_BIAS,)


def test_a_file_that_has_come_since_the_index_is_found(line, night):
    path = next((night / "raw").glob(f"{THIRD_BIAS}*"))
    away = path.rename(night / path.name)
    line.index()
    away.rename(path)
    assert hide(line, THIRD_BIAS) == (THIRD_BIAS,)


def test_an_unknown_file_is_refused_with_the_nearest_and_all_are_looked_at_first(line):
    with pytest.raises(DataError, match=rf"did you mean {THIRD_BIAS}\?\).*--in-advance"):
        hide(line, BIASES[0], f"{THIRD_BIAS[:-1]}4.fits")
    assert not line.hidden().rows


def test_a_file_that_has_not_come_yet_is_hidden_in_advance(line, night):
    path = next((night / "raw").glob(f"{THIRD_BIAS}*"))
    away = path.rename(night / path.name)
    assert hide(line, THIRD_BIAS, in_advance=True) == (THIRD_BIAS,)
    away.rename(path)
    assert THIRD_BIAS not in raws(line)


@pytest.mark.parametrize(
    "text",
    ["", "a b", "x" * 300, "../..", "GIRAF\x1b[31m.fits", "bad\0name", "'; DROP TABLE x", "a\0/b"],
)
def test_what_is_no_name_is_refused(line, text):
    with pytest.raises(DataError, match="expected a file like"):
        hide(line, text, in_advance=True)


@pytest.mark.parametrize("text", ["x" * 190, "a/" * 50_000 + THIRD_BIAS[:-1], "x" * 100_000])
@pytest.mark.parametrize("verb", ["hide", "unhide"])
def test_a_long_name_is_told_in_few_words(verb, text, line):
    with pytest.raises(DataError) as error:
        getattr(line, verb)(text, why="saturated", by="me")
    assert len(str(error.value)) < 400


@pytest.mark.parametrize(
    ("why", "by", "told"),
    [
        (" \n", "me", "--why: found nothing"),
        ("x" * (LONGEST + 1), "me", "expected at most 10000"),
        ("w", " ", "--by: found 0 characters"),
        ("w", "x" * 65, "--by: found 65 characters"),
    ],
)
def test_who_and_why_must_be_told(line, why, by, told):
    with pytest.raises(DataError, match=told):
        line.hide(THIRD_BIAS, why=why, by=by)
    with pytest.raises(DataError, match=told):
        line.unhide(THIRD_BIAS, why=why, by=by)


def test_a_reason_is_one_plain_line(line):
    hide(line, THIRD_BIAS, why="<b>bad</b>\n\x1b[31mred")
    assert [row["why"] for row in line.hidden().records()] == ["<b>bad</b> \\x1b[31mred"]


def test_what_is_not_hidden_cannot_be_shown_again(line):
    hide(line, THIRD_BIAS)
    with pytest.raises(DataError, match=rf"no such hidden file.*did you mean {THIRD_BIAS}"):
        line.unhide(f"{THIRD_BIAS[:-1]}4", why="w", by="me")


def test_all_that_was_said_is_kept(line):
    hide(line, THIRD_BIAS)
    hide(line, THIRD_BIAS)
    line.unhide(THIRD_BIAS, why="fine", by="you")
    assert not line.hidden().rows
    assert [
        (row["what"], row["by"], row["why"]) for row in line.hidden(history=True).records()
    ] == [
        ("hidden", "me", "saturated"),
        ("shown again", "you", "fine"),
    ]


# ---- the database is lost ----------------------------------------------------------------------


def lose_the_database(line):
    line.close()
    for path in line.workspace.root.glob("phoenix.db*"):
        path.unlink()


def test_what_was_hidden_outlives_the_database(line):
    hide(line, *BIASES[:2])
    line.unhide(BIASES[0], why="fine", by="me")
    before = line.hidden(history=True).records()
    lose_the_database(line)
    assert line.hidden(history=True).records() == before
    assert not (line.workspace.root / "phoenix.db").exists()
    assert BIASES[1] not in raws(line)
    take_up_hides(line._context)
    assert [row.name for row in line.store.hidden.history()] == [*BIASES[:2], BIASES[0]]


def test_who_hides_after_a_loss_takes_nothing_away(line):
    hide(line, BIASES[0])
    lose_the_database(line)
    hide(line, BIASES[1])
    assert [row["file"] for row in line.hidden().records()] == [*BIASES[:2]]


@pytest.mark.parametrize("content", [b"", b"[{", b'[{"name": 1}]', b"{}", b"\xff"])
def test_a_damaged_list_is_written_again_by_what_the_database_has(content, line):
    hide(line, BIASES[0])
    kept = line.workspace.folder("listings") / "hidden.json"
    before = kept.read_text()
    kept.write_bytes(content)
    assert [row["file"] for row in line.hidden().records()] == [BIASES[0]]
    take_up_hides(line._context)
    assert kept.read_text() == before


def test_a_damaged_list_of_a_lost_database_is_told_before_a_hidden_file_comes_back(line):
    hide(line, BIASES[0])
    lose_the_database(line)
    (line.workspace.folder("listings") / "hidden.json").write_text("")
    with pytest.raises(DataError, match=r"hidden\.json: found no list .* from a backup"):
        line.create(DATE)


# ---- verbs -------------------------------------------------------------------------------------


def test_by_verb(line, capsys, monkeypatch):
    folder = str(line.workspace.root)
    monkeypatch.setenv("USER", "qc")
    assert phoenix(["hide", "-w", folder, THIRD_BIAS, "--why", "saturated"]) == 0
    assert f"{THIRD_BIAS}: hidden" in capsys.readouterr().out
    assert phoenix(["hidden", "-w", folder, "--json"]) == 0
    (row,) = json.loads(capsys.readouterr().out)
    assert (row["file"], row["by"], row["why"]) == (THIRD_BIAS, "qc", "saturated")
    assert phoenix(["unhide", "-w", folder, THIRD_BIAS, "--why", "fine", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == [{"file": THIRD_BIAS, "state": "shown again"}]
    assert phoenix(["hidden", "-w", folder]) == 0
    assert "hidden files: 0" in capsys.readouterr().out


@pytest.mark.parametrize("verb", ["hide", "unhide"])
def test_without_a_user_the_verb_asks_who_and_leaves_with_2(verb, line, capsys, monkeypatch):
    monkeypatch.delenv("USER", raising=False)
    words = [verb, "-w", str(line.workspace.root), THIRD_BIAS, "--why", "w"]
    assert phoenix(words) == 2
    assert "--by: found nobody" in capsys.readouterr().err


def test_an_unknown_file_leaves_with_2(line, capsys):
    words = ["hide", "-w", str(line.workspace.root), "GIRAF.x", "--why", "w", "--by", "me"]
    assert phoenix(words) == 2
    assert "found no such file in the header pool" in capsys.readouterr().err


# ---- after a run -------------------------------------------------------------------------------


@pytest.mark.recipes
def test_what_was_made_with_a_hidden_file_is_told_and_not_run_again(processed, copy_of, capsys):
    folder = copy_of(processed)
    with ProductionLine(folder) as line:
        hide(line, THIRD_BIAS)
        names = [row[0] for row in line.used_by(THIRD_BIAS).rows]
        assert names[0] == BIAS
        assert {*names} >= {BIAS, FLAT, ARC, FIRST}
        (report,) = line.run(DATE)
        assert report.results[BIAS].state is JobState.FAILED
        assert THIRD_BIAS in report.results[BIAS].reason
        assert not report.moved
    assert phoenix(["hide", "-w", str(folder), BIASES[0], "--why", "w", "--by", "me"]) == 0
    assert "Make the ABs again" in capsys.readouterr().out


@pytest.mark.recipes
def test_a_night_goes_through_the_recipes_without_a_hidden_bias(raw_night, tmp_path):
    with ProductionLine(make_workspace(tmp_path / "w", raw_night)) as line:
        hide(line, THIRD_BIAS)
        prepared = line.create(DATE, (BIAS, DARK), mode="CALIB")
        (report,) = line.run(DATE, prepared=prepared)
        assert report.wrong == 0
        (master,) = (line.workspace.root / "calib" / DATE).glob("GI_MBIA*")
        header = fits.getheader(master)
    names = [header[key] for key in header if key.endswith("NAME") and "RAW" in key]
    assert len(names) == 4
    assert f"{THIRD_BIAS}.fits" not in names
