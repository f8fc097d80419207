"""The simulated night: what is observed, and that its truth is what is drawn."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from astropy.io import fits
from attrs import evolve

from phoenix.errors import SettingsError
from phoenix.model.dates import CivilDate
from phoenix.simulate.fault import with_faults
from phoenix.simulate.night import SimulationOptions
from phoenix_muse.simulation import FAULTS, simulate_night
from phoenix_muse.simulation.layout import LAYOUTS, SLICES, WIDTH, slice_columns
from phoenix_muse.simulation.plan import ARC, BIAS, DARK, OBJECT, SKY, STANDARD, TWILIGHT
from phoenix_muse.simulation.programme import PROGRAMMES, plan_night
from phoenix_muse.simulation.refraction import refraction
from phoenix_muse.simulation.render import GAIN, draw, field_place, mean_airmass
from phoenix_muse.simulation.scene import Source

NIGHT = CivilDate(2020, 1, 1)


def plan_of(*setups, seed=1, night=NIGHT, **options):
    return plan_night(night, SimulationOptions(seed=seed, setups=setups, **options))


# ---- the plan ------------------------------------------------------------------------------


def test_the_usual_night_has_an_ob_with_sky_and_a_single_exposure():
    plan = plan_of()
    assert [len(plan.of_kind(kind)) for kind in (OBJECT, SKY, STANDARD, TWILIGHT)] == [3, 1, 1, 3]
    assert len({one.exposure.block.id for one in plan.of_kind(OBJECT)}) == 2


def test_frames_do_not_overlap_in_time():
    frames = plan_of(*PROGRAMMES).frames
    for one, following in pairwise(frames):
        assert one.exposure.end <= following.exposure.start


def test_rotation_and_pointing_differ_from_seed_to_seed_and_from_exposure_to_exposure():
    frames = [one for seed in (1, 2) for one in plan_of("field", seed=seed).of_kind(OBJECT)]
    assert len({one.posang for one in frames}) == 4
    assert len({one.pointing for one in frames}) == 4


def test_a_deep_target_is_the_same_every_night_in_runs_by_turns():
    nights = [plan_of("deep", night=CivilDate(2020, 1, day)).of_kind(OBJECT) for day in (1, 2)]
    scenes = [frames[0].scene for frames in nights]
    assert scenes[0] == scenes[1]
    programmes = [frames[0].exposure.block.programme for frames in nights]
    assert [one[-3:] for one in programmes] == ["(B)", "(A)"]
    assert len({frames[0].exposure.block.id for frames in nights}) == 2


def test_obs_of_a_container_have_its_number():
    frames = plan_of("container").of_kind(OBJECT)
    assert len({one.exposure.block.id for one in frames}) == 2
    (container,) = {one.exposure.block.container for one in frames}
    assert container


def test_sources_of_a_field_are_apart_and_those_of_a_crowded_one_are_many():
    field, crowded = (plan_of(name).of_kind(OBJECT)[0].scene for name in ("field", "crowded"))
    assert field.distances().min() > 2.0
    assert len(crowded.sources) > 5 * len(field.sources)


def test_a_month_of_calibrations_has_no_science_and_twilights_once_a_week():
    nights = [plan_of(night=CivilDate(2020, 1, day), calibrations=True) for day in range(1, 15)]
    assert not any(plan.of_kind(OBJECT) for plan in nights)
    assert sum(bool(plan.of_kind(TWILIGHT)) for plan in nights) == 2
    assert all(plan.of_kind(BIAS) for plan in nights)


def test_darks_come_with_the_first_night_of_a_month():
    counts = [len(plan_of(night=CivilDate(2020, 2, day)).of_kind(DARK)) for day in (1, 2, 29)]
    assert counts == [3, 0, 0]


def test_targets_of_other_nights_stand_elsewhere_and_move_otherwise():
    nights = [CivilDate(year, month, 11) for year in (2015, 2021) for month in (2, 6, 10)]
    first = [plan_of("field", night=night).of_kind(OBJECT)[0] for night in nights]
    airmasses = [mean_airmass(one.exposure) for one in first]
    assert 1.0 < min(airmasses) < 1.15
    assert 1.25 < max(airmasses) < 1.6
    assert max(one.observer for one in first) - min(one.observer for one in first) > 20.0


def test_no_exposure_of_a_good_night_counts_as_not_aligned():
    frames = [one for seed in range(5) for one in plan_of("four", seed=seed).of_kind(OBJECT)]
    missed = np.array([one.pointing for one in frames]).reshape(5, 4, 2)
    assert np.abs(missed - missed[:, :1]).max() < 0.2


def test_only_whole_ccds_have_arcs():
    assert plan_of("whole-ccd").of_kind(ARC)
    assert not plan_of("all-ifus").of_kind(ARC)


@pytest.mark.parametrize(
    ("setups", "night", "said"),
    [
        (("nonsense",), NIGHT, "nonsense"),
        (("one-ifu", "all-ifus"), NIGHT, "expected one of them"),
        ((), CivilDate(2014, 1, 1), "expected 2014-09-01 or later"),
    ],
)
def test_what_cannot_be_simulated_is_refused(setups, night, said):
    with pytest.raises(SettingsError, match=said):
        plan_of(*setups, night=night)


@pytest.mark.parametrize("fault", [fault.name for fault in FAULTS])
def test_every_fault_changes_the_plan(fault):
    plan = plan_of()
    assert with_faults(plan, (fault,), FAULTS) != plan


# ---- the spectrograph ----------------------------------------------------------------------


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=lambda one: one.name)
def test_slices_are_where_muse_flat_looks_for_them(layout):
    columns = slice_columns()
    assert columns.shape == (SLICES, WIDTH)
    assert columns[0, 0] + WIDTH / 2 > 55
    assert (np.diff(columns[:, 0]) > WIDTH).all()


def test_wavelengths_of_slices_are_spread_over_a_row():
    offsets = LAYOUTS["one-ifu"].offsets() / 1.25
    assert np.histogram(offsets, bins=8, range=(0, 1))[0].min() >= 4


def test_ifus_and_stacks_fill_the_field_once():
    layout = LAYOUTS["all-ifus"]
    places = [layout.slice_places(ifu) for ifu in layout.ifus]
    rows = sorted((float(x), float(y)) for xs, ys in places for x, y in zip(xs, ys, strict=True))
    assert len(set(rows)) == 24 * SLICES
    assert layout.field == (60.0, 57.6)


# ---- the light -----------------------------------------------------------------------------


def test_north_is_up_and_east_is_left():
    frame = evolve(plan_of("field").of_kind(OBJECT)[0], posang=0.0, pointing=(0.0, 0.0))
    source = frame.scene.sources[0]
    x, y = field_place(frame, source, 7000.0)
    east = field_place(frame, evolve(source, east=source.east + 1.0), 7000.0)
    north = field_place(frame, evolve(source, north=source.north + 1.0), 7000.0)
    assert (east[0] - x, east[1] - y) == pytest.approx((-5.0, 0.0), abs=1e-9)
    assert (north[0] - x, north[1] - y) == pytest.approx((0.0, 5.0), abs=1e-9)


def test_blue_light_comes_from_nearer_the_zenith():
    exposure = plan_of("field").of_kind(OBJECT)[0].exposure
    blue = np.hypot(*refraction(exposure, 4750.0, 7000.0))
    assert 0.1 < blue < 1.0
    assert np.hypot(*refraction(exposure, 7000.0, 7000.0)) == 0.0


def test_a_star_has_the_counts_that_its_flux_gives():
    plan = plan_of("single")
    frame = evolve(plan.of_kind(OBJECT)[0], cosmics=0, slit_light=(), pointing=(0.0, 0.0))
    star = evolve(frame.scene, sources=(Source("STAR", 0.0, 0.0, 1e4),))
    with_star, without = (
        draw(plan.layout, evolve(frame, scene=scene), 1, np.random.default_rng(1)).astype(float)
        for scene in (star, None)
    )
    seen = (with_star - without).sum() * GAIN
    # 41.6 mag of response and 0.1 mag of extinction, over 320 Angstrom and 900 s; the wings of
    # the profile lie beside the field.
    wanted = 1e4 * 1e-20 * 10**16.64 * 10**-0.04 * 320.0 * 900.0
    assert seen == pytest.approx(wanted, rel=0.06)


def test_the_margins_of_a_frame_are_dark():
    plan = plan_of("single")
    counts = draw(plan.layout, plan.of_kind(TWILIGHT)[0], 1, np.random.default_rng(1))
    assert counts.shape == (256 + 128, 4096 + 128)
    assert counts[:32].mean() == pytest.approx(1006.0, abs=1.0)
    assert counts[100, 200:3000].mean() > 5000


# ---- on disk -------------------------------------------------------------------------------


def test_the_truth_lies_beside_its_frame(tmp_path):
    night = simulate_night(NIGHT, tmp_path, SimulationOptions(setups=("single",)))
    (path,) = night.truth.iterdir()
    with fits.open(path) as hdus:
        header, sources, sky = hdus[0].header, hdus["SOURCES"].data, hdus["SKY"].data
    assert (tmp_path / "raw" / str(NIGHT) / header["ARCFILE"]).is_file()
    assert header["ESO SIM OBSERVER"] != 0.0
    assert set(sources["NAME"][:2]) == {"STAR001", "STAR002"}
    assert (sources["LINE"] > 0).sum() == 3
    assert "O1 6300" in sky["NAME"]
    assert [log.name for log in night.logs] == [f"{path.stem.removesuffix('_truth')}.NL.txt"]
