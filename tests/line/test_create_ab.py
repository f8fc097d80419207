"""Association Blocks made from raw files alone."""

from __future__ import annotations

import gzip
import json
import shutil
from pathlib import Path

import pytest
from astropy.io import fits
from nightwork import DATE, FIRST, SECOND, make_workspace, snapshot

from phoenix.errors import BusyError, CascadeError, DataError, RuleSyntaxError, SettingsError
from phoenix.formats.abfile import read_ab
from phoenix.line.night.created_blocks import other_candidates
from phoenix.line.night.hold import hold_night
from phoenix.line.production import ProductionLine
from phoenix.line.rulebook import shipped_rules
from phoenix.line.workspace import create_workspace
from phoenix.model.dates import CivilDate, nights_of
from phoenix.model.workspace import Workspace
from phoenix.steps.prepare import AB_LIST

NIGHT = CivilDate.parse(DATE)
SCIENCE = "GIRAF.2020-01-02T01:12:20.596.ab"
BIAS = "GIRAF.2020-01-02T10:06:20.003_tpl.ab"
FLAT = "GIRAF.2020-01-02T12:06:20.935_tpl.ab"
ARC = "GIRAF.2020-01-02T12:18:20.186.ab"


@pytest.fixture
def line(night, tmp_path):
    with ProductionLine(make_workspace(tmp_path / "work", night)) as line:
        yield line


def header_files(night):
    return sorted((night / "raw").glob("*.hdr"))


def of_type(night, kind):
    return [path for path in header_files(night) if f"'{kind}" in path.read_text("latin-1")]


def with_rules(line, text, name="own.oca", validity="to"):
    path = line.workspace.root / name
    path.write_text(text)
    settings = line.workspace.root / "phoenix.toml"
    toml = settings.read_text("utf-8")
    settings.write_text(f'{toml}\n[rules.files]\n"{name}" = "{validity}"\n', "utf-8")
    return ProductionLine(line.workspace.root)


# ---- what is made ------------------------------------------------------------------------------


def test_a_night_of_raw_files_becomes_the_abs_that_its_science_needs(line):
    prepared = line.create(DATE)
    assert [ab.raw_type for ab in prepared.blocks] == [
        *("BIAS", "DARK", "FIBER_FLAT", "ARC_SPECTRUM"),
        *("SCIENCE",) * 3,
    ]
    assert not prepared.refused


def test_created_abs_differ_from_the_historical_ones_where_the_shipped_rules_do(
    raw_night, tmp_path
):
    with ProductionLine(make_workspace(tmp_path / "w", raw_night)) as line:
        table = line.verify(DATE)
    assert {row[1:] for row in table.rows} == {
        # The rules also take the dark and the bad pixels; history did not.
        ("parents", "GIRAF.2020-01-02T10:24:20.389_tpl.ab", ""),
        ("MASTER_DARK", "r.GIRAF.2020-01-02T10:24:20.389_tpl_0000.fits", ""),
        ("BAD_PIXEL_MAP", "r.GIRAF.2020-01-02T10:06:20.003_tpl_0001.fits", ""),
        # One historical AB asked for what is the default today.
        ("parameters", "", "--extr-method=SUM"),
    }


def test_what_sees_no_light_has_a_setup_without_slit(line):
    keys = {ab.raw_type: [key for key, _ in ab.setup] for ab in line.create(DATE).blocks}
    detector = ["DET.CHIP1.ID", "DET.WIN1.NY", "DET.READ.CLOCK"]
    assert keys["BIAS"] == keys["DARK"] == detector
    assert keys["FIBER_FLAT"] == ["INS.SLIT.NAME", "INS.EXP.MODE", *detector]


def test_creating_twice_writes_the_same_bytes(line):
    line.create(DATE)
    folder = line.workspace.folder("ab", DATE)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    line.create(DATE)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_created_abs_are_edited_like_historical_ones(line):
    blocks = {str(ab.name): ab for ab in line.create(DATE).blocks}
    assert dict(blocks[FLAT].setup)["DET.WIN1.NY"] == "2112"
    assert "--bsremove-areas=5:40:0:2111" in map(str, blocks[FLAT].parameters)
    assert "--psf-binsize=48" in map(str, blocks[FLAT].parameters)


