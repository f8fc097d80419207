"""A night of three arms through the line: delivered files against what was put in."""

from __future__ import annotations

import numpy as np
import pytest
from astropy import units
from astropy.coordinates import EarthLocation, SkyCoord
from astropy.io import fits
from astropy.time import Time, TimeDelta
from attrs import evolve
from scipy.ndimage import median_filter

from phoenix.formats.idpfile import write_idp
from phoenix.model.frames import Product, Role
from phoenix.model.score import Outcome, judge
from phoenix.phase3.validate import validate_many
from phoenix.steps.delivery.ancillary import write_ancillary
from phoenix.testing.night import idps_of
from phoenix.testing.stranger import read_delivered
from phoenix_xshooter.report.cover import coversheet_panels
from phoenix_xshooter.simulation.arms import SPECTROGRAPHS
from phoenix_xshooter.simulation.light import BANDS
from phoenix_xshooter.simulation.render import DRIFT

pytestmark = [pytest.mark.recipes, pytest.mark.slow]

C = 299792.458  # km/s
GOOD = "0000000"
STARS = ("OBJECT_SLIT_NOD_UVB", "OBJECT_SLIT_NOD_VIS", "OBJECT_SLIT_NOD_NIR")
NEBULA, EXTENDED = "OBJECT_SLIT_STARE_NIR", "SCIENCE_SLIT_OFFSET_NIR"

AIR = (
    (686, 695), (716, 735), (759, 771), (812, 836), (890, 990), (1090, 1180), (1255, 1285),
    (1320, 1500), (1560, 1620), (1730, 2090), (2300, 2500),
)  # fmt: skip
"""nm between which the air absorbs, and no response holds."""

COMPARED = {"UVB": (305.0, 552.0), "VIS": (548.0, 1018.0), "NIR": (1008.0, 2290.0)}
"""nm between which enough light passes the dichroics (and the last order has some)."""

LAMPS_CHANGE = (356.0, 366.0)
"""nm where the flat of UVB goes from one lamp to the other: the response rings there."""

RINGS = (*AIR, LAMPS_CHANGE)


def cards(plan):
    return {card.keyword: card.value for card in (*plan.extension, *plan.primary)}


@pytest.fixture(scope="session")
def delivered(idps, tmp_path_factory):
    """Write all IDPs with what travels with them, and read them as a stranger does."""
    folder = tmp_path_factory.mktemp("xshooter-delivered")
    found = {}
    for raw_type, (_, plan) in idps.items():
        write_idp(evolve(plan, ancillaries=()), folder / plan.name)
        found[raw_type] = read_delivered(folder / plan.name)
    return found


@pytest.fixture(scope="session")
def truths(good):
    """Open the truth of a raw file by its name."""

    def open_(raw):
        path = next(good.night.folder.glob(f"truth/*/{raw.removesuffix('.fits')}_truth.fits"))
        with fits.open(path) as hdus:
            table = {name: np.array(hdus[1].data[name]) for name in hdus[1].data.names}
            return hdus[0].header.copy(), table

    return open_


def expected(spectrum, truths, wave):
    """Mean truth of the exposures in the frame of the Sun, means over the bins of a spectrum."""
    names = [
        spectrum.header[f"PROV{number}"] for number in range(1, spectrum.header["NCOMBINE"] + 1)
    ]
    edges = 0.5 * (wave[1:] + wave[:-1])
    means = []
    for name in names:
        header, table = truths(name)
        grid = table["WAVE"] * (1.0 + header["ESO SIM OBSERVER"] / C)
        flux = table["EXPECTED"].astype(float)
        total = np.concatenate([[0.0], np.cumsum(0.5 * (flux[1:] + flux[:-1]) * np.diff(grid))])
        means.append(np.diff(np.interp(edges, grid, total)) / np.diff(edges))
    return np.mean(means, axis=0)


def clear(wave, windows, low, high):
    """Where a spectrum can be compared."""
    keep = (wave > low) & (wave < high)
    for begin, end in windows:
        keep &= (wave < begin - 3.0) | (wave > end + 3.0)
    return keep


@pytest.mark.parametrize("raw_type", [*STARS, EXTENDED])
def test_the_flux_of_the_delivered_file_is_that_of_the_truth_within_two_percent(
    raw_type, delivered, truths
):
    spectrum = delivered[raw_type]
    wave, flux = spectrum.wave[1:-1], spectrum.flux[1:-1]
    truth = expected(spectrum, truths, spectrum.wave)
    keep = spectrum.good[1:-1] & clear(wave, RINGS, *COMPARED[raw_type[-3:]])
    number = keep.sum() // 20 * 20
    means = flux[keep][:number].reshape(-1, 20).mean(axis=1)
    ratio = means / truth[keep][:number].reshape(-1, 20).mean(axis=1)
    assert np.median(ratio) == pytest.approx(1.0, abs=0.01)
    assert np.percentile(np.abs(ratio - 1.0), 90) < 0.02


