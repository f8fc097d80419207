"""Every named fault is there in the night, and nothing else has changed."""

from __future__ import annotations

import numpy as np
import pytest

from phoenix.errors import SettingsError
from phoenix.model.dates import CivilDate
from phoenix.simulate.fault import with_faults
from phoenix.simulate.night import SimulationOptions, night_rng
from phoenix_uves.simulation.blocks import blocks
from phoenix_uves.simulation.faults import FAULTS, MOVED_FORMAT
from phoenix_uves.simulation.headers import frame_cards
from phoenix_uves.simulation.plan import ARC, BIAS, FLAT, FORMAT, ORDERDEF, SCIENCE, STANDARD
from phoenix_uves.simulation.programme import plan_night
from phoenix_uves.simulation.render import chip_format, chip_pixels, throughput

DATE = CivilDate(2020, 1, 1)
GOOD = plan_night(DATE, SimulationOptions())


def spoilt(*names):
    return with_faults(GOOD, names, FAULTS)


def counts(plan, kind, number=0):
    frame = plan.of_kind(kind, "BLUE")[number]
    rng = night_rng(plan.options, plan.date, 4, frame.stream, 0)
    return chip_pixels(plan, frame, "BLUE", rng).counts


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_fault_changes_the_plan_says_why_and_who_must_see_it(fault):
    changed = fault.spoil(GOOD)
    assert changed.frames != GOOD.frames or changed.standards != GOOD.standards
    assert fault.meaning.endswith(".")
    assert fault.caught_by


def test_the_names_of_the_faults_are_unique():
    names = [fault.name for fault in FAULTS]
    assert len(names) == len(set(names))


def test_a_fault_of_frames_that_were_not_taken_is_refused():
    options = SimulationOptions(setups=("437",), calibrations=True)
    night = plan_night(CivilDate(2020, 1, 2), options)
    with pytest.raises(SettingsError, match="take another night"):
        with_faults(night, ("cloud",), FAULTS)


@pytest.mark.parametrize(("name", "kind"), [("saturated", SCIENCE), ("saturated_flat", FLAT)])
def test_saturation_fills_pixels_and_a_good_frame_has_none(name, kind):
    assert (counts(spoilt(name), kind) == 65535).sum() > 1000
    assert (counts(GOOD, kind) == 65535).sum() == 0


@pytest.mark.parametrize(
    ("name", "kind"),
    [("blank_arc", ARC), ("blank_format_check", FORMAT), ("blank_order_flat", ORDERDEF)],
)
def test_a_dark_lamp_leaves_the_bias_alone(name, kind):
    assert counts(GOOD, kind).max() > 2000
    assert counts(spoilt(name), kind).max() < 400


def test_one_of_the_biases_is_a_flat():
    plan = spoilt("flat_among_biases")
    levels = [float(np.mean(counts(plan, BIAS, number))) for number in range(3)]
    assert levels[1] > 1000
    assert levels[0] == pytest.approx(150, abs=1)
    assert levels[2] == pytest.approx(150, abs=1)


def test_a_moved_format_moves_all_blue_frames_and_no_red_one():
    plan = spoilt("shifted_format")
    shifts = {frame.setting.arm: frame.shift for frame in plan.frames}
    assert shifts == {"BLUE": MOVED_FORMAT, "RED": (0.0, 0.0)}
    still, moved = (
        chip_format(night, night.of_kind(ARC, "BLUE")[0], "BLUE") for night in (GOOD, plan)
    )
    order = still.order[5]
    rows = [form.row[form.order == order][0].mean() for form in (still, moved)]
    assert rows[1] - rows[0] == pytest.approx(MOVED_FORMAT[1], abs=0.3)


def test_without_a_standard_there_is_no_response_to_wait_for():
    plan = spoilt("no_standard")
    assert plan.of_kind(STANDARD) == ()
    masters = [m.pro_catg for ab in blocks(plan) for m in ab.calibrations]
    assert not any("RESPONSE" in pro_catg for pro_catg in masters)


def test_an_unknown_standard_was_observed_but_is_not_in_the_table():
    plan = spoilt("unknown_standard")
    observed = {frame.target.name for frame in plan.of_kind(STANDARD)}
    assert observed
    assert not observed & {star.name for star in plan.standards}


def test_the_last_science_frame_of_each_arm_has_no_airmass():
    plan = spoilt("missing_airmass")
    for arm in ("BLUE", "RED"):
        keywords = [
            {card.keyword for card in frame_cards(plan, frame)}
            for frame in plan.of_kind(SCIENCE, arm)
        ]
        assert ["ESO TEL AIRM START" in found for found in keywords] == [
            *[True] * (len(keywords) - 1),
            False,
        ]


def test_the_standard_behind_the_science_slit_loses_light_and_says_so():
    plan = spoilt("wrong_slit")
    frame = plan.of_kind(STANDARD, "BLUE")[0]
    slits = {card.keyword: card.value for card in frame_cards(plan, frame)}
    assert slits["ESO INS SLIT2 WID"] == 0.8
    assert throughput(frame) == pytest.approx(0.705, abs=0.01)
    assert throughput(GOOD.of_kind(STANDARD, "BLUE")[0]) == pytest.approx(1.0, abs=1e-6)


def test_a_frame_beside_the_target_has_sky_alone():
    beside, on = counts(spoilt("negative_flux"), SCIENCE), counts(GOOD, SCIENCE)
    assert np.percentile(on, 95) > 1000
    assert np.percentile(beside, 95) < 200


def test_a_cloud_dims_one_exposure_of_the_ob_in_both_arms():
    plan = spoilt("cloud")
    for arm in ("BLUE", "RED"):
        assert [frame.light for frame in plan.of_kind(SCIENCE, arm)][:2] == [1.0, 0.3]
