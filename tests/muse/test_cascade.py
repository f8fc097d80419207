"""From historical ABs to the cascade: edits, later steps, and what an AB can do without."""

from __future__ import annotations

import pytest
from attrs import evolve

from phoenix.model.dates import CivilDate
from phoenix.model.parts import parts_of
from phoenix.model.recipe import Parameter, Spent, Step
from phoenix.model.report import JobState
from phoenix.simulate.night import SimulationOptions
from phoenix_muse.blocks.cascade import cascade
from phoenix_muse.blocks.edits import modernise
from phoenix_muse.blocks.needs import needed
from phoenix_muse.blocks.optional import left_of
from phoenix_muse.blocks.pixtables import ifus_of, pixel_tables
from phoenix_muse.delivery.names import CUBE, science_root
from phoenix_muse.simulation.blocks import blocks
from phoenix_muse.simulation.programme import plan_night


def night_of(*setups, date="2020-01-01"):
    """Return the cascade of a night of these programmes, by AB name without its time."""
    plan = plan_night(CivilDate.parse(date), SimulationOptions(setups=setups))
    return cascade(tuple(modernise(ab) for ab in blocks(plan)))


@pytest.fixture(scope="module")
def field():
    return night_of("field")


def only(found, raw_type):
    (ab,) = [ab for ab in found if ab.raw_type == raw_type]
    return ab


def all_of(found, raw_type):
    return [ab for ab in found if ab.raw_type == raw_type]


def tags(ab):
    return [one.pro_catg for one in ab.calibrations]


def parameters(ab):
    return {one.name: one.value for one in ab.parameters}


# ---- edits ---------------------------------------------------------------------------------


def test_what_only_later_steps_read_is_set_aside(field):
    for ab in all_of(field, "OBJECT"):
        assert "STD_RESPONSE" not in tags(ab)
        assert {one.pro_catg for one in ab.associated_masters} >= {
            "STD_RESPONSE",
            "STD_TELLURIC",
            "EXTINCT_TABLE",
            "LSF_PROFILE",
        }


def test_the_illumination_flat_is_raw(field):
    for ab in all_of(field, "OBJECT"):
        assert [raw.tag for raw in ab.raw_files] == ["OBJECT", "ILLUM"]


def test_the_raw_type_of_old_is_told_by_the_tag(field):
    ab = all_of(field, "SKY")[0]
    assert modernise(evolve(ab, raw_type="SCI_SINGLE")).raw_type == "SKY"


def test_an_ab_of_all_ifus_predicts_24_pixel_tables(field):
    ab = all_of(field, "OBJECT")[0]
    every = evolve(ab, parameters=(Parameter("nifu", "-1"),))
    assert len(ifus_of(every)) == 24
    assert len({one.name for one in pixel_tables(every)}) == 24


# ---- the cascade ---------------------------------------------------------------------------


def test_the_steps_follow_each_other_as_in_the_real_log(field):
    names = {str(ab.name): ab for ab in field}
    combined = only(field, "PIXTABLE_REDUCED")
    align = only(field, "IMAGE_FOV")
    posts = [names[name] for name in combined.waits_for if name.endswith("_pst.ab")]
    assert str(align.name) in combined.waits_for
    assert sorted(align.waits_for) == sorted(str(post.name) for post in posts)
    assert len(posts) == 2
    for post in posts:
        assert post.name.text.replace("_pst", "") in post.waits_for


def test_the_names_are_those_of_the_first_exposure(field):
    first = str(all_of(field, "OBJECT")[0].name).removesuffix(".ab")
    assert str(only(field, "PIXTABLE_REDUCED").name) == f"{first}_tpl.ab"
    assert str(only(field, "IMAGE_FOV").name) == f"{first}_tal.ab"


def test_inputs_are_in_the_order_of_time(field):
    for raw_type, category in (("IMAGE_FOV", "IMAGE_FOV"), ("PIXTABLE_REDUCED",) * 2):
        names = [
            one.name for one in only(field, raw_type).calibrations if one.pro_catg == category
        ]
        assert names == sorted(names)