@pytest.mark.parametrize("raw_type", [*STARS, EXTENDED])
def test_no_error_is_out_of_all_proportion_to_its_neighbours(raw_type, delivered):
    """Beyond the ends of the slit the flat has no light, and nodding lays that on the star."""
    spectrum = delivered[raw_type]
    keep = spectrum.good & clear(spectrum.wave, RINGS, *COMPARED[raw_type[-3:]])
    error = spectrum.error[keep].astype(float)
    assert np.mean(error > 10.0 * median_filter(error, 101)) < 0.005


@pytest.mark.parametrize(("one", "other", "low", "high"), [
    ("OBJECT_SLIT_NOD_UVB", "OBJECT_SLIT_NOD_VIS", 548.0, 554.0),
    ("OBJECT_SLIT_NOD_VIS", "OBJECT_SLIT_NOD_NIR", 1006.0, 1018.0),
])  # fmt: skip
def test_arms_agree_where_they_overlap(one, other, low, high, delivered):
    levels = []
    for spectrum in (delivered[one], delivered[other]):
        inside = spectrum.good & (spectrum.wave > low) & (spectrum.wave < high)
        levels.append(np.mean(spectrum.flux[inside]))
    assert levels[0] / levels[1] == pytest.approx(1.0, abs=0.02)


@pytest.mark.parametrize("arm", ["UVB", "VIS", "NIR"])
def test_the_wave_map_is_right_to_a_tenth_of_a_pixel(arm, good):
    maps = next(one for one in good.blocks if one.ab.raw_type == f"WAVE_{arm}").products
    path = next(product.path for product in maps if product.pro_catg == f"WAVE_MAP_{arm}")
    wave = fits.getdata(path).astype(float)
    row = SPECTROGRAPHS[arm]
    for order in row.orders:
        first, last = row.rows_of(order, 0.5)
        y = np.arange(np.ceil(first) + 5, last - 5, 40.0)
        for slit in (-4.0, 0.0, 4.0):
            x = np.rint(row.column(order, y, slit) + DRIFT[0])
            place = (x - DRIFT[0] - row.column(order, y)) / row.scale
            true = row.wavelength(order, y - DRIFT[1] - row.tilt * place)
            step = np.abs(np.gradient(row.wavelength(order, y), y))
            found = wave[(y - 1).astype(int), (x - 1).astype(int)]
            known = found > 0
            assert known.mean() > 0.9
            assert np.abs((found - true)[known] / step[known]).max() < 0.1


@pytest.mark.parametrize("raw_type", [*STARS, NEBULA, EXTENDED])
def test_the_barycentric_velocity_is_that_of_astropy(raw_type, delivered):
    header = delivered[raw_type].header
    site = EarthLocation.from_geodetic(-70.4032, -24.6254, 2648.0)
    exposure = header["EXPTIME"] / header["NCOMBINE"]
    begin, last = Time(header["MJD-OBS"], format="mjd"), Time(header["MJD-END"], format="mjd")
    half = TimeDelta(0.5 * exposure, format="sec")
    place = SkyCoord(header["RA"], header["DEC"], unit="deg")
    ends = [
        place.radial_velocity_correction("barycentric", obstime=time, location=site)
        for time in (begin + half, last - half)
    ]
    assert header["SPECSYS"] == "BARYCENT"
    assert header["BARYCORR"] == pytest.approx(
        np.mean([one.to_value(units.km / units.s) for one in ends]), abs=0.02
    )


def test_lines_of_a_nebula_without_a_star_stand_where_they_should(delivered, truths):
    spectrum = delivered[NEBULA]
    header, _ = truths(spectrum.header["PROV1"])
    velocity = header["ESO SIM TARG VELO"]
    for rest in (1083.03, 1281.81, 1643.55, 2165.53):
        place = rest * (1.0 + velocity / C)
        near = np.abs(spectrum.wave - place) < 2.5
        wave, flux = spectrum.wave[near], spectrum.flux[near]
        flux = flux - np.median(flux)
        centre = (wave * flux).sum() / flux.sum()
        assert centre == pytest.approx(place, abs=0.05)


def test_a_nebula_without_a_star_is_green(good, process, xshooter):
    one = next(one for one in good.blocks if one.ab.raw_type == NEBULA)
    scores = judge(one.qc, xshooter.score_rules(process), one.ab.raw_type)
    assert {score.outcome for score in scores} == {Outcome.GREEN}
    assert one.qcflags[0] == GOOD


