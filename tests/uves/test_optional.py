"""What an AB of UVES can do without, and what is left of it."""

from __future__ import annotations

import pytest
from attrs import evolve

from phoenix.model.frames import MasterCalibration
from phoenix.steps.do_without import optional_parents, without_parents
from phoenix_uves.blocks.cascade import cascade
from phoenix_uves.blocks.edits import modernise
from phoenix_uves.blocks.optional import left_of

from .test_cascade import single

STANDARD = "UVES.2010-01-02T00:10:00.000"
FLAT = "UVES.2010-01-02T10:00:00.000_tpl"


def made_by(root, pro_catg, number=0):
    path = f"${{DFS_PRODUCT}}/2010-01-01/{root}/r.{root}_{number:04d}.fits"
    return MasterCalibration(path, pro_catg, virtual=True)


EXTINCTION = MasterCalibration("${DFO_CAL_DIR}/gen/UV_GEXT.fits", "EXTCOEFF_TABLE")
RESPONSE = made_by(STANDARD, "INSTR_RESPONSE_FINE_BLUE")
GIVEN = (made_by(FLAT, "MASTER_FLAT_BLUE"), RESPONSE, EXTINCTION)


def science(minute, *calibrations):
    """Return the AB of an exposure whose flux can be calibrated."""
    waits = tuple({one.parent for one in calibrations if one.parent})
    return modernise(evolve(single(minute), calibrations=calibrations, waits_for=waits))


def stack_of(*blocks):
    return next(ab for ab in cascade(blocks) if ab.recipe == "uves_stack")


def catgs(rows):
    return {one.pro_catg for one in rows}


def test_science_without_a_response_goes_to_counts():
    ab = science(0, *GIVEN)
    assert "FLUXCAL_SCI_POINT_BLUE" in catgs(ab.products)
    less = left_of(ab, (RESPONSE,))
    assert less.calibrations == (GIVEN[0], EXTINCTION)
    assert catgs(ab.products) - catgs(less.products) == {
        "FLUXCAL_SCI_POINT_BLUE",
        "FLUXCAL_ERRORBAR_SCI_POINT_BLUE",
    }
    assert less.edits[-1].why.startswith("no response")
    assert modernise(less) == less


def test_science_that_loses_one_of_two_responses_stays_calibrated():
    real = MasterCalibration("${DFO_CAL_DIR}/gen/UV_MRSP.fits", "MASTER_RESPONSE_BLUE")
    ab = science(0, *GIVEN, real)
    assert left_of(ab, (RESPONSE,)).products == ab.products


def test_a_red_spectrum_loses_the_flux_of_both_chips():
    chips = ("REDL", "REDU")
    responses = tuple(made_by(STANDARD, f"INSTR_RESPONSE_FINE_{chip}") for chip in chips)
    raws = tuple(evolve(raw, tag="SCI_POINT_RED") for raw in single(0).raw_files)
    red = evolve(single(0), raw_type="SCI_POINT_RED", raw_files=raws)
    ab = modernise(evolve(red, calibrations=(*responses, EXTINCTION)))
    assert {f"FLUXCAL_SCI_POINT_{chip}" for chip in chips} < catgs(ab.products)
    assert not any(name.startswith("FLUX") for name in catgs(left_of(ab, responses).products))


def test_the_standard_is_the_only_parent_that_science_can_do_without(uves, process):
    assert optional_parents(uves, process, science(0, *GIVEN)) == {f"{STANDARD}.ab"}


@pytest.mark.parametrize("pro_catg", ["MASTER_BIAS_BLUE", "MASTER_DARK_BLUE", "LINE_TABLE_BLUE"])
def test_science_needs_everything_else(pro_catg):
    missing = made_by(FLAT, pro_catg)
    assert left_of(science(0, *GIVEN, missing), (missing,)) is None
    assert left_of(science(0, *GIVEN, missing), (missing, RESPONSE)) is None


def test_a_flat_with_its_bias_in_it_is_not_made_though_the_rules_have_it_optional():
    flat = evolve(single(0), recipe="uves_cal_mflat", raw_type="FLAT_BLUE")
    assert (
        left_of(flat, (made_by("UVES.2010-01-02T09:00:00.000_tpl", "MASTER_BIAS_BLUE"),)) is None
    )


def test_a_stack_knows_how_many_exposures_the_ob_has():
    stack = stack_of(science(0, *GIVEN), science(20, *GIVEN), science(40, *GIVEN))
    assert list(map(str, stack.parameters)) == ["--exposures=3"]


def test_a_stack_is_made_of_the_exposures_that_there_are(uves, process):
    exposures = [science(minute, *GIVEN) for minute in (0, 20, 40)]
    stack = stack_of(*exposures)
    names = [str(ab.name) for ab in exposures]
    assert optional_parents(uves, process, stack) == set(names)
    less = without_parents(uves, process, stack, {names[0]})
    assert less.raw_files == (*exposures[1].raw_files, *exposures[2].raw_files)
    assert {one.parent for one in less.calibrations} == set(names[1:]) == set(less.waits_for)
    assert less.edits[len(stack.edits)].why == "the mean of 2 of 3 exposures of the OB"


def test_one_exposure_is_no_stack(uves, process):
    exposures = [science(minute, *GIVEN) for minute in (0, 20, 40)]
    names = [str(ab.name) for ab in exposures]
    assert without_parents(uves, process, stack_of(*exposures), names[1:]) is None
    assert optional_parents(uves, process, stack_of(*exposures[:2])) == frozenset()


def test_a_stack_is_in_counts_if_one_exposure_is():
    stack = stack_of(science(0, *GIVEN), science(20, *GIVEN))
    flux = [one for one in stack.calibrations if one.pro_catg.startswith("FLUXCAL_")]
    less = left_of(stack, tuple(flux[:2]))
    assert less.raw_files == stack.raw_files
    assert catgs(less.calibrations) == {
        "RED_SCI_POINT_BLUE",
        "ERRORBAR_SCI_POINT_BLUE",
        "MERGED_SKY_BLUE",
        "WCALIB_FF_SCI_POINT_BLUE",
        "ERRORBAR_WCALIB_FF_SCI_POINT_BLUE",
    }
    assert "in counts" in less.edits[-1].why


def test_a_stack_that_loses_an_exposure_without_flux_stays_calibrated(uves, process):
    """What is missing of an exposure that is left out anyhow does not count."""
    exposures = [science(minute, *GIVEN) for minute in (0, 20, 40)]
    less = without_parents(uves, process, stack_of(*exposures), {str(exposures[1].name)})
    assert "FLUXCAL_SCI_POINT_BLUE" in catgs(less.calibrations)
