"""A night through the line: IDPs against truth, stacks, QCFLAG."""

from __future__ import annotations

import numpy as np
import pytest
from astropy.io import fits
from attrs import evolve

from phoenix.formats.idpfile import write_idp
from phoenix.phase3.validate import validate_many
from phoenix.steps.delivery.ancillary import write_ancillary
from phoenix.testing.stranger import compare, read_delivered
from phoenix_uves.process import STACK, chips_of

pytestmark = [pytest.mark.recipes, pytest.mark.slow]

GOOD = "00000000000"
SLICED = "00011000100"


def cards(plan):
    return {card.keyword: card.value for card in (*plan.extension, *plan.primary)}


def column(plan, name):
    return next(column.values for column in plan.columns if column.name == name)


def truth_of(good, raw):
    return next(good.night.folder.glob(f"truth/*/{raw.name.removesuffix('.fits')}_truth.fits"))


def of_type(idps, raw_type):
    return [(one, plan) for (kind, _), (one, plan) in idps.items() if kind == raw_type]


@pytest.fixture(scope="session", params=["BLUE", "RED"])
def stack(request, idps):
    ((one, plan),) = of_type(idps, f"{STACK}_{request.param}")
    return one, plan


@pytest.fixture(scope="session")
def delivered(tmp_path_factory):
    """Write an IDP and read it as a stranger does."""
    folder = tmp_path_factory.mktemp("delivered")

    def read(plan):
        write_idp(evolve(plan, ancillaries=()), folder / plan.name)
        return read_delivered(folder / plan.name)

    return read


def compared(good, one, spectrum):
    """Compare every chip of a calibrated IDP with the mean truth of its exposures."""
    truths = [truth_of(good, raw) for raw in one.ab.raw_files]
    for chip in chips_of(one.ab.raw_type):
        grids = []
        for truth in truths:
            with fits.open(truth) as hdus:
                observer = hdus[0].header["ESO SIM OBSERVER"]
                moved = hdus[chip].data["WAVE"] * (1.0 + observer / 299792.458)
                grids.append((moved, hdus[chip].data["EXPECTED"].astype(float)))
        wave = grids[0][0]
        expected = np.mean([np.interp(wave, *grid) for grid in grids], axis=0)
        margin = 0.03 * (wave[-1] - wave[0])
        part = (spectrum.wave > wave[0] + margin) & (spectrum.wave < wave[-1] - margin)
        yield compare(evolve(spectrum, good=spectrum.good & part), wave, expected)


def test_every_ab_is_successful(good):
    assert {one.result.reason for one in good.blocks} == {""}


def test_a_stack_is_what_was_put_in(good, stack, delivered):
    one, plan = stack
    for found in compared(good, one, delivered(plan)):
        assert found.ratio == pytest.approx(1.0, abs=0.005)
        assert np.nanmax(np.abs(found.sections - 1.0)) < 0.01
        assert abs(found.velocity) < 0.1
        assert 0.8 < found.pull < 1.2


def test_a_single_exposure_is_what_was_put_in(good, idps, delivered):
    """The iodine cell is observed once: its IDP is that of one exposure."""
    ((one, plan),) = of_type(idps, "SCI_POINT_RED")
    for found in compared(good, one, delivered(plan)):
        assert found.ratio == pytest.approx(1.0, abs=0.005)
        assert np.nanmax(np.abs(found.sections - 1.0)) < 0.01
        assert abs(found.velocity) < 0.1
        assert 0.8 < found.pull < 1.2


def test_a_stack_is_better_than_its_exposures(good, stack):
    one, plan = stack
    singles = [
        next(row.value for row in single.qc if (row.parameter, row.element) == ("SNR", 0))
        for single in good.blocks
        if str(single.ab.name) in one.ab.waits_for
    ]
    assert cards(plan)["SNR"] > 1.3 * max(singles)


def test_a_stack_tells_all_its_exposures(stack):
    one, plan = stack
    found = cards(plan)
    assert found["NCOMBINE"] == len(one.ab.raw_files) == 2
    assert [found["PROV1"], found["PROV2"]] == [raw.name for raw in one.ab.raw_files]
    assert found["TEXPTIME"] == 1800.0
    assert found["TELAPSE"] > found["TEXPTIME"]
    assert found["ESO QC STACK DEV"] < 0.02


