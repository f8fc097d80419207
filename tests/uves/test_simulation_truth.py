"""Truth tables, and the comparison of spectra with them."""

from __future__ import annotations

import numpy as np
import pytest
from astropy.io import fits

from phoenix.model.dates import CivilDate
from phoenix.simulate.detector import draw_cosmics
from phoenix.simulate.fault import with_faults
from phoenix.simulate.night import SimulationOptions
from phoenix.simulate.raw import write_fits
from phoenix_uves.simulation.faults import FAULTS
from phoenix_uves.simulation.plan import SCIENCE
from phoenix_uves.simulation.programme import plan_night
from phoenix_uves.simulation.setup import detector_of
from phoenix_uves.simulation.truth import compare_spectrum, truth_hdus

OPTIONS = SimulationOptions(setups=("437+580",))
PLAN = plan_night(CivilDate(2020, 1, 1), OPTIONS)


def written(plan, frame, path):
    rays = {
        chip: draw_cosmics(detector_of(chip, 2), 20, np.random.default_rng(1))
        for chip in frame.setting.chips
    }
    return write_fits(path, truth_hdus(plan, frame, rays))


@pytest.fixture(scope="module")
def truth(tmp_path_factory):
    frame = PLAN.of_kind(SCIENCE, "BLUE")[0]
    return written(PLAN, frame, tmp_path_factory.mktemp("truth") / "truth.fits")


def perfect(truth, snr=100.0, factor=1.0, shift=0.0):
    """Give a spectrum as a perfect reduction would, on a grid of its own."""
    with fits.open(truth) as hdus:
        table = hdus["BLUE"].data
        wave = np.arange(table["WAVE"][0], table["WAVE"][-1], 0.0031)
        flux = factor * np.interp(wave - shift, table["WAVE"], table["EXPECTED"])
    error = np.abs(flux) / snr
    return wave, flux + error * np.random.default_rng(3).standard_normal(len(wave)), error


def test_a_perfect_spectrum_agrees_with_the_truth(truth):
    found = compare_spectrum(*perfect(truth), truth, "BLUE")
    assert found.ratio == pytest.approx(1.0, abs=1e-3)
    assert found.pull == pytest.approx(1.0, abs=0.02)
    assert found.snr == pytest.approx(100.0, rel=0.01)
    assert np.abs(found.shifts).max() < 0.05


def test_a_wrong_flux_scale_and_a_wrong_wavelength_scale_are_seen(truth):
    step = 0.0044  # nm per column
    found = compare_spectrum(*perfect(truth, factor=1.05, shift=0.5 * step), truth, "BLUE")
    assert found.ratio == pytest.approx(1.05, abs=2e-3)
    assert np.median(found.shifts) == pytest.approx(0.5, abs=0.1)


def test_parts_with_little_signal_say_nothing_of_the_wavelengths(truth):
    assert len(compare_spectrum(*perfect(truth, snr=5.0), truth, "BLUE").shifts) == 0


def test_the_expected_flux_is_what_passed_the_slit(truth):
    with fits.open(truth) as hdus:
        table, share = hdus["BLUE"].data, hdus[0].header["ESO SIM THRU"]
    inside = (table["WAVE"] > 400) & (table["WAVE"] < 470)
    ratio = np.median(table["EXPECTED"][inside] / table["FLUX"][inside])
    assert ratio == pytest.approx(share, rel=0.02)


def test_every_chip_has_its_spectrum_orders_and_cosmics(tmp_path):
    frame = PLAN.of_kind(SCIENCE, "RED")[0]
    with fits.open(written(PLAN, frame, tmp_path / "t.fits")) as hdus:
        names = [hdu.name for hdu in hdus[1:]]
        orders = hdus["REDL_ORDERS"].data
    wanted = [f"{chip}{part}" for chip in ("REDU", "REDL") for part in ("", "_ORDERS", "_COSMICS")]
    assert names == wanted
    assert (
        (orders["FIRST"] < orders["CENTRE"]) & (orders["CENTRE"] < orders["LAST"])
    ).mean() > 0.8


def test_beside_the_target_no_flux_is_expected_and_no_ratio_given(tmp_path):
    plan = with_faults(PLAN, ("negative_flux",), FAULTS)
    path = written(plan, plan.of_kind(SCIENCE, "BLUE")[0], tmp_path / "t.fits")
    wave = np.linspace(400.0, 470.0, 2000)
    noise = np.random.default_rng(1).standard_normal(2000)
    found = compare_spectrum(wave, noise, np.ones(2000), path, "BLUE")
    assert np.isnan(found.ratio)
    assert found.pull == pytest.approx(1.0, abs=0.1)
