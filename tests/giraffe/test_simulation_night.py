"""A whole small night on disk."""

from __future__ import annotations

import shutil
import subprocess
from datetime import timedelta

import numpy as np
import pytest
from astropy.io import fits

import phoenix_giraffe
from phoenix.formats.abfile import read_ab
from phoenix.model.cascade import Cascade
from phoenix.model.dates import CivilDate
from phoenix.simulate.night import SimulationOptions
from phoenix_giraffe.simulation import simulate_night
from phoenix_giraffe.simulation.blocks import blocks
from phoenix_giraffe.simulation.history import HABITS
from phoenix_giraffe.simulation.plan import plan_night

DATE = CivilDate(2020, 1, 1)
OPTIONS = SimulationOptions()


@pytest.fixture(scope="module")
def night(tmp_path_factory):
    return simulate_night(DATE, tmp_path_factory.mktemp("night"), OPTIONS)


@pytest.fixture(scope="module")
def headers(night):
    return [fits.getheader(path) for path in night.raw]


def test_the_night_has_all_kinds_of_frames(headers):
    kinds = [header["ESO DPR TYPE"] for header in headers]
    expected = {"BIAS": 5, "DARK": 3, "LAMP,FLAT": 3, "LAMP,WAVE": 1, "OBJECT,OzPoz": 3}
    assert {kind: kinds.count(kind) for kind in expected} == expected
    assert kinds.count("SIMLAMP,TAL") == 2


def test_the_headers_have_the_volume_of_real_ones(headers):
    assert all(250 < len(header) < 400 for header in headers)


def test_science_is_by_night_and_calibration_by_day(headers):
    for header in headers:
        hour = int(header["DATE-OBS"][11:13])
        assert (hour < 9) is (header["ESO OBS ID"] > 200_000_000)


def test_exposures_do_not_overlap(headers):
    starts = np.array([header["MJD-OBS"] for header in headers])
    ends = starts + np.array([header["EXPTIME"] for header in headers]) / 86400.0
    assert (starts[1:] > ends[:-1]).all()


def test_flats_arcs_and_science_carry_both_fibre_tables(night, headers):
    for path, header in zip(night.raw, headers, strict=True):
        with fits.open(path) as hdus:
            names = [hdu.header["EXTNAME"] for hdu in hdus[1:]]
        wanted = ["OzPoz_table", "FLAMES FIBRE Table"] if header["ESO DPR TECH"] == "MOS" else []
        assert names == wanted


def test_dead_and_idle_fibres_are_not_in_the_table_of_the_targets(night):
    plan = plan_night(DATE, OPTIONS)
    with fits.open(night.raw[0]) as hdus:
        buttons = set(hdus[1].data["BUTTON"].tolist())
    working = {f.button for f in plan.fibres if not (f.simcal or f.dead)}
    assert buttons < working
    assert len(working - buttons) == plan.setup.idle


def test_the_blocks_make_a_cascade(night):
    assert len(Cascade(read_ab(path) for path in night.blocks)) == 7


def test_modern_blocks_read_back_as_they_were_planned(night):
    planned = {str(ab.name): ab for ab in blocks(plan_night(DATE, OPTIONS))}
    read = [read_ab(path) for path in night.blocks]
    same = [ab for ab in read if ab == planned[str(ab.name)]]
    assert len(same) == len(read) - len({(row.raw_type, row.number) for row in HABITS})


def test_old_blocks_have_lines_to_mend(night):
    texts = [path.read_text() for path in night.blocks]
    assert sum("SOF_CONTENT" in text for text in texts) == 3
    assert any("RECIPE\tmasterbias\n" in text for text in texts)
    assert any("--transmission-apply=true" in text for text in texts)


def test_lost_cut_and_replaced_files_are_as_the_faults_say(night, tmp_path):
    faults = ("missing_frame", "truncated_file")
    spoilt = simulate_night(DATE, tmp_path, SimulationOptions(faults=faults))
    names = {path.name for path in spoilt.raw}
    science = [path for path in night.raw if (night.truth / f"{path.stem}_truth.fits").exists()]
    assert science[1].name not in names
    assert science[0].name in names
    cut = next(path for path in spoilt.raw if path.name == science[2].name)
    assert cut.stat().st_size < science[2].stat().st_size
    assert any(science[1].name in path.read_text() for path in spoilt.blocks)


def test_the_truth_says_what_every_fibre_saw(night):
    path = next(iter(sorted(night.truth.iterdir())))
    with fits.open(path) as hdus:
        fibres = hdus["FIBRES"].data
        stars = fibres["TYPE"] == "M"
        expected, rate = hdus["EXPECTED"].data, hdus["RATE"].data
        assert expected.shape == rate.shape == (63, len(hdus["WAVE"].data))
        assert (np.abs(fibres["VELOCITY"][stars]) > 0).all()
        assert (fibres["TRANSMISSION"][~fibres["DEAD"]] > 0.6).all()
        assert not rate[fibres["TYPE"] == ""].any()
        assert len(hdus["COSMICS"].data) > 50


@pytest.mark.skipif(shutil.which("fitsverify") is None, reason="no fitsverify on this machine")
def test_fitsverify_finds_nothing_wrong(night):
    for path in (night.raw[0], night.static[0], night.truth / f"{night.raw[0].stem}_truth.fits"):
        done = subprocess.run(
            [shutil.which("fitsverify"), "-q", str(path)],
            capture_output=True,
            text=True,
            check=False,
        )
        assert "verification OK" in done.stdout, done.stdout


def test_the_attached_simcal_arc_follows_its_ob(headers):
    arcs = [header for header in headers if header["ESO DPR TYPE"] == "SIMLAMP,TAL"]
    for arc in arcs:
        same = [h for h in headers if h["ESO OBS ID"] == arc["ESO OBS ID"] and h is not arc]
        end = max(h["MJD-OBS"] + h["EXPTIME"] / 86400.0 for h in same)
        assert 0 < arc["MJD-OBS"] - end < timedelta(minutes=3) / timedelta(days=1)


def test_the_hook_simulate_is_not_hidden_by_the_package_that_does_it():
    assert callable(phoenix_giraffe.simulate)