def test_exposures_of_a_stack_are_ancillaries_and_no_idps(good, stack, idps):
    one, plan = stack
    spectra = [row for row in plan.ancillaries if row.category == "ANCILLARY.SPECTRUM"]
    assert len(spectra) == 2
    assert not {f"{row.name}" for row in spectra} & {name for _, name in idps}
    assert not set(one.ab.waits_for) & {str(single.ab.name) for single in good.delivered()}


def test_ancillaries_of_a_stack_are_spectra_that_anyone_can_read(stack, tmp_path):
    _, plan = stack
    for row in plan.ancillaries:
        if row.category != "ANCILLARY.SPECTRUM":
            continue
        write_ancillary(row, tmp_path / row.name)
        with fits.open(tmp_path / row.name) as hdus:
            assert hdus[0].header["PRODCATG"] == "ANCILLARY.SPECTRUM"
            assert hdus[0].header["NCOMBINE"] == 1
            assert hdus[1].data["FLUX"].shape == (1, hdus[1].data["WAVE"].size)


def test_names_are_those_of_the_archive(stack):
    one, plan = stack
    setup = {"BLUE": "BLU390d1", "RED": "RED580d1"}[one.ab.raw_type.rpartition("_")[2]]
    assert plan.name == (f"UV_SFLX_{one.ab.obs_id}_{one.ab.name.timestamp}_{setup}_2x2_08.fits")


def test_columns_stand_in_the_order_of_the_archive(stack):
    names = [column.name for column in stack[1].columns]
    counts = ["FLUX_REDUCED", "ERR_REDUCED", "BGFLUX_REDUCED"]
    assert names == ["WAVE", *counts, "FLUX", "ERR", "QUAL"]


def test_the_sky_of_a_dark_night_is_next_to_nothing(stack):
    """The simulated sky is faint: what was taken off lies within the noise of one pixel."""
    plan = stack[1]
    good = column(plan, "QUAL") == 0
    sky, noise = column(plan, "BGFLUX_REDUCED")[good], column(plan, "ERR_REDUCED")[good]
    assert np.isfinite(sky).all()
    assert np.any(sky != 0)
    assert abs(np.median(sky)) < np.median(noise)


def test_the_limits_are_those_of_calibrated_pixels(stack):
    plan = stack[1]
    wave = column(plan, "WAVE")[column(plan, "QUAL") == 0] / 10.0
    found = cards(plan)
    assert (found["WAVELMIN"], found["WAVELMAX"]) == pytest.approx((wave[0], wave[-1]))
    assert found["SPEC_BW"] == pytest.approx(wave[-1] - wave[0])


def test_the_orders_of_each_exposure_travel_along(stack):
    one, plan = stack
    names = [row.name for row in plan.ancillaries if row.category == "ANCILLARY.2DSPECTRUM"]
    assert len(names) == 2 * len(chips_of(one.ab.raw_type))
    assert all(name.startswith("UV_S2DX_") for name in names)
    assert len(set(names)) == len(names)
    if one.ab.raw_type.endswith("BLUE"):
        assert all("_BLUE390d1_2x2_08" in name for name in names)


def test_the_orders_are_what_the_recipe_merged(good, idps, tmp_path):
    """Each pixel of the merged spectrum that one order alone gives is that of the order."""
    one, plan = next(row for (kind, _), row in idps.items() if kind == "SCI_POINT_RED")
    row = next(row for row in plan.ancillaries if "_REDU580d1" in row.name)
    write_ancillary(row, tmp_path / row.name)
    merged = next(row.path for row in one.products if row.pro_catg == "RED_SCI_POINT_REDU")
    with fits.open(merged) as hdus:
        first, step, counts = hdus[0].header["CRVAL1"], hdus[0].header["CDELT1"], hdus[0].data
    assert fits.getheader(tmp_path / row.name)["SPECSYS"] == "TOPOCENT"
    with fits.open(tmp_path / row.name) as hdus:
        header, orders, errors = hdus["SCI"].header, hdus["SCI"].data, hdus["ERR"].data
    assert orders.shape == errors.shape
    begins = [header[f"WSTART{i}"] for i in range(1, len(orders) + 1)]
    ends = [header[f"WEND{i}"] for i in range(1, len(orders) + 1)]
    alone = 0
    for i in range(1, len(orders) - 1):
        low, high = max(begins[i], ends[i - 1]), min(ends[i], begins[i + 1])
        lower = int(np.ceil((low - begins[i]) / step)) + 5
        upper = int((high - begins[i]) / step) - 5
        if upper - lower < 20:
            continue
        start = round((begins[i] - first) / step)
        part = orders[i, lower:upper]
        np.testing.assert_allclose(part, counts[start + lower : start + upper], rtol=1e-4)
        alone += 1
    assert alone > 3


