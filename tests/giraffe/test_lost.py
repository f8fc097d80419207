"""Dead fibres end no night: they are left out, and everybody is told."""

from __future__ import annotations

import json

import numpy as np
import pytest
from astropy.io import fits
from giraffe_truth import delivered, exposures, inner, is_the_same
from hypothesis import given
from hypothesis import strategies as st

from phoenix.model.ab import AssociationBlock
from phoenix.model.dates import CivilDate
from phoenix.model.frames import Product, RawFrame
from phoenix.model.gate import RecipeOutcome
from phoenix.simulate.night import SimulationOptions
from phoenix.simulate.raw import image_hdu, write_fits
from phoenix.testing.night import has_esorex
from phoenix.testing.stranger import compare, read_delivered
from phoenix_giraffe.fibres import TARGET
from phoenix_giraffe.recipe.lost import ListedFibre, fibre_peaks, lit_rows, wrong_traces
from phoenix_giraffe.simulation.faults import FAULTS
from phoenix_giraffe.simulation.optics import spectral_format
from phoenix_giraffe.simulation.plan import plan_night
from phoenix_giraffe.simulation.slit import positions

C = 299792.458
RAW = RawFrame("${DFO_RAW_DIR}/2020-01-01/GIRAF.2020-01-02T01:00:00.000.fits", "FIBER_FLAT")
AB = AssociationBlock("GIRAF.2020-01-02T01:00:00.000.ab", "gimasterflat", (RAW,))
PLAN = plan_night(CivilDate(2020, 1, 1), SimulationOptions(size="full"))
LISTED = tuple(
    ListedFibre(row, fibre.fps, fibre.ssn, fibre.pssn, "", TARGET)
    for row, fibre in enumerate(PLAN.fibres, 1)
    if not fibre.dead
)
FORMAT = spectral_format(PLAN.optics, *positions(PLAN.fibres))
COLUMNS = FORMAT.column[:, FORMAT.column.shape[1] // 2]


def peaks_without(lost):
    return np.array([COLUMNS[fibre.row - 1] for fibre in LISTED if fibre.row not in lost])


@given(st.sets(st.sampled_from([fibre.row for fibre in LISTED]), min_size=1, max_size=8))
def test_the_lost_fibres_are_found_wherever_they_are_in_the_slit(lost):
    peaks = np.rint(peaks_without(lost))
    assert lit_rows(LISTED, peaks) == {fibre.row for fibre in LISTED} - lost


def test_nothing_is_lost_where_every_fibre_gives_light():
    assert lit_rows(LISTED, peaks_without(())) is None


def test_more_light_than_listed_fibres_is_another_trouble():
    assert lit_rows(LISTED[1:], peaks_without(())) is None


def test_peaks_that_are_no_slit_are_not_brought_into_line():
    peaks = np.sort(np.random.default_rng(1).uniform(0, 2048, len(LISTED) - 3))
    assert lit_rows(LISTED, peaks) is None


def test_a_dark_frame_has_no_fibres():
    noise = np.random.default_rng(1).normal(200, 3, (300, 500))
    assert fibre_peaks(np.zeros((300, 500))).size == 0
    assert lit_rows(LISTED, fibre_peaks(noise)) is None


def outcome(folder, peaks, traces):
    columns = np.arange(300.0)
    row = sum(1000 * np.exp(-0.5 * ((columns - peak) / 1.75) ** 2) for peak in peaks)
    products = [
        Product(
            write_fits(folder / f"{name}.fits", [image_hdu((), np.tile(values, (200, 1)))]), name
        )
        for name, values in (
            ("MASTER_FIBER_FLAT", row.astype(np.float32)),
            ("FF_LOCCENTROID", np.array(traces, dtype=np.float32)),
        )
    ]
    return RecipeOutcome(AB, tuple(products))


@pytest.mark.parametrize(
    ("traces", "wrong"),
    [([50, 62, 74], 0), ([50, 62], 1), ([50, 62, 74, 86], 1), ([50, 62, 86], 2)],
)
def test_a_fibre_without_a_trace_and_a_trace_without_a_fibre_count(tmp_path, traces, wrong):
    assert wrong_traces(outcome(tmp_path, (50, 62, 74), traces)) == wrong


# ---- through the true recipes ------------------------------------------------------------------


@pytest.fixture(scope="module")
def dead():
    """FPS of the dead fibres."""
    fault = next(row for row in FAULTS if row.name == "dead_fibres")
    return (
        fault.spoil(plan_night(CivilDate(2020, 1, 1), SimulationOptions())).frames[0].dark_fibres
    )


@pytest.fixture(scope="module")
def night(tmp_path_factory):
    if not has_esorex():
        pytest.skip("no esorex: run `make test`, which installs the pipelines")
    return delivered(tmp_path_factory.mktemp("dead"), "", faults=("dead_fibres",))


def records(work, key):
    """Return the records that have that key."""
    texts = [
        path.read_text() for path in sorted(work.glob("**/*.json")) if "monitor" not in path.parts
    ]
    return [row for row in map(json.loads, texts) if key in row]


@pytest.mark.recipes
def test_every_spectrum_of_a_night_with_dead_fibres_is_that_of_its_target(night, dead):
    ratios = []
    for truth, idps in exposures(*night):
        with fits.open(truth) as hdus:
            fibres = {int(row["FPS"]): row for row in hdus["FIBRES"].data}
            places = {fps: place for place, fps in enumerate(fibres)}
            wave, expected = hdus["WAVE"].data["WAVE"], hdus["EXPECTED"].data.astype(float)
        for path in idps:
            spectrum = read_delivered(path)
            fps = spectrum.header["FPS"]
            fibre = fibres[fps]
            assert fps not in dead
            assert is_the_same(spectrum, fibre)
            found = compare(
                inner(spectrum), wave * (1 + fibre["OBSERVER"] / C), expected[places[fps]]
            )
            ratios.append((truth.name, found.ratio))
    assert len(ratios) > 20
    for name in {name for name, _ in ratios}:
        of_exposure = np.array([ratio for one, ratio in ratios if one == name])
        # One factor for all fibres; the magnitudes of neighbours differ by far more.
        assert np.all(np.abs(of_exposure / np.median(of_exposure) - 1) < 0.05)


@pytest.mark.recipes
def test_the_targets_of_dead_fibres_have_no_idp_and_a_reason(night, dead):
    made = records(night[1], "left_out")
    assert len(made) == 3
    for row in made:
        reasons = [one["reason"] for one in row["left_out"]]
        assert all(any(reason.endswith(f"FPS {fps}") for fps in dead) for reason in reasons)
    assert any(len(row["left_out"]) == 2 for row in made)


@pytest.mark.recipes
def test_the_second_try_is_in_the_manifest_and_names_the_dead_fibres(night, dead):
    (retried,) = [row["retried"] for row in records(night[1], "retried") if row["retried"]]
    assert retried[0][1] == f"the flat shows no light from FPS {dead[0]}, {dead[1]}"


@pytest.mark.recipes
def test_the_lost_fibres_are_counted_and_named(night, dead):
    rows = records(night[1], "measurements")
    found = [row for row in rows if any(one[0] == "NUM_LOST" for one in row["measurements"])]
    assert len(found) == 4
    for row in found:
        lost = [element for name, _, element in row["measurements"] if name == "LOST" and element]
        assert set(lost) <= set(dead)
        assert len(lost) == next(
            value for name, value, _ in row["measurements"] if name == "NUM_LOST"
        )