def test_science_takes_the_fitted_aperture_and_the_attached_simcal_arc(line):
    block = next(ab for ab in line.create(DATE).blocks if str(ab.name) == SCIENCE)
    tags = {one.pro_catg for one in block.calibrations}
    assert {"FF_PSFCENTROID", "FF_PSFWIDTH", "FF_EXTERRORS"} <= tags
    assert not {"FF_LOCCENTROID", "FF_LOCWIDTH", "LINE_MASK"} & tags
    assert [raw.tag for raw in block.associated_raws] == ["SIMCAL_ARC"]


def test_beside_each_ab_lie_its_association_log_and_its_explanation(line):
    prepared = line.create(DATE)
    folder = line.workspace.folder("ab", DATE)
    for ab in prepared.blocks:
        assert read_ab(folder / str(ab.name)) == ab
        assert (folder / f"{ab.root}.alog").read_text().startswith(f"{ab.name} COMPLETE")
        assert (folder / f"{ab.root}.why.json").is_file()
    listed = (folder / AB_LIST).read_text().splitlines()
    assert listed == [str(ab.name) for ab in prepared.blocks]


def test_only_some_abs_and_what_they_need(line):
    assert [str(ab.name) for ab in line.create(DATE, (FLAT,), mode="CALIB").blocks][-1] == FLAT
    assert len(line.create(DATE, (BIAS,), mode="CALIB").blocks) == 1


def test_calibrations_alone(line):
    blocks = line.create(DATE, mode="CALIB").blocks
    assert {ab.raw_type for ab in blocks} == {"BIAS", "DARK", "FIBER_FLAT", "ARC_SPECTRUM"}


def test_a_dry_creation_writes_no_ab(line):
    line.create(DATE, dry=True)
    assert not line.workspace.folder("ab", DATE).exists()


def test_what_was_created_is_what_is_shown_and_run_later(line):
    created = line.create(DATE)
    assert line.prepare(DATE, dry=True).blocks == created.blocks
    before, after = line.block(FLAT)
    assert after == next(ab for ab in created.blocks if str(ab.name) == FLAT)
    assert before != after
    assert not before.edits


def test_a_forgotten_night_has_the_abs_of_the_repository_again(raw_night, tmp_path):
    with ProductionLine(make_workspace(tmp_path / "work", raw_night)) as line:
        historical = line.prepare(DATE, dry=True).blocks
        created = line.create(DATE).blocks
        assert line.forget(DATE) == (NIGHT,)
        assert line.prepare(DATE, dry=True).blocks == historical != created
        assert line.forget(DATE) == ()


def test_one_night_of_a_created_pool_may_be_forgotten(line):
    line.create(f"{DATE}..2020-01-02", mode="CALIB")
    line.forget(DATE)
    (pool,) = line.prepare(f"{DATE}..2020-01-02", dry=True).nights
    assert pool.nights == (NIGHT.plus(1),)
    with pytest.raises(DataError, match="found no ABs"):
        line.prepare(DATE, dry=True)


def test_a_held_night_forgets_nothing(line):
    created = line.create(DATE).blocks
    with hold_night(line, NIGHT), pytest.raises(BusyError):
        line.forget(DATE)
    assert line.prepare(DATE, dry=True).blocks == created


def test_a_held_night_gets_no_abs(line):
    with hold_night(line, NIGHT), pytest.raises(BusyError):
        line.create(DATE)


def test_an_incomplete_ab_is_refused_and_says_what_it_lacks(night, line):
    for path in of_type(night, "LAMP,WAVE"):
        path.unlink()
    prepared = line.create(DATE)
    assert not prepared.blocks
    assert set(prepared.refused.values()) == {
        "incomplete: DISPERSION_SOLUTION: found 0, expected at least 1"
    }