def test_titles_differ_between_a_stack_and_its_exposures(stack):
    _, plan = stack
    parts = [row for row in plan.ancillaries if row.category == "ANCILLARY.SPECTRUM"]
    titles = [card.value for row in parts for card in row.hdus[0].cards if card.keyword == "TITLE"]
    titles.append(cards(plan)["TITLE"])
    assert len(set(titles)) == 3


def test_what_the_archive_tells_of_instrument_and_orders_is_told(stack):
    found = cards(stack[1])
    assert found["DISPELEM"].startswith("CD#")
    assert (found["IS_FLUXD"], found["IS_IDP"], found["IS_STACK"]) == ("yes", "yes", "yes")
    assert {"UTC", "LST", "ESO DET READ SPEED", "ESO PRO REC1 PARAM1 NAME"} <= found.keys()


def test_the_gap_between_the_red_chips_is_flagged_and_empty(idps):
    ((_, plan),) = of_type(idps, f"{STACK}_RED")
    gap = column(plan, "QUAL") == 1
    wave = column(plan, "WAVE")
    assert 570.0 < wave[gap].min() / 10.0 < wave[gap].max() / 10.0 < 590.0
    assert np.isnan(column(plan, "FLUX")[gap]).all()
    assert np.isfinite(column(plan, "FLUX")[column(plan, "QUAL") == 0]).all()
    assert (np.diff(wave) > 0).all()


def test_wavelengths_are_barycentric(stack):
    assert cards(stack[1])["SPECSYS"] == "BARYCENT"


def test_the_resolution_is_that_of_the_arc(stack):
    one, plan = stack
    measured = next(row.value for row in one.qc if row.parameter == "SPEC_RES")
    assert cards(plan)["SPEC_RES"] == pytest.approx(measured, abs=0.1)
    assert 40000 < measured < 60000


def test_means_over_the_slit_are_in_counts_and_say_so(idps):
    found = [plan for (kind, _), (_, plan) in idps.items() if kind.startswith("SCI_SLICER")]
    assert found
    for plan in found:
        assert plan.name.startswith("UV_SRED_")
        assert cards(plan)["FLUXCAL"] == "UNCALIBRATED"
        assert cards(plan)["QCFLAG"] == SLICED
        assert "FLUX" not in {column.name for column in plan.columns}


def test_means_over_the_slit_follow_the_truth_in_counts(good, idps, delivered):
    """Electrons of the star over those of the flat; the lamp is too faint below 370 nm."""
    for one, plan in of_type(idps, "SCI_SLICER_BLUE"):
        spectrum = delivered(plan)
        with fits.open(truth_of(good, one.ab.raw_files[0])) as hdus:
            moved = 1.0 + hdus[0].header["ESO SIM OBSERVER"] / 299792.458
            wave, counts = hdus["BLUE"].data["WAVE"] * moved, hdus["BLUE"].data["COUNTS"]
        bright = evolve(spectrum, good=spectrum.good & (spectrum.wave > 370.0))
        found = compare(bright, wave, counts.astype(float))
        assert abs(found.velocity) < 0.1
        assert np.nanmax(np.abs(found.sections - 1.0)) < 0.02


def test_stacks_of_a_good_night_have_no_bit_set(stack):
    assert cards(stack[1])["QCFLAG"] == GOOD


def test_orders_have_their_true_numbers(good):
    single = next(one for one in good.blocks if one.ab.raw_type == "SCI_POINT_BLUE")
    orders = {row.element for row in single.qc if row.parameter == "SNR" and row.element}
    with fits.open(truth_of(good, single.ab.raw_files[0])) as truth:
        true = set(truth["BLUE_ORDERS"].data["ORDER"].tolist())
    assert len(orders) > 30
    assert len(orders - true) <= 2


def test_the_standard_tells_a_stranger_that_all_idps_are_valid(idps, tmp_path):
    paths = []
    for _, plan in idps.values():
        for row in plan.ancillaries:
            if row.path is None:
                write_ancillary(row, tmp_path / row.name)
                paths.append(tmp_path / row.name)
        write_idp(evolve(plan, ancillaries=()), tmp_path / plan.name)
        paths.append(tmp_path / plan.name)
    assert [str(report) for report in validate_many(paths) if not report.ok] == []
