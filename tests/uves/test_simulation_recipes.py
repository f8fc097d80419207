"""The true recipes reduce the simulated night, and what comes out is what was put in."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits
from attrs import frozen

from phoenix.model.dates import CivilDate
from phoenix.simulate.night import SimulationOptions
from phoenix_uves.process import chips_of, usual_products
from phoenix_uves.simulation import compare_spectrum, compare_with_truth, simulate_night
from phoenix_uves.simulation.blocks import blocks
from phoenix_uves.simulation.light import extinction
from phoenix_uves.simulation.programme import plan_night

pytestmark = pytest.mark.recipes

DATE = CivilDate(2020, 1, 1)
PLUGINS = "cpl/plugins/uves-*"


@frozen
class Reduced:
    """One AB, the truth of its first raw frame, and its products by PRO.CATG."""

    ab: object
    truth: Path
    products: dict[str, Path]

    def spectrum(self, family, chip):
        tag = self.ab.raw_type.rpartition("_")[0]
        path = self.products[f"{family}_{tag}_{chip}"]
        with fits.open(path) as hdus:
            header, values = hdus[0].header, hdus[0].data.astype(np.float64)
        wave = header["CRVAL1"] + header["CDELT1"] * np.arange(len(values))
        return wave / 10.0, values


def esorex(ab, sof, folder):
    plugins = next(Path("/usr/lib").glob(f"*/{PLUGINS}"), None)
    if plugins is None:
        pytest.skip("the uves pipeline is not installed")
    command = [shutil.which("esorex"), f"--recipe-dir={plugins}", f"--output-dir={folder}"]
    command += [f"--log-dir={folder}", "--suppress-prefix", ab.recipe]
    return subprocess.run(
        [*command, *map(str, ab.parameters), str(sof)],
        cwd=folder,
        capture_output=True,
        check=False,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    ).returncode


def reduce(ab, night, made, folder):
    """Run the recipe of an AB in a folder of its own; returns its products by PRO.CATG."""
    folder.mkdir(parents=True)
    lines = [f"{night}/raw/{raw.path.partition('/')[2]} {raw.tag}" for raw in ab.raw_files]
    for master in ab.calibrations:
        path = night / "calib" / master.path.partition("/")[2]
        if master.virtual:
            path = made[Path(master.path).parent.name][master.pro_catg]
        lines.append(f"{path} {master.pro_catg}")
    sof = folder / "in.sof"
    sof.write_text("\n".join(lines) + "\n")
    assert esorex(ab, sof, folder) == 0, ab.name
    return {
        header["ESO PRO CATG"]: path
        for path in folder.glob("*.fits")
        if "ESO PRO CATG" in (header := fits.getheader(path))
    }


@pytest.fixture(
    scope="module", params=["437", pytest.param("580", marks=pytest.mark.slow)], ids=str
)
def night(request, tmp_path_factory):
    tmp = tmp_path_factory.mktemp(request.param)
    options = SimulationOptions(setups=(request.param,))
    simulated = simulate_night(DATE, tmp / "night", options)
    made, reduced = {}, []
    for ab in blocks(plan_night(DATE, options)):
        made[ab.root] = reduce(ab, tmp / "night", made, tmp / "work" / ab.root)
        truth = simulated.truth / f"{Path(ab.raw_files[0].name).stem}_truth.fits"
        reduced.append(Reduced(ab, truth, made[ab.root]))
    return reduced


def of_type(night, part):
    found = [one for one in night if part in one.ab.raw_type]
    assert found, part
    return found


def calibrated(night):
    """Give science and chip of every flux-calibrated spectrum without iodine lines."""
    return [
        (one, chip)
        for one in of_type(night, "SCI_POINT")
        if not fits.getval(one.truth, "ESO SIM IODINE")
        for chip in chips_of(one.ab.raw_type)
    ]


def quality(night, part, chip, keyword):
    (one,) = of_type(night, part)
    values = [
        fits.getheader(path).get(f"ESO QC {keyword}")
        for pro_catg, path in one.products.items()
        if pro_catg.endswith(chip)
    ]
    return next(value for value in values if value is not None)


def test_every_recipe_makes_what_the_process_says(night):
    for one in night:
        wanted = usual_products(one.ab.recipe, one.ab.raw_type)
        assert set(wanted) <= set(one.products), one.ab.raw_type


def test_the_format_is_where_the_model_has_it(night):
    (form,) = of_type(night, "ARC_LAMP_FORM")
    for chip in chips_of(form.ab.raw_type):
        for keyword in ("MODEL DIFFXMED", "MODEL DIFFYMED"):
            assert abs(quality(night, "ARC_LAMP_FORM", chip, keyword)) < 0.05


def test_all_orders_and_lines_are_found(night):
    (orders,) = of_type(night, "ORDER_FLAT")
    for chip in chips_of(orders.ab.raw_type):
        found = quality(night, "ORDER_FLAT", chip, "ORD NDET")
        assert found == quality(night, "ORDER_FLAT", chip, "ORD NPRED")
    arcs = [one for one in of_type(night, "ARC_LAMP_") if "FORM" not in one.ab.raw_type]
    for pro_catg, path in arcs[0].products.items():
        header = fits.getheader(path)
        assert header["ESO QC NLINSEL"] > 1000, pro_catg
        assert header["ESO QC LINE RESIDRMS PIX"] < 0.02, pro_catg


def test_fluxes_agree_with_the_truth_within_a_percent(night):
    for one, chip in calibrated(night):
        tag = one.ab.raw_type.rpartition("_")[0]
        paths = (one.products[f"{word}_{tag}_{chip}"] for word in ("FLUXCAL", "FLUXCAL_ERRORBAR"))
        found = compare_with_truth(*paths, one.truth, chip)
        assert found.ratio == pytest.approx(1.0, abs=0.01)
        assert np.abs(np.median(found.shifts)) < 0.05
        assert np.abs(found.shifts).max() < 0.1


def test_the_pipeline_forgets_the_extinction_in_the_error_of_the_flux(night):
    for one, chip in calibrated(night):
        wave, flux = one.spectrum("FLUXCAL", chip)
        _, error = one.spectrum("FLUXCAL_ERRORBAR", chip)
        _, counts = one.spectrum("RED", chip)
        _, noise = one.spectrum("ERRORBAR", chip)
        good = (flux > 0) & (counts > 0) & (noise > 0)
        ratio = (error[good] / flux[good]) / (noise[good] / counts[good])
        air = fits.getval(one.truth, "ESO SIM AIRMASS")
        expected = 10.0 ** (-0.4 * extinction(wave[good]) * air)
        assert np.median(np.abs(ratio / expected - 1.0)) < 1e-3


def test_the_errors_of_the_counts_are_honest(night):
    for one, chip in calibrated(night):
        wave, flux = one.spectrum("FLUXCAL", chip)
        _, counts = one.spectrum("RED", chip)
        _, noise = one.spectrum("ERRORBAR", chip)
        good = (flux > 0) & (counts > 0)
        error = np.zeros_like(flux)
        error[good] = flux[good] * noise[good] / counts[good]
        assert 0.7 < compare_spectrum(wave, flux, error, one.truth, chip).pull < 1.5


def test_slicer_spectra_have_counts_and_no_flux(night):
    for one in of_type(night, "SCI_SLICER"):
        assert not any(pro_catg.startswith("FLUXCAL") for pro_catg in one.products)
        for chip in chips_of(one.ab.raw_type):
            _, counts = one.spectrum("RED", chip)
            assert np.median(counts) > 50
