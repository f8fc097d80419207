"""Every named fault is there in the plan of the night, and nothing else has changed."""

from __future__ import annotations

import numpy as np
import pytest

from phoenix.model.dates import CivilDate
from phoenix.simulate.fault import with_faults
from phoenix.simulate.night import SimulationOptions, night_rng
from phoenix_giraffe.simulation.blocks import blocks, raw_night
from phoenix_giraffe.simulation.faults import FAULTS
from phoenix_giraffe.simulation.headers import TEMPERATURE_KEYWORD, frame_cards
from phoenix_giraffe.simulation.optics import spectral_format
from phoenix_giraffe.simulation.plan import ARC, BIAS, FLAT, SCIENCE, SIMCAL_ARC, plan_night
from phoenix_giraffe.simulation.render import raw_pixels
from phoenix_giraffe.simulation.slit import positions
from phoenix_giraffe.simulation.statics import static_path

DATE = CivilDate(2020, 1, 1)
GOOD = plan_night(DATE, SimulationOptions())


def spoilt(*names):
    return with_faults(GOOD, names, FAULTS)


def pixels(plan, kind, number=0):
    frame = plan.of_kind(kind)[number]
    form = spectral_format(plan.optics, *positions(plan.fibres))
    return raw_pixels(plan, frame, form, night_rng(plan.options, plan.date, 4, frame.stream))


def card(plan, kind, keyword, number=0):
    cards = {c.keyword: c.value for c in frame_cards(plan, plan.of_kind(kind)[number])}
    return cards.get(keyword)


def kinds_of_targets(plan):
    return [[t.kind for t in frame.field.targets] for frame in plan.of_kind(SCIENCE)]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_fault_changes_the_plan_says_why_and_who_must_see_it(fault):
    changed = fault.spoil(GOOD)
    assert changed.frames != GOOD.frames or changed.catalogue is not GOOD.catalogue
    assert fault.meaning.endswith(".")
    assert fault.caught_by


def test_the_names_of_the_faults_are_unique():
    names = [fault.name for fault in FAULTS]
    assert len(names) == len(set(names))


def test_saturated_fills_more_than_a_thousand_pixels_and_a_good_frame_none():
    limit = GOOD.detector.saturation
    assert (pixels(spoilt("saturated"), SCIENCE).counts == limit).sum() > 1000
    assert (pixels(GOOD, SCIENCE).counts == limit).sum() == 0


def test_stale_arc_was_taken_more_than_a_day_before_in_another_night():
    arc = spoilt("stale_arc").of_kind(ARC)[0]
    good = GOOD.of_kind(ARC)[0]
    assert (good.exposure.start - arc.exposure.start).days == 3
    assert raw_night(arc) == DATE.plus(-3)
    assert raw_night(good) == DATE


def test_wrong_temperature_is_seen_between_arc_and_science():
    plan = spoilt("wrong_temperature")
    for wrong, case in ((True, plan), (False, GOOD)):
        difference = card(case, SCIENCE, TEMPERATURE_KEYWORD) - card(
            case, ARC, TEMPERATURE_KEYWORD
        )
        assert (abs(difference) > 1.5) is wrong


def test_dark_flat_leaves_the_other_two_flats_as_they_were():
    plan = spoilt("dark_flat")
    assert np.median(pixels(plan, FLAT, 1).counts) < 210
    assert (pixels(plan, FLAT, 0).counts == pixels(GOOD, FLAT, 0).counts).all()


def test_dark_fibre_has_no_light_but_is_allocated():
    plan = spoilt("dark_fibre")
    (fps,) = plan.of_kind(FLAT)[0].dark_fibres
    assert not next(fibre for fibre in plan.fibres if fibre.fps == fps).dead


@pytest.mark.parametrize(
    ("fault", "stars", "sky"),
    [
        (None, range(10, 100), range(10, 20)),
        ("few_fibres", range(1, 10), range(1, 20)),
        ("no_sky_fibres", range(10, 100), range(1)),
    ],
)
def test_fibres_are_on_stars_and_sky_as_the_fault_says(fault, stars, sky):
    plan = spoilt(fault) if fault else GOOD
    for kinds in kinds_of_targets(plan):
        assert kinds.count("M") in stars
        assert kinds.count("S") in sky


def test_simcal_lights_the_lamp_in_the_first_ob_only():
    plan = spoilt("simcal")
    assert card(plan, SCIENCE, "ESO INS LAMP5 ST") is True
    assert card(plan, SCIENCE, "ESO INS LAMP5 ST", -1) is False
    assert card(GOOD, SCIENCE, "ESO INS LAMP5 ST") is False
    masters = [m.pro_catg for m in blocks(plan)[-3].calibrations]
    assert "LINE_MASK" in masters


def test_no_attached_simcal_takes_the_associated_raws_away():
    assert spoilt("no_attached_simcal").of_kind(SIMCAL_ARC) == ()
    assert not any(ab.associated_raws for ab in blocks(spoilt("no_attached_simcal")))
    assert all(ab.associated_raws for ab in blocks(GOOD) if ab.raw_type == "SCIENCE")


def test_shifted_catalogue_is_off_by_the_same_amount_everywhere():
    plan = spoilt("shifted_catalogue")
    assert np.allclose(plan.catalogue.wavelength - plan.lines.wavelength, 0.3)


def test_a_wrong_catalogue_does_not_replace_that_of_other_nights():
    name = static_path("LINE_CATALOG", spoilt("shifted_catalogue"))
    assert name.endswith("GI_GLIN_200101A_TAL.fits")
    assert static_path("LINE_CATALOG", GOOD).endswith("GI_GLIN_030401A_TAL.fits")


def test_few_lines_leaves_six():
    assert len(spoilt("few_lines").catalogue.wavelength) == 6


@pytest.mark.parametrize(
    ("fault", "keyword", "kind"),
    [("missing_keyword", "DET OUT1 CONAD", SCIENCE), ("lost_slit", "INS SLIT NAME", FLAT)],
)
def test_a_lost_keyword_is_not_in_the_header(fault, keyword, kind):
    assert card(spoilt(fault), kind, f"ESO {keyword}", -1) is None
    assert card(GOOD, kind, f"ESO {keyword}", -1) is not None


def test_windowed_bias_has_fewer_rows():
    assert pixels(spoilt("windowed_bias"), BIAS).counts.shape == (1000, 1140)


def test_before_april_2008_the_old_detector_was_in():
    old = plan_night(CivilDate(2007, 6, 1), SimulationOptions())
    assert (old.detector.id, GOOD.detector.id) == ("Bruce", "Carreras")
    assert old.detector.bad_columns
    assert old.detector.glow > 0.0