def test_an_ob_with_sky_takes_it_from_beside_the_field(field):
    sky = only(field, "PIXTABLE_SKY")
    for post in all_of(field, "PIXTABLE_OBJECT"):
        assert str(sky.name) in post.waits_for
        assert {one.parent for one in post.calibrations if one.pro_catg == "SKY_LINES"} == {
            str(sky.name)
        }
        assert parameters(post)["skymethod"] == "subtract-model"


def test_obs_of_a_container_take_the_sky_of_an_ob_of_its_own():
    found = night_of("sky-apart")
    sky = only(found, "PIXTABLE_SKY")
    posts = all_of(found, "PIXTABLE_OBJECT")
    assert sky.obs_id not in {post.obs_id for post in posts}
    for post in posts:
        assert str(sky.name) in post.waits_for
        assert parameters(post)["skymethod"] == "subtract-model"
    assert tags(only(found, "PIXTABLE_REDUCED")).count("PIXTABLE_REDUCED") == 2


def test_the_sky_of_the_own_ob_comes_before_one_that_is_nearer_in_time(field):
    first, own = all_of(field, "OBJECT")[0], only(field, "SKY")
    in_container = (("OBS.CONTAINER.ID", "7"),)
    near = evolve(own, name="MUSE.2020-01-02T01:00:00.000.ab", obs_id=own.obs_id + 1)
    near = evolve(near, mjd_mid=first.mjd_mid, products=pixel_tables(near))
    exposures = [evolve(ab, setup=(*ab.setup, *in_container)) for ab in (first, own, near)]
    (post,) = all_of(cascade(tuple(exposures)), "PIXTABLE_OBJECT")
    assert {one.parent for one in post.calibrations if one.pro_catg == "SKY_LINES"} == {
        str(own.name).replace(".ab", "_sky.ab")
    }


def test_the_sky_of_another_container_or_mode_serves_nobody(field):
    first, sky = all_of(field, "OBJECT")[0], only(field, "SKY")
    modes = (("INS.MODE", "WFM-NOAO-N"), ("INS.MODE", "WFM-AO-N"))
    for mine, its in ((("1", modes[0]), ("2", modes[0])), (("1", modes[0]), ("1", modes[1]))):
        pair = [
            evolve(ab, setup=(mode, ("OBS.CONTAINER.ID", number)))
            for ab, (number, mode) in ((first, mine), (sky, its))
        ]
        posts = all_of(cascade(tuple(pair)), "PIXTABLE_OBJECT")
        assert {parameters(post)["skymethod"] for post in posts} == {"model"}


def test_an_ob_without_sky_takes_it_from_the_field():
    for post in all_of(night_of("plain"), "PIXTABLE_OBJECT"):
        assert parameters(post)["skymethod"] == "model"
        assert "SKY_CONTINUUM" not in tags(post)


def test_the_sky_is_not_that_of_the_rules(field):
    assert {parameters(ab)["skymethod"] for ab in all_of(field, "PIXTABLE_OBJECT")} == {
        "subtract-model"
    }


def test_sky_and_science_are_calibrated_with_the_standard_star_of_the_night(field):
    standard = str(only(field, "PIXTABLE_STD").name)
    for raw_type in ("PIXTABLE_SKY", "PIXTABLE_OBJECT"):
        for ab in all_of(field, raw_type):
            parents = {one.parent for one in ab.calibrations if one.pro_catg == "STD_RESPONSE"}
            assert parents == {standard}


def test_an_exposure_that_carries_no_response_gets_the_nearest_of_the_night(field):
    bare = [
        evolve(
            ab,
            associated_masters=tuple(
                one
                for one in ab.associated_masters
                if not one.pro_catg.startswith("STD_RESP") and one.pro_catg != "STD_TELLURIC"
            ),
        )
        for ab in field
        if ab.recipe == "muse_scibasic"
    ]
    star = next(ab for ab in bare if ab.raw_type == "STD")
    early = evolve(
        star,
        name="MUSE.2020-01-01T22:00:00.000.ab",
        mjd_mid=star.mjd_mid - 0.1,
        products=tuple(
            evolve(one, name="r.MUSE.2020-01-01T22:00:00.000_0002-01.fits")
            for one in star.products
        ),
    )
    found = cascade((*bare, early))
    for post in all_of(found, "PIXTABLE_OBJECT"):
        (parent,) = {one.parent for one in post.calibrations if one.pro_catg == "STD_RESPONSE"}
        assert parent == str(star.name).replace(".ab", "_std.ab")