def test_calibrations_of_a_neighbouring_night_serve_one_that_has_none(night, line):
    for path in of_type(night, "LAMP,WAVE"):
        text = path.read_text("latin-1")
        path.unlink()
        moved = text.replace("2020-01-02T12:18:20.186", "2020-01-05T12:18:20.186")
        lines = [
            "MJD-OBS =       58853.51273363" if row.startswith("MJD-OBS") else row
            for row in moved.splitlines()
        ]
        (path.parent / "GIRAF.2020-01-05T12:18:20.186.hdr").write_text("\n".join(lines) + "\n")
    arc = next(ab for ab in line.create(DATE).blocks if ab.raw_type == "ARC_SPECTRUM")
    assert str(arc.date) == "2020-01-04"


# ---- explain, verify ---------------------------------------------------------------------------


def test_an_ab_explains_itself(line):
    line.create(DATE)
    text = line.explain(SCIENCE, "MASTER_BIAS").text()
    assert "select" not in text.splitlines()[0]
    assert "* r.GIRAF.2020-01-02T10:06:20.003_tpl_0000.fits (virtual, 8.68 h later) rank 1" in text
    assert "the only candidate that passes" in text


def test_a_historical_ab_has_no_explanation(line):
    with pytest.raises(DataError, match=r"found no explanation .*phoenix create-ab -d 2020-01-01"):
        line.explain(SCIENCE)


def test_a_calibration_that_the_action_does_not_select_is_refused(line):
    line.create(DATE)
    with pytest.raises(DataError, match="selects no 'SKY', only: MASTER_BIAS"):
        line.explain(SCIENCE, "SKY")


def test_verifying_with_other_rules_shows_what_they_choose_otherwise(line, tmp_path):
    shipped = shipped_rules(line.instrument, line.process_row)
    path = tmp_path / "without_dark.oca"
    text = Path(shipped.name).read_text("latin-1")
    path.write_text(text.replace('DPR.TYPE like "%DARK%"', 'DPR.TYPE == "NO"'), "latin-1")
    table = line.verify(DATE, rules=[path], mode="CALIB")
    found = {(row[0], row[1]): row[2:] for row in table.rows}
    assert found["GIRAF.2020-01-02T10:24:20.389_tpl.ab", "AB"] == ("by gimasterdark", "")
    # Nor does a file of one's own have the plugin's changes: the flat lacks its first guess.
    assert found[FLAT, "AB"] == ("by gimasterflat", "")


# ---- the pool ----------------------------------------------------------------------------------


def test_indexing_again_reads_what_is_new_or_changed(night, line):
    first = line.index()
    assert (first.read, first.gone) == (first.files, 0)
    again = line.index()
    assert (again.files, again.read) == (first.files, 0)
    path = header_files(night)[0]
    path.write_text(path.read_text("latin-1") + "\n")
    header_files(night)[-1].unlink()
    changed = line.index()
    assert (changed.read, changed.gone) == (1, 1)


def test_a_broken_file_is_set_aside_and_tried_again_when_it_changes(night, line):
    path = night / "raw" / "GIRAF.2020-01-02T05:00:00.000.fits"
    path.write_text("<html>503</html>")
    report = line.index()
    assert [row.path for row in report.faulty] == [str(path.resolve())]
    assert "an HTML page" in report.faulty[0].fault
    assert len(line.create(DATE).blocks) == 7
    path.unlink()
    assert not line.index().faulty


def test_a_frame_without_mjd_obs_is_set_aside(night, line):
    path = of_type(night, "BIAS")[0]
    rows = [row for row in path.read_text("latin-1").splitlines() if "MJD-OBS" not in row]
    path.write_text("\n".join(rows) + "\n")
    (row,) = line.index().faulty
    assert "found no number as MJD-OBS" in row.fault
    bias = next(ab for ab in line.create(DATE).blocks if ab.raw_type == "BIAS")
    assert len(bias.raw_files) == 4


def test_two_files_of_one_arcfile_are_told_and_one_is_taken(night, line):
    path = of_type(night, "BIAS")[0]
    shutil.copy(path, path.with_name("copy.hdr"))
    ((arcfile, paths),) = line.index().duplicates
    assert arcfile == f"{path.stem}.fits"
    assert len(paths) == 2
    prepared = line.create(DATE)
    assert len(prepared.blocks[0].raw_files) == 5
    assert any(arcfile in text for text in prepared.diagnostics)


