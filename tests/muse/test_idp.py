"""Cubes that are delivered, as tools see them that did not make them; test_night has the truth."""

from __future__ import annotations

import re
import shutil
import subprocess

import numpy as np
import pytest
from astropy import units
from astropy.io import fits
from astropy.wcs import WCS

from phoenix.formats.abfile import write_ab
from phoenix.model.frames import Role
from phoenix.model.workspace import Workspace
from phoenix.phase3.validate import validate
from phoenix.steps.delivery.convert import convert_block
from phoenix.steps.quality.score import QCResult, write_qc
from phoenix.steps.shelf.places import Places, Record

pytestmark = [
    pytest.mark.recipes,
    # astropy knows the unit of the standard, and says so every time.
    pytest.mark.filterwarnings("ignore:'unitfix' made the change"),
]

OB, SINGLE = "MUSE.2020-01-02T01:13:00.281_tpl.ab", "MUSE.2020-01-02T02:13:00.950_pst.ab"
FITSVERIFY = shutil.which("fitsverify")


@pytest.fixture(scope="module")
def delivered(good):
    """Convert what the good night delivers; its QC reports are stand-ins."""
    workspace, night = Workspace(good.workspace), good.night
    for one in good.blocks:
        places = Places.of(workspace, one.ab)
        places.edited.parent.mkdir(parents=True, exist_ok=True)
        write_ab(one.ab, places.edited.parent)
        places.fresh(Record.REPORT).write_bytes(b"\x89PNG stand-in")
        flags = tuple(one.qcflags.items())
        write_qc(QCResult(str(one.ab.name), one.qc, qcflags=flags), places.fresh(Record.QC))
    done = [
        convert_block(night.instrument, night.process, workspace, one.ab)
        for one in good.delivered()
        if str(one.ab.name) in {OB, SINGLE}
    ]
    assert [row.reason for row in done] == [""] * len(done)
    return {row.ab_name: row.folder for row in done}


def only(folder, pattern):
    (path,) = folder.glob(pattern)
    return path


@pytest.fixture(scope="module")
def cube(delivered):
    return only(delivered[OB], "MU_SCBC_*.fits")


def test_an_ob_and_a_single_exposure_are_delivered_and_no_part_of_an_ob(good):
    science = [
        str(one.ab.name) for one in good.delivered()
        if any(row.role is Role.SCIENCE for row in one.products)
    ]  # fmt: skip
    assert set(science) == {OB, SINGLE}


@pytest.mark.parametrize("name", [OB, SINGLE])
def test_what_is_delivered_is_valid(delivered, name):
    for path in delivered[name].glob("*.fits"):
        report = validate(path)
        assert report.ok, str(report)


@pytest.mark.skipif(FITSVERIFY is None, reason="no fitsverify")
@pytest.mark.parametrize("name", [OB, SINGLE])
def test_fitsverify_agrees(delivered, name):
    for path in delivered[name].glob("*.fits"):
        said = subprocess.run([FITSVERIFY, "-q", path], capture_output=True, text=True,
                              check=False, timeout=60)  # fmt: skip
        assert said.stdout.startswith("verification OK"), said.stdout


def test_names_are_those_of_the_archive(delivered):
    names = sorted(path.name for folder in delivered.values() for path in folder.iterdir())
    kinds = [re.sub(r"_\d{9}_[\dT:.-]+_", "_", name) for name in names]
    assert [kind for kind in kinds if kind.startswith("MU_")] == [
        "MU_SCBC_WFM-NOAO-N_OBJ.fits",
        "MU_SCBS_WFM-NOAO-N_OBJ.fits",
        "MU_SIMC_WFM-NOAO-N_OBJ.fits",
        "MU_SIMS_WFM-NOAO-N_OBJ.fits",
    ]
    assert len(set(names) - {"conversion.json"}) == len(names) - 2


def test_an_ob_takes_white_light_log_and_the_reports_of_its_exposures_with_it(cube):
    header = fits.getheader(cube)
    root = OB.removesuffix("_tpl.ab")
    names = [header[f"ASSON{i}"] for i in range(1, 6)]
    assert names[0].startswith("MU_SIMC_")
    assert names[1:4] == [f"r.{root}_tpl.log", f"r.{root}_tpl.png", f"r.{root}_pst.png"]
    assert header["ASSOC2"] == "ANCILLARY.README"
    assert {header[f"ASSOC{i}"] for i in (3, 4, 5)} == {"ANCILLARY.PREVIEW"}
    assert "ASSON6" not in header