def test_a_single_exposure_is_neither_aligned_nor_combined():
    found = night_of("single")
    assert len(all_of(found, "PIXTABLE_OBJECT")) == 1
    assert not all_of(found, "IMAGE_FOV")
    assert not all_of(found, "PIXTABLE_REDUCED")


def test_obs_of_a_container_are_combined():
    combined = only(night_of("container"), "PIXTABLE_REDUCED")
    assert tags(combined).count("PIXTABLE_REDUCED") == 2


def test_steps_name_the_exposures_that_they_are_made_of(field):
    science = [ab.raw_files[0].name for ab in all_of(field, "OBJECT")]
    assert [raw.name for raw in only(field, "PIXTABLE_REDUCED").associated_raws] == science


def test_exposures_are_parts_of_the_cube_that_reads_their_tables(field):
    posts = [str(ab.name) for ab in all_of(field, "PIXTABLE_OBJECT")]
    combined = str(only(field, "PIXTABLE_REDUCED").name)
    science = {(name, "DATACUBE_FINAL") for name in posts}
    assert parts_of(field, science) == {combined: set(posts)}


def test_later_steps_have_no_raw_files_and_the_setup_of_their_mode(field):
    for ab in all_of(field, "PIXTABLE_OBJECT"):
        assert ab.raw_files == ()
        assert [key for key, _ in ab.setup] == ["INS.MODE", "DET.READ.CURNAME"]


def test_what_tells_the_group_of_an_exposure_is_no_part_of_its_setup(field):
    setups = {ab.setup for ab in field if ab.raw_type in {"OBJECT", "SKY"}}
    assert setups == {(("INS.MODE", "WFM-NOAO-N"), ("DET.READ.CURNAME", "SCI1.0"))}


def test_an_ob_of_nothing_but_sky_has_cubes_of_the_sky():
    found = night_of("sky")
    posts = all_of(found, "PIXTABLE_OBJECT")
    assert [tags(ab)[0] for ab in posts] == ["PIXTABLE_OBJECT"] * 2
    assert {raw.tag for ab in all_of(found, "OBJECT") for raw in ab.raw_files} == {
        "OBJECT",
        "ILLUM",
    }
    assert not all_of(found, "SKY")
    combined = only(found, "PIXTABLE_REDUCED")
    header = {"ESO INS MODE": "WFM-NOAO-N"}
    assert science_root(combined, header, CUBE).startswith("MU_SCBX_")
    assert science_root(posts[0], header, CUBE).endswith("_WFM-NOAO-N_SKY")
    assert {parameters(ab)["skymethod"] for ab in posts} == {"model"}
    assert not all_of(found, "PIXTABLE_SKY")
    assert only(found, "PIXTABLE_REDUCED")


def test_the_sky_beside_a_target_has_no_cube(field):
    sky = only(field, "SKY").name.root
    assert [str(ab.name) for ab in field if sky in str(ab.name)] == [f"{sky}.ab", f"{sky}_sky.ab"]


def test_darks_are_masters_that_no_frame_takes(field):
    dark = only(field, "DARK")
    assert [one.pro_catg for one in dark.products] == ["MASTER_DARK"]
    assert [str(ab.name) for ab in field if str(dark.name) in ab.waits_for] == []


@pytest.mark.parametrize("programme", ["field", "container", "sky"])
def test_a_cascade_that_is_there_already_is_not_made_twice(programme):
    made = night_of("single", programme)
    assert {str(ab.name) for ab in cascade(made)} == {str(ab.name) for ab in made}


def test_a_whole_ccd_has_its_own_wavelengths_and_line_spread():
    found = night_of("whole-ccd", "single")
    assert [ab.recipe for ab in found if ab.raw_type in {"ARC", "ARC_LSF"}] == [
        "muse_wavecal",
        "muse_lsf",
    ]


# ---- without something ---------------------------------------------------------------------


def missing(ab, category, parent=""):
    return tuple(
        one
        for one in ab.calibrations
        if one.pro_catg == category and (not parent or one.parent == parent)
    )


def test_without_twilight_an_exposure_is_reduced_all_the_same(field):
    ab = all_of(field, "OBJECT")[0]
    left = left_of(ab, missing(ab, "TWILIGHT_CUBE"))
    assert left is not None
    assert "TWILIGHT_CUBE" not in tags(left)


