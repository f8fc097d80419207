"""Header overlays: what the rules see in place of a wrong keyword; raw files stay as they are."""

from __future__ import annotations

import pytest
from nightwork import BIAS, DATE, FIRST, make_workspace, snapshot

from phoenix.cli import run as phoenix
from phoenix.errors import DataError
from phoenix.line.production import ProductionLine

LAST_BIAS = "GIRAF.2020-01-02T10:09:30.943"
ARC = "GIRAF.2020-01-02T12:18:20.186"
TITLE = "ARCFILE,keyword,value,why\n"


@pytest.fixture
def line(night, tmp_path):
    folder = make_workspace(tmp_path / "work", night)
    settings = folder / "phoenix.toml"
    text = settings.read_text("utf-8")
    assert 'overlays = ""' in text
    settings.write_text(text.replace('overlays = ""', 'overlays = "overlays.csv"'), "utf-8")
    (folder / "overlays.csv").write_text(TITLE)
    with ProductionLine(folder) as line:
        yield line


def overlay(line, *rows):
    text = TITLE + "".join(f"{row}\n" for row in rows)
    (line.workspace.root / "overlays.csv").write_text(text, "utf-8")


def header_of(line, name=LAST_BIAS):
    (row,) = [row for row in line.store.frames.rows() if row.arcfile.startswith(name)]
    return row.header


def test_a_changed_overlay_takes_effect_at_once_and_only_its_files_are_read_again(line):
    line.index()
    assert header_of(line)["ESO DPR TYPE"] == "BIAS"
    overlay(line, f"{LAST_BIAS},DPR.TYPE,JUNK,test frame")
    report = line.index()
    assert (report.read, report.overlaid) == (1, 1)
    assert header_of(line)["ESO DPR TYPE"] == "JUNK"
    assert line.index().read == 0
    overlay(line, f"{LAST_BIAS},DPR.TYPE,OTHER,test frame")
    assert line.index().read == 1
    overlay(line)
    assert line.index().read == 1
    assert header_of(line)["ESO DPR TYPE"] == "BIAS"


def test_raw_files_are_never_touched(line, night):
    before = snapshot(night)
    overlay(line, f"{LAST_BIAS},DPR.TYPE,JUNK,test frame")
    line.create(DATE)
    assert snapshot(night) == before


def test_the_ab_its_log_and_its_explanation_say_what_was_overlaid_and_why(line):
    overlay(line, f"{BIAS.removesuffix('_tpl.ab')},OBS.ID,4711,typed <b>by</b> hand")
    block = next(ab for ab in line.create(DATE).blocks if str(ab.name) == BIAS)
    told = "ESO OBS ID is 4711 in place of "
    assert block.obs_id == 4711
    assert any(told in edit.why and "typed <b>by</b> hand" in edit.why for edit in block.edits)
    assert f"overlaid: {BIAS.removesuffix('_tpl.ab')}.fits: {told}" in line.explain(BIAS).text()
    assert told in (line.workspace.folder("ab", DATE) / BIAS).with_suffix(".alog").read_text()


def test_an_overlay_decides_what_is_associated_and_candidates_tell_it(line):
    whole = next(ab for ab in line.create(DATE).blocks if str(ab.name) == FIRST)
    assert any(one.pro_catg == "DISPERSION_SOLUTION" for one in whole.calibrations)
    overlay(line, f"{ARC},INS.EXP.MODE,H525.8nm,the grating was another")
    prepared = line.create(DATE)
    assert "DISPERSION_SOLUTION: found 0" in prepared.refused[FIRST]


def test_a_file_that_could_not_be_used_is_mended_by_an_overlay(line, night):
    path = next((night / "raw").glob(f"{LAST_BIAS}*"))
    lines = path.read_text("latin-1").splitlines()
    mjd = next(row for row in lines if row.startswith("MJD-OBS"))
    path.write_text("\n".join(row for row in lines if row != mjd) + "\n", "latin-1")
    assert [row.path for row in line.index().faulty] == [str(path)]
    value = mjd.partition("=")[2].partition("/")[0].strip()
    overlay(line, f"{LAST_BIAS},MJD-OBS,{value},it was lost")
    assert not line.index().faulty
    assert str(next(row for row in line.create(DATE).blocks).date) == DATE


def test_an_overlay_of_a_file_that_is_not_here_is_no_error(line):
    overlay(line, "GIRAF.2031-01-01T00:00:00.000,DPR.TYPE,BIAS,to come")
    report = line.index()
    assert (report.overlaid, report.overlaid_elsewhere) == (0, 1)
    assert "1 to be when they come" in report.table().title
    assert not report.table().rows


def test_a_table_that_is_wrong_stops_before_anything_is_made(line, capsys):
    overlay(line, f"{LAST_BIAS},DPR.TYPE")
    for do in (line.index, lambda: line.create(DATE)):
        with pytest.raises(DataError, match=r"overlays\.csv, line 2: found 2 cells"):
            do()
    assert not line.workspace.folder("ab", DATE).exists()
    assert phoenix(["pool", "index", "-w", str(line.workspace.root)]) == 2
    assert "is the file cut" in capsys.readouterr().err
