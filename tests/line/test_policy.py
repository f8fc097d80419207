"""Which nights a run spans and holds, and how its kind of night is run."""

from __future__ import annotations

import pytest

from phoenix.line.night.policy import (
    CREATED,
    HISTORICAL,
    MASTERS,
    nights_held,
    nights_made,
    policy_of,
)
from phoenix.line.report import PreparedNight
from phoenix.model.ab import ABName, AssociationBlock
from phoenix.model.cascade import Cascade
from phoenix.model.dates import CivilDate
from phoenix.model.frames import RawFrame
from phoenix.steps.prepare import Prepared

FIRST, SECOND, THIRD = (CivilDate(2020, 1, day) for day in (1, 2, 3))


def block(date):
    name = ABName(f"GIRAF.{date}T23:00:00.000_dpc.ab")
    return AssociationBlock(
        name=name,
        instrument="GIRAFFE",
        recipe="gimasterbias",
        date=date,
        raw_files=(RawFrame("GIRAF.fits", "BIAS"),),
    )


def night(*dates, **changes):
    prepared = Prepared(Cascade([block(date) for date in dates]), (), (), ())
    return PreparedNight(FIRST, prepared, **changes)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [({}, HISTORICAL), ({"pool": "X"}, CREATED), ({"pool": "X", "masters": True}, MASTERS)],
)
def test_a_night_has_the_policy_of_its_kind(changes, expected):
    assert policy_of(night(FIRST, **changes)) is expected


def test_a_night_of_the_repository_holds_itself_only():
    # A borrowed calibration may be of another night.
    assert nights_held(night(FIRST, THIRD)) == (FIRST,)


def test_a_created_pool_holds_its_nights_and_those_of_its_abs():
    assert nights_held(night(THIRD, pool="X", nights=(FIRST, SECOND))) == (FIRST, SECOND, THIRD)


def test_a_created_pool_gives_back_raw_frames_of_the_nights_of_its_abs():
    assert nights_made(night(THIRD, SECOND, pool="X", nights=(FIRST,))) == (SECOND, THIRD)