def test_the_log_tells_all_abs_from_the_raw_exposures_on(delivered, good):
    log = only(delivered[OB], "*.log").read_text("utf-8")
    science = [
        str(one.ab.name) for one in good.blocks
        if one.ab.mode.value == "SCIENCE" and "T02:13" not in str(one.ab.name)
    ]  # fmt: skip
    assert [name for name in science if f"] {name}: " not in log] == []
    assert log.count("SOF_CONTENT") == sum(
        len(one.ab.raw_files) + len(one.ab.calibrations)
        for one in good.blocks if str(one.ab.name) in science
    )  # fmt: skip
    assert "MUSE Instrument Pipeline v" in log
    assert all(letter.isprintable() or letter == "\n" for letter in log)


def test_pixels_are_those_of_the_recipe(cube, good):
    block = next(one for one in good.blocks if str(one.ab.name) == OB)
    source = next(row.path for row in block.products if row.pro_catg == "DATACUBE_FINAL")
    with fits.open(cube) as made, fits.open(source) as had:
        for name in ("DATA", "STAT"):
            np.testing.assert_array_equal(made[name].data, had[name].data)


def test_depth_and_sharpness_are_those_that_the_recipe_finds(cube, good):
    block = next(one for one in good.blocks if str(one.ab.name) == OB)
    source = next(row.path for row in block.products if row.pro_catg == "DATACUBE_FINAL")
    ours, its = fits.getheader(cube), fits.getheader(source)
    assert ours["PIXNOISE"] == pytest.approx(its["PIXNOISE"], rel=1e-3)
    assert ours["SKY_RES"] == pytest.approx(its["SKY_RES"], abs=0.005)
    # The magnitude follows the image quality: both see the same background.
    assert ours["ABMAGLIM"] == pytest.approx(its["ABMAGLIM"], abs=0.03)


def test_the_time_is_that_of_the_exposures_of_the_target_alone(cube):
    header = fits.getheader(cube)
    assert (header["NCOMBINE"], header["TEXPTIME"]) == (2, 1800.0)
    assert 0.5 * 1800.0 < header["EXPTIME"] < 1800.0
    raws = [header[f"PROV{i}"] for i in (1, 2)]
    assert raws == ["MUSE.2020-01-02T01:13:00.281.fits", "MUSE.2020-01-02T01:34:31.367.fits"]
    assert "PROV3" not in header
    elapsed = (header["MJD-END"] - header["MJD-OBS"]) * 86400.0
    assert elapsed == pytest.approx(1291.086 + 900.0, abs=0.01)


def test_units_and_coordinates_are_understood_by_astropy(cube):
    with fits.open(cube) as hdus:
        flux, variance = (units.Unit(hdus[name].header["BUNIT"]) for name in ("DATA", "STAT"))
        wcs = WCS(hdus["DATA"].header)
    assert flux == 1e-20 * units.Unit("erg / (s cm2 Angstrom)")
    assert variance == flux**2
    assert wcs.spectral.wcs.ctype[0] == "AWAV"
    assert wcs.celestial.naxis == 2


# ---- what astronomers read it with -------------------------------------------------------------


def test_mpdaf_reads_the_cube(cube):
    obj = pytest.importorskip("mpdaf.obj")
    found = obj.Cube(str(cube))
    assert found.unit == 1e-20 * units.Unit("erg / (s cm2 Angstrom)")
    assert found.wave.get_step(unit=units.angstrom) == pytest.approx(1.25)
    assert found.var is not None


def test_mpdaf_finds_emission_lines_where_the_truth_has_them(cube, good):
    obj = pytest.importorskip("mpdaf.obj")
    name = fits.getval(cube, "PROV1").removesuffix(".fits")
    (truth,) = good.night.folder.glob(f"truth/*/{name}_truth.fits")
    sources = fits.getdata(truth, "SOURCES")
    found = obj.Cube(str(cube))
    for row in sources[sources["LINE"] > 0]:
        line = float(row["LINE"])
        spectrum = found.aperture((row["DEC"], row["RA"]), 0.8)
        fit = spectrum.gauss_fit(
            lmin=line - 10.0, lmax=line + 10.0, lpeak=line, unit=units.angstrom
        )
        assert fit.lpeak == pytest.approx(line, abs=0.3)


def test_spectral_cube_reads_the_cube(cube):
    spectral_cube = pytest.importorskip("spectral_cube")
    found = spectral_cube.SpectralCube.read(str(cube), hdu="DATA")
    assert found.spectral_axis[0].to_value("nm") == pytest.approx(fits.getval(cube, "WAVELMIN"))