def test_an_arcfile_that_leads_elsewhere_is_set_aside(night, line):
    path = of_type(night, "BIAS")[0]
    text = path.read_text("latin-1").replace(f"'{path.stem}.fits'", "'../../etc/passwd.fits'")
    path.write_text(text)
    (row,) = line.index().faulty
    assert "found ARCFILE '../../etc/passwd.fits', expected one like" in row.fault


def test_files_of_any_folder_are_found_and_fetched_under_their_arcfile(raw_night, tmp_path):
    disk = tmp_path / "disk" / "somewhere"
    disk.mkdir(parents=True)
    shutil.copytree(raw_night / "calib", tmp_path / "statics" / "calib")
    for number, path in enumerate(sorted((raw_night / "raw").rglob("*.fits"))):
        if "T10:06" in path.name or "T10:07" in path.name or "T10:08" in path.name:
            with gzip.open(disk / f"exposure{number}.fits.gz", "wb", compresslevel=1) as packed:
                packed.write(path.read_bytes())
    folder = tmp_path / "w"
    create_workspace(folder, "GIRAFFE_MOS", (tmp_path / "disk", tmp_path / "statics"))
    with ProductionLine(folder) as line:
        prepared = line.create(DATE, (BIAS,), mode="CALIB")
        (report,) = line.run(DATE, prepared=prepared)
    assert report.wrong == 0


# ---- rules that cannot serve: nothing half-made ------------------------------------------------

BIAS_RULES = """
if DPR.TYPE == "BIAS" then { DO.CATG = "BIAS"; }
if DPR.TYPE == "DARK" then { DO.CATG = "DARK"; }
select execute(bias) from inputFiles where SIG.TEMPLATE == 1 and DO.CATG == "BIAS";
select execute(dark) from inputFiles where SIG.TEMPLATE == 1 and DO.CATG == "DARK";
"""
RING = """
action bias {
  minRet = 1; maxRet = 1;
  select file as MASTER_DARK from calibFiles where PRO.CATG == "MASTER_DARK";
  recipe gimasterbias;
}
action dark {
  minRet = 1; maxRet = 1;
  select file as MASTER_BIAS from calibFiles where PRO.CATG == "MASTER_BIAS";
  recipe gimasterdark;
}
"""


def nothing_is_made(line, error, match):
    before = snapshot(line.workspace.root / "ab")
    with line, pytest.raises(error, match=match):
        line.create(DATE)
    assert snapshot(line.workspace.root / "ab") == before


def test_actions_that_need_each_other_are_refused_by_name(line):
    nothing_is_made(with_rules(line, BIAS_RULES + RING), CascadeError, "bias.*dark")


def test_rules_that_match_nothing_are_refused(line):
    rules = BIAS_RULES.replace('DO.CATG == "', 'DO.CATG == "NO') + RING.replace("DARK", "X")
    nothing_is_made(with_rules(line, rules), DataError, "the rules make no AB of 17 files")


def test_an_action_that_is_not_there_is_told_and_the_rest_is_made(line):
    rules = BIAS_RULES + "action bias { recipe gimasterbias; }"
    with with_rules(line, rules) as own:
        prepared = own.create(DATE, mode="CALIB")
    assert [ab.raw_type for ab in prepared.blocks] == ["BIAS"]
    assert any("dark" in text for text in prepared.diagnostics)


def test_rules_that_cannot_be_read_are_refused_with_file_and_line(line):
    nothing_is_made(with_rules(line, "if DPR.TYPE = 3 then"), RuleSyntaxError, r"own\.oca.*line 1")


def test_a_rule_file_that_is_not_there_is_refused(line):
    own = with_rules(line, "")
    (line.workspace.root / "own.oca").unlink()
    nothing_is_made(own, SettingsError, r"own\.oca: found No such file")


def test_a_validity_that_cannot_be_read_is_refused(line):
    own = with_rules(line, BIAS_RULES, validity="since ever")
    nothing_is_made(own, SettingsError, r"own\.oca: found 'since ever', expected nights")


def test_a_night_that_no_rules_hold_for_is_refused(line):
    own = with_rules(
        line, BIAS_RULES + "action bias { recipe gimasterbias; }", validity="to 2008-03-31"
    )
    nothing_is_made(own, DataError, "no rules for the night 2020-01-01")