def test_not_without_a_flat_or_a_response(field):
    ab, post = all_of(field, "OBJECT")[0], all_of(field, "PIXTABLE_OBJECT")[0]
    assert left_of(ab, missing(ab, "MASTER_FLAT")) is None
    assert left_of(post, missing(post, "STD_RESPONSE")) is None


def test_without_the_sky_beside_it_the_sky_is_that_of_the_field(field):
    post = all_of(field, "PIXTABLE_OBJECT")[0]
    gone = (*missing(post, "SKY_LINES"), *missing(post, "SKY_CONTINUUM"))
    left = left_of(post, gone)
    assert left is not None
    assert parameters(left)["skymethod"] == "model"
    assert "SKY_CONTINUUM" not in tags(left)
    assert [one.path for one in left.calibrations if one.pro_catg == "SKY_LINES"] == [
        "${DFO_CAL_DIR}/gen/MU_GSKL_140101A_sky_lines.fits"
    ]


def test_without_the_tables_of_some_ifus_there_are_the_others(field):
    ab = all_of(field, "OBJECT")[0]
    every = evolve(ab, parameters=(Parameter("nifu", "-1"),))
    found = cascade((evolve(every, products=pixel_tables(every)),))
    post = only(found, "PIXTABLE_OBJECT")
    lost = missing(post, "PIXTABLE_OBJECT")[1:]
    assert len(lost) == 23
    assert tags(left_of(post, lost)).count("PIXTABLE_OBJECT") == 1
    assert left_of(post, missing(post, "PIXTABLE_OBJECT")) is None


def test_without_offsets_exposures_are_combined_where_they_are(field):
    combined = only(field, "PIXTABLE_REDUCED")
    left = left_of(combined, missing(combined, "OFFSET_LIST"))
    assert left is not None
    assert "OFFSET_LIST" not in tags(left)
    assert "no offsets" in left.edits[-1].why


def test_one_exposure_alone_is_not_combined(field):
    combined = only(field, "PIXTABLE_REDUCED")
    lost = missing(combined, "PIXTABLE_REDUCED")[:1]
    assert left_of(combined, lost) is None


def test_three_of_four_exposures_are_combined():
    combined = only(night_of("four"), "PIXTABLE_REDUCED")
    lost = missing(combined, "PIXTABLE_REDUCED")[1:2]
    left = left_of(combined, lost)
    assert left is not None
    assert tags(left).count("PIXTABLE_REDUCED") == 3
    assert len(left.associated_raws) == 3
    assert "3 of 4 exposures" in left.edits[-1].why


# ---- what it takes -------------------------------------------------------------------------


def test_memory_grows_with_the_ifus_and_no_job_is_refused(field):
    ab = all_of(field, "OBJECT")[0]
    every = evolve(ab, parameters=(Parameter("nifu", "-1"),))
    one, all24 = (needed(x, Step.RECIPE, ()) for x in (ab, every))
    assert all24.wanted_mb == 24 * 750
    assert one.memory_mb == all24.memory_mb <= one.wanted_mb


def test_what_it_took_before_counts_more(field):
    ab = all_of(field, "OBJECT")[0]
    every = evolve(ab, parameters=(Parameter("nifu", "-1"),))
    seen = Spent("x", ab.recipe, "OBJECT", "", "process", JobState.SUCCESSFUL, 1.0, 1.0, 4000.0)
    assert needed(every, Step.RECIPE, (seen,)).wanted_mb == 4400


def test_tables_that_no_machine_could_hold_are_told_by_earlier_combinations():
    combined = only(night_of("four"), "PIXTABLE_REDUCED")
    seen = [
        Spent("x", combined.recipe, "", "", "process", JobState.SUCCESSFUL, 1.0, 1.0, mb, files)
        for files, mb in ((4, 18_000.0), (5, 27_000.0))
    ]
    told = needed(combined, Step.RECIPE, tuple(seen))
    assert (told.each_of, told.each_mb) == ("PIXTABLE_REDUCED", 9900)
    assert told.memory_mb >= 36_000
    assert needed(combined, Step.RECIPE, ()).each_mb == 0


def test_other_steps_take_the_usual(field):
    assert needed(field[0], Step.QC, ()) is None