@pytest.mark.parametrize(("raw_type", "number"), [
    ("OBJECT_SLIT_NOD_VIS", 5), (EXTENDED, 5), (NEBULA, 3),
])  # fmt: skip
def test_a_nod_has_five_scores_and_staring_three(raw_type, number, good, process, xshooter):
    one = next(one for one in good.blocks if one.ab.raw_type == raw_type)
    assert len(judge(one.qc, xshooter.score_rules(process), raw_type)) == number


def test_every_idp_of_a_good_night_has_a_flag_of_seven_zeros(idps):
    assert {cards(plan)["QCFLAG"] for _, plan in idps.values()} == {GOOD}


def test_sky_frames_count_neither_as_time_nor_as_origin(idps):
    one, plan = idps[EXTENDED]
    said = cards(plan)
    (target,) = [raw for raw in one.ab.raw_files if raw.tag.startswith("OBJECT")]
    assert (said["NCOMBINE"], said["PROV1"]) == (1, target.name)
    assert "PROV2" not in said
    assert (said["EXPTIME"], said["TEXPTIME"]) == (100.0, 100.0)


def test_the_wide_slit_has_all_of_the_flux_and_its_resolving_power(idps):
    for raw_type, power in zip(STARS, (1900.0, 3200.0, 2600.0), strict=True):
        said = cards(idps[raw_type][1])
        assert (said["TOT_FLUX"], said["EXT_OBJ"], said["SPEC_RES"]) == (True, False, power)
        assert said["APERTURE"] == pytest.approx(5.0 / 3600.0, abs=1e-8)


def test_the_delivered_numbers_are_those_of_the_recipes_own_table(good, idps):
    for raw_type in STARS:
        one, plan = idps[raw_type]
        path = next(
            row.path for row in one.products if row.pro_catg.startswith("SCI_SLIT_FLUX_IDP")
        )
        table = fits.getdata(path, 1)[0]
        columns = {column.name: column.values for column in plan.columns}
        first = int(np.flatnonzero(table["ERR"] > 0)[0])
        part = slice(first, first + len(columns["FLUX"]))
        known = columns["ERR"] > 0
        for name in ("FLUX", "ERR", "FLUX_REDUCED"):
            there = table[name][part].astype(np.float32)
            np.testing.assert_array_equal(columns[name][known], there[known])


def test_spectrum_in_two_dimensions_report_and_log_travel_with_every_idp(good, idps, tmp_path):
    """The line puts report and log among the products, which it measured before."""
    for one, _ in idps.values():
        root = one.ab.root
        beside = tuple(Product(tmp_path / f"{root}{end}", "", Role.ANCILLARY, str(one.ab.name))
                       for end in (".png", ".log"))  # fmt: skip
        (plan,) = idps_of(good.night, evolve(one, products=(*one.products, *beside)))
        assert [row.category for row in plan.ancillaries] == [
            "ANCILLARY.2DSPECTRUM",
            "ANCILLARY.PREVIEW",
            "ANCILLARY.README",
        ]
        said = {card.keyword: card.value for card in plan.ancillaries[0].cards}
        assert said["SPECSYS"] == "TOPOCENT"


def test_the_arms_of_a_pointing_and_their_overlaps_are_on_one_coversheet(good):
    stars = tuple(one for one in good.blocks if one.ab.raw_type in STARS)
    products = {str(one.ab.name): one.products for one in stars}
    panels = list(coversheet_panels(tuple(one.ab for one in stars), products))
    assert [panel.title for panel in panels] == [
        *("All arms", "UVB", "VIS", "NIR"),
        *("UVB and VIS where they meet", "VIS and NIR where they meet"),
    ]
    colours = [tuple(curve.colour for curve in panel.curves) for panel in panels]
    assert colours == [(0, 1, 2), (0,), (1,), (2,), (0, 1), (1, 2)]


@pytest.mark.parametrize("arm", ["UVB", "VIS", "NIR"])
def test_no_knot_of_the_response_stands_where_the_air_absorbs(arm, night):
    (path,) = night.folder.glob(f"calib/gen/*RFP*_{arm}.fits")
    with fits.open(path) as hdus:
        knots = np.concatenate([hdu.data["LAMBDA"] for hdu in hdus[2:]])
    assert knots.size > 20
    assert not any(((knots > low) & (knots < high)).any() for low, high in BANDS)


def test_idps_and_what_travels_with_them_obey_the_standard(idps, tmp_path):
    for _, plan in idps.values():
        for row in plan.ancillaries:
            write_ancillary(row, tmp_path / row.name)
        write_idp(plan, tmp_path / plan.name)
    paths = sorted(tmp_path.glob("*.fits"))
    assert len(paths) == 2 * len(idps)
    assert [str(report) for report in validate_many(paths) if not report.ok] == []