def test_a_night_without_raw_files_is_refused(line):
    with pytest.raises(DataError, match="2019-06-01: found no raw files"):
        line.create("2019-06-01")
    assert not list(line.workspace.folder("ab").iterdir())


def test_pools_are_nights_months_and_ranges():
    assert len(nights_of("2020-02")) == 29
    assert list(map(str, nights_of("2019-12-31..2020-01-01"))) == ["2019-12-31", "2020-01-01"]
    with pytest.raises(DataError, match="the first night before the last"):
        nights_of("2020-01-02..2020-01-01")


# ---- run ---------------------------------------------------------------------------------------


@pytest.mark.recipes
@pytest.mark.slow
def test_a_raw_folder_goes_in_and_idps_come_out(raw_night, tmp_path):
    folder = make_workspace(tmp_path / "w", raw_night)
    with ProductionLine(folder) as line:
        (report,) = line.run(DATE, prepared=line.create(DATE))
        converted = line.convert(DATE)
        again = line.create(DATE)
        (unchanged,) = line.run(DATE, prepared=again)
    assert report.wrong == 0
    assert len(report.blocks) == 7
    assert len(converted.rows) > 100
    assert converted.wrong == 0
    # Its masters lie in calib/ now, and still it is the same association: nothing is done twice.
    assert again.blocks == report.blocks
    assert unchanged.results == report.results


def test_a_header_that_astropy_wrote_is_indexed(line, tmp_path, night):
    header = fits.Header(
        [("ARCFILE", "GIRAF.2020-01-02T09:00:00.000.fits"), ("MJD-OBS", 58850.375)]
    )
    path = night / "raw" / "GIRAF.2020-01-02T09:00:00.000.fits"
    fits.PrimaryHDU(header=header).writeto(path)
    line.index()
    row = next(row for row in line.store.frames.rows() if row.path == str(path.resolve()))
    assert (row.kind, row.date, row.fault) == ("raw", "2020-01-01", "")


def test_rule_files_for_the_same_nights_are_read_together(line):
    (line.workspace.root / "more.oca").write_text("action bias { recipe gimasterbias; }")
    with_rules(line, BIAS_RULES).close()
    settings = line.workspace.root / "phoenix.toml"
    settings.write_text(settings.read_text("utf-8") + '"more.oca" = "to"\n', "utf-8")
    with ProductionLine(line.workspace.root) as own:
        prepared = own.create(DATE, mode="CALIB")
    assert [ab.raw_type for ab in prepared.blocks] == ["BIAS"]


# ---- times that do not agree, and templates that were broken off -------------------------------


def change_card(path, keyword, card):
    lines = path.read_text("latin-1").splitlines()
    changed = [card if line.startswith(keyword) else line for line in lines]
    path.write_text("\n".join(changed) + "\n", "latin-1")


@pytest.mark.parametrize(
    ("card", "reason"),
    [
        ("MJD-OBS = 0.0", "found MJD-OBS = 0, expected a day after 1970"),
        ("MJD-OBS = 58849.92106484", "expected the same time within 10 s"),
        ("DATE-OBS= '2020-02-31T10:00:00'", "DATE-OBS: found '2020-02-31T10:00:00'"),
    ],
)
def test_a_frame_whose_times_do_not_agree_is_faulty_by_name(line, night, card, reason):
    path = next(path for path in header_files(night) if path.stem == BIAS[:-7])
    change_card(path, card[:8], card)
    report = line.index()
    (row,) = report.faulty
    assert row.path == str(path.resolve())
    assert reason in row.fault


def test_the_frames_of_a_real_report_whose_times_are_wrong_are_faulty(shared_data, tmp_path):
    night = shared_data / "bug_reports" / "mjd_against_date" / "night"
    with ProductionLine(make_workspace(tmp_path / "work", night)) as line:
        assert len(line.index().faulty) == 2


