"""QC reports and coversheets of MUSE: what is on them."""

from __future__ import annotations

import numpy as np
import pytest
from astropy.io import fits
from attrs import evolve

from cubefiles import starry, write_cube
from phoenix.drawing.report import ReportTitle, draw_report
from phoenix.model.ab import AssociationBlock
from phoenix.model.frames import MasterCalibration, Product, Role
from phoenix.model.panel import Listing, Map, Picture, Plot
from phoenix.model.qc import Measurement
from phoenix_muse.process import MUSE_IFU
from phoenix_muse.report.cover import coversheet_panels, groups_of
from phoenix_muse.report.preview import PANELS, panels

STARS = ((15.0, 20.0, 900.0), (40.0, 30.0, 600.0))
LINE = 25  # plane of an emission line of the third source
PLACE = (30.0, 12.0)


def block(raw_type, name="MUSE.2020-01-02T01:13:00.281_pst.ab", **changes):
    calibration = MasterCalibration("r.MUSE.2020-01-02T01:13:00.281_0000.fits", "PIXTABLE_OBJECT")
    return AssociationBlock(name, "any", calibrations=(calibration,), raw_type=raw_type, **changes)


def qc(**values):
    return tuple(Measurement(name, value) for name, value in values.items())


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Make a cube with two stars and a source that has a line, and its white light."""
    folder = tmp_path_factory.mktemp("cube")
    data, stat = starry(60, (50, 60), (*STARS, (*PLACE, 60.0)), 1.0, 11)
    rows, columns = np.indices((50, 60))
    spot = np.exp(-0.5 * ((columns - PLACE[0]) ** 2 + (rows - PLACE[1]) ** 2) / 1.7**2)
    for offset in range(-3, 4):
        data[LINE + offset] += 40.0 * np.exp(-0.5 * (offset / 1.2) ** 2) * spot
    cube = write_cube(folder / "cube.fits", data, stat)
    white = folder / "white.fits"
    image = fits.ImageHDU(data.mean(axis=0), name="DATA")
    fits.HDUList([fits.PrimaryHDU(), image]).writeto(white)
    return (
        Product(cube, "DATACUBE_FINAL", Role.SCIENCE, "any"),
        Product(white, "IMAGE_FOV", Role.ANCILLARY, "any"),
    )


@pytest.fixture(scope="module")
def shown(made):
    return tuple(panels(block("PIXTABLE_OBJECT"), made, qc(SKY_RES=0.8)))


def titled(shown, title):
    return next(panel for panel in shown if panel.title == title)


def test_a_cube_shows_field_sources_spectra_scan_and_residuals(shown):
    kinds = {panel.title: type(panel) for panel in shown}
    assert kinds["White light"] is Picture
    assert kinds["Sources"] is Map
    assert kinds["Spectra of the brightest sources"] is Plot
    assert kinds["Spectral scan: signal-to-noise ratio per plane"] is Plot
    assert kinds["Residuals of the sky"] is Plot
    assert kinds["QC parameters"] is Listing


def test_the_line_of_a_source_has_an_image_in_its_light_alone(shown):
    wavelength = 0.1 * (4750.0 + 1.25 * LINE)
    image = titled(shown, f"Line at {wavelength:.1f} nm").image
    row, column = np.unravel_index(np.nanargmax(image), image.shape)
    assert (column, row) == PLACE
    # The stars have no line: of their continuum little is left.
    assert abs(image[20, 15]) < 0.2 * np.nanmax(image)


def test_the_field_keeps_its_proportions_and_the_numbers_of_its_pixels(shown):
    image = titled(shown, "White light").image
    assert image.shape == (60, 60)
    assert np.unravel_index(np.nanargmax(image), image.shape) == (20, 15)


def test_the_scan_has_the_signal_to_noise_ratio_of_the_star(shown):
    scan = titled(shown, "Spectral scan: signal-to-noise ratio per plane").curves[0]
    pixels = np.pi * 4.0**2
    assert np.nanmedian(scan.y) == pytest.approx(0.75 * 900.0 / np.sqrt(pixels), rel=0.15)


def test_a_report_can_be_drawn(shown, tmp_path):
    path = draw_report(
        ReportTitle("MUSE.2020-01-02T01:13:00.281_pst.ab"), shown, tmp_path / "a.png"
    )
    assert path.read_bytes().startswith(b"\x89PNG")


def test_a_cube_without_its_image_has_a_list_alone(made):
    found = tuple(panels(block("PIXTABLE_OBJECT"), made[:1], qc(NUM_SRC=3)))
    assert [type(panel) for panel in found] == [Listing]


@pytest.mark.parametrize("raw_type", [row.name for row in MUSE_IFU.raw_types])
def test_without_products_a_report_is_a_list(raw_type):
    assert [type(panel) for panel in panels(block(raw_type), (), ())] == [Listing]


def test_every_report_is_of_a_raw_type_of_the_process():
    assert set(PANELS) <= {row.name for row in MUSE_IFU.raw_types}


def test_what_was_found_in_the_ifus_is_shown_by_ifu():
    rows = tuple(Measurement("WDEL_MAX", 0.01 * ifu, ifu) for ifu in range(1, 25))
    shown = tuple(panels(block("OBJECT"), (), rows))
    (curve,) = titled(shown, "WDEL_MAX of the IFUs").curves
    assert curve.x.tolist() == list(range(1, 25))


# ---- coversheet --------------------------------------------------------------------------------

SINGLES = ("MUSE.2020-01-02T01:13:00.281_pst.ab", "MUSE.2020-01-02T01:34:31.367_pst.ab")
WHOLE = "MUSE.2020-01-02T01:13:00.281_tpl.ab"


def of_ob(obs_id=7):
    singles = (block("PIXTABLE_OBJECT", name, obs_id=obs_id) for name in SINGLES)
    return (*singles, block("PIXTABLE_REDUCED", WHOLE, obs_id=obs_id))


def test_the_cubes_of_an_ob_share_a_sheet_and_other_abs_have_none():
    others = (block("OBJECT", "MUSE.2020-01-02T01:13:00.281.ab", obs_id=7),)
    assert groups_of((*of_ob(), *others)) == dict.fromkeys((*SINGLES, WHOLE), "OB 7")


def test_obs_that_were_combined_share_a_sheet_and_another_one_has_its_own():
    first, second, whole = of_ob()
    whole = evolve(whole, waits_for=SINGLES)
    alone = block("PIXTABLE_OBJECT", "MUSE.2020-01-02T05:00:00.000_pst.ab", obs_id=9)
    assert groups_of((first, evolve(second, obs_id=8), whole, alone)) == {
        **dict.fromkeys((*SINGLES, WHOLE), "OB 7 and 1 more"),
        str(alone.name): "OB 9",
    }


def test_a_cube_without_ob_has_no_sheet():
    assert groups_of(of_ob(obs_id=0)) == {}


def test_the_sheet_shows_the_combined_field_first_and_all_with_the_same_cuts(made):
    blocks = of_ob()
    shown = tuple(coversheet_panels(blocks, {str(ab.name): made for ab in blocks}, {}))
    pictures = [panel for panel in shown if isinstance(panel, Picture)]
    assert [panel.title for panel in pictures] == [
        name.removesuffix(".ab") for name in (WHOLE, *SINGLES)
    ]
    assert len({(panel.low, panel.high) for panel in pictures}) == 1


def test_the_sheet_compares_the_exposures(made):
    blocks = of_ob()
    measured = {name: qc(ABMAGLIM=23.0 + i) for i, name in enumerate(SINGLES)}
    shown = tuple(coversheet_panels(blocks, {}, measured))
    (curve,) = titled(shown, "ABMAGLIM of the exposures").curves
    assert curve.y.tolist() == [23.0, 24.0]
