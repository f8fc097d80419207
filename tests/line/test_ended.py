"""What need not be done again, by what the store says."""

from __future__ import annotations

import datetime as dt

from phoenix.line.jobs.done import outdated
from phoenix.model.ab import AssociationBlock
from phoenix.model.cascade import Cascade
from phoenix.model.dates import CivilDate
from phoenix.model.frames import RawFrame
from phoenix.model.report import JobState
from phoenix.store.rows import JobRow

NOON = dt.datetime(2020, 1, 2, 12, tzinfo=dt.UTC)
FLAT, ARC, SCIENCE = (f"GIRAF.2020-01-02T0{hour}:00:00.000.ab" for hour in (1, 2, 3))


def block(name, *parents):
    return AssociationBlock(
        name=name,
        recipe="r",
        raw_files=(RawFrame("X.fits", "X"),),
        date=CivilDate(2020, 1, 1),
        waits_for=parents,
    )


CASCADE = Cascade([block(FLAT), block(ARC, FLAT), block(SCIENCE, ARC)])


def qc(**minutes):
    """Return QC jobs that ended so many minutes after noon; None for one that waits."""
    names = {"flat": FLAT, "arc": ARC, "science": SCIENCE}
    return {
        (names[key], "qc"): JobRow(
            names[key],
            "qc",
            JobState.SUCCESSFUL if after is not None else JobState.WAITING,
            ended=NOON + dt.timedelta(minutes=after) if after is not None else None,
        )
        for key, after in minutes.items()
    }


def test_what_was_measured_after_its_parents_stays():
    assert outdated(CASCADE, qc(flat=1, arc=2, science=3)) == set()


def test_what_ended_with_its_parent_stays():
    assert outdated(CASCADE, qc(flat=1, arc=1, science=1)) == set()


def test_what_was_measured_before_its_parent_is_outdated_and_what_hangs_on_it():
    assert outdated(CASCADE, qc(flat=5, arc=2, science=3)) == {ARC, SCIENCE}
    assert outdated(CASCADE, qc(flat=1, arc=5, science=3)) == {SCIENCE}


def test_what_was_measured_before_a_parent_that_waits_to_be_is_outdated():
    assert outdated(CASCADE, qc(flat=1, arc=None, science=3)) == {SCIENCE}


def test_a_parent_that_cannot_be_measured_makes_nothing_outdated():
    rows = qc(flat=1, science=3)
    rows[ARC, "qc"] = JobRow(ARC, "qc", JobState.FAILED, "broke", ended=NOON + dt.timedelta(1))
    assert outdated(CASCADE, rows) == set()


def test_what_could_not_be_measured_itself_waits_for_a_rerun():
    rows = qc(flat=5, arc=2)
    rows[SCIENCE, "qc"] = JobRow(SCIENCE, "qc", JobState.FAILED, "broke", ended=NOON)
    assert outdated(CASCADE, rows) == {ARC}