def test_a_template_that_was_broken_off_comes_after_a_whole_one(shared_data, tmp_path):
    night = shared_data / "bug_reports" / "template_aborted" / "night"
    with ProductionLine(make_workspace(tmp_path / "work", night)) as line:
        prepared = line.create(DATE)
        biases = [ab for ab in prepared.blocks if ab.raw_type == "BIAS"]
        (science,) = (ab for ab in prepared.blocks if ab.raw_type == "SCIENCE")
    assert max(len(ab.raw_files) for ab in biases) == 5
    parents = {ab.name: len(ab.raw_files) for ab in biases if str(ab.name) in science.waits_for}
    assert list(parents.values()) == [5]


# ---- some of a pool ----------------------------------------------------------------------------


def listed(line):
    return {str(ab.name) for ab in line.prepare(DATE, dry=True).blocks}


def test_to_ask_for_one_ab_leaves_the_list_of_the_night_whole(line):
    whole = {str(ab.name) for ab in line.create(DATE).blocks}
    part = line.create(DATE, (SCIENCE,))
    assert {str(ab.name) for ab in part.blocks} < whole
    assert listed(line) == whole


def test_a_calibration_that_is_asked_for_by_name_is_run(line):
    assert [str(ab.name) for ab in line.create(DATE, (BIAS,)).blocks] == [BIAS]
    assert SCIENCE in listed(line)


def test_an_ab_that_is_asked_for_and_not_there_is_refused(line):
    with pytest.raises((DataError, CascadeError), match="2020-01-01T00"):
        line.create(DATE, ("GIRAF.2020-01-01T00:00:00.000.ab",))


def test_the_abs_of_one_mode_stay_when_those_of_the_other_are_created(line):
    line.create(DATE, mode="SCIENCE")
    science = listed(line)
    line.create(DATE, mode="CALIB")
    assert science <= listed(line)


# ---- what a pool that was created does without --------------------------------------------------


def test_an_emptied_ab_of_a_created_pool_is_refused_with_what_waits_for_it_and_no_other(line):
    made = line.create(DATE).blocks
    (dark,) = [ab for ab in made if ab.raw_type == "DARK"]
    path = line.workspace.folder("ab", DATE) / str(dark.name)
    path.write_text("")
    prepared = line.prepare(DATE)
    waiting = {str(ab.name) for ab in made if str(dark.name) in ab.waits_for}
    assert dict(prepared.refused).keys() >= {str(dark.name), *waiting}
    assert {str(ab.name) for ab in prepared.blocks} == {
        str(ab.name) for ab in made if str(ab.name) not in dict(prepared.refused)
    }
    assert prepared.blocks
    with pytest.raises(DataError, match="create-ab"):
        line.prepare(DATE, only=(str(dark.name),))


def candidate(name, kind, rank, *, chosen=False, parent="", rejection=None):
    values = {"name": name, "kind": kind, "rank": rank, "chosen": chosen, "parent": parent}
    return values | {"distance": 0.1, "rejection": rejection}


def test_the_next_candidate_by_the_rules_is_told_for_a_master_that_will_not_be_made(tmp_path):
    rows = [
        candidate("r.BIAS_tpl_0000.fits", "virtual", 1, chosen=True, parent="BIAS_tpl.ab"),
        candidate("r.OTHER_tpl_0000.fits", "virtual", 2, parent="OTHER_tpl.ab"),
        candidate("GI_MBIA_191230A.fits", "certified", 3),
        candidate("GI_MBIA_191201A.fits", "certified", 0, rejection={"condition": "far"}),
    ]
    folder = tmp_path / "ab" / DATE
    folder.mkdir(parents=True)
    why = {"associations": [{"name": "MASTER_BIAS", "candidates": rows}]}
    (folder / f"{FIRST.removesuffix('.ab')}.why.json").write_text(json.dumps(why))
    workspace = Workspace(tmp_path)

    def told(*lost):
        return other_candidates(workspace, FIRST, lost)

    assert told("BIAS_tpl.ab") == "MASTER_BIAS r.OTHER_tpl_0000.fits (virtual)"
    assert told("BIAS_tpl.ab", "OTHER_tpl.ab") == "MASTER_BIAS GI_MBIA_191230A.fits (certified)"
    assert told("DARK_tpl.ab") == ""
    assert other_candidates(workspace, SECOND, ("BIAS_tpl.ab",)) == ""
