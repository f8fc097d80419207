"""Which exposures are combined."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from phoenix.formats.abfile import format_ab, parse_ab
from phoenix.model.ab import AssociationBlock
from phoenix.model.frames import RawFrame
from phoenix_muse.blocks.groups import MOST, NEAR_WIDE, group_keys, groups, set_aside


def exposure(minute, *, ob=1, container="0", ra=50.0, dec=-20.0, mode="WFM-NOAO-N", place=True):
    root = f"MUSE.2020-01-02T{minute // 60:02d}:{minute % 60:02d}:00.000"
    pointing = (("RA", f"{ra:.6f}"), ("DEC", f"{dec:.6f}")) if place else ()
    return AssociationBlock(
        f"{root}.ab",
        "muse_scibasic",
        (RawFrame(f"${{DFO_RAW_DIR}}/2020-01-01/{root}.fits", "OBJECT"),),
        raw_type="OBJECT",
        obs_id=ob,
        mjd_obs=58850.0 + minute / 1440.0,
        setup=(("INS.MODE", mode), ("OBS.CONTAINER.ID", container), *pointing),
    )


def minutes(found):
    return [[round((ab.mjd_obs - 58850.0) * 1440.0) for ab in group] for group in found]


def test_exposures_of_an_ob_are_a_group_in_the_order_of_time():
    assert minutes(groups([exposure(20), exposure(1), exposure(10)])) == [[1, 10, 20]]


def test_obs_are_apart():
    assert minutes(groups([exposure(1, ob=1), exposure(10, ob=2)])) == [[1], [10]]


def test_obs_of_one_container_are_a_group():
    pair = [exposure(1, ob=1, container="77"), exposure(10, ob=2, container="77")]
    assert minutes(groups(pair)) == [[1, 10]]


def test_tiles_of_a_mosaic_are_apart():
    tile = (NEAR_WIDE + 5.0) / 3600.0
    assert minutes(groups([exposure(1), exposure(10, dec=-20.0 + tile)])) == [[1], [10]]


def test_dithered_exposures_are_together_by_their_neighbours():
    step = (NEAR_WIDE - 2.0) / 3600.0
    three = [exposure(10 * i, dec=-20.0 + step * i) for i in (0, 2, 1)]
    assert minutes(groups(three)) == [[0, 10, 20]]


def test_right_ascensions_meet_at_zero():
    pair = [exposure(1, ra=359.9999), exposure(10, ra=0.0001)]
    assert minutes(groups(pair)) == [[1, 10]]


def test_modes_are_apart():
    assert minutes(groups([exposure(1), exposure(10, mode="WFM-AO-N")])) == [[1], [10]]


def test_exposures_that_do_not_say_where_they_point_are_those_of_their_ob():
    assert minutes(groups([exposure(1), exposure(10, place=False)])) == [[1, 10]]


def test_without_an_ob_each_exposure_is_alone():
    assert minutes(groups([exposure(1, ob=0), exposure(10, ob=0)])) == [[1], [10]]


def test_more_than_fit_one_cube_come_in_parts_of_like_size():
    sizes = [len(group) for group in groups([exposure(i) for i in range(MOST + 1)])]
    assert sizes == [9, 8]


@given(
    st.lists(
        st.tuples(st.integers(0, 3), st.sampled_from(["0", "5"]), st.floats(-0.02, 0.02)),
        max_size=24,
    )
)
def test_every_exposure_is_in_one_group(rows):
    given_ = [
        exposure(minute, ob=ob, container=container, dec=-20.0 + step)
        for minute, (ob, container, step) in enumerate(rows)
    ]
    found = [str(ab.name) for group in groups(given_) for ab in group]
    assert sorted(found) == sorted(str(ab.name) for ab in given_)
    assert all(len(group) <= MOST for group in groups(given_))


# ---- what tells the group is no part of the setup -----------------------------------------------


def test_what_is_set_aside_is_known_after_the_ab_was_written_and_read():
    ab = set_aside(exposure(1, container="77"))
    assert [key for key, _ in ab.setup] == ["INS.MODE"]
    again = parse_ab(format_ab(ab), str(ab.name))
    assert group_keys(again) == group_keys(exposure(1, container="77"))
    assert set_aside(again) == again


def test_a_mosaic_that_was_set_aside_is_still_one():
    tile = (NEAR_WIDE + 5.0) / 3600.0
    pair = [exposure(1), exposure(10, dec=-20.0 + tile)]
    assert minutes(groups(map(set_aside, pair))) == minutes(groups(pair)) == [[1], [10]]
