"""Which ABs have IDPs: a stack, or its exposures where it came to nothing."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace

import pytest

from phoenix.line.delivery.science import refused_blocks, science_blocks
from phoenix.line.report import PreparedNight
from phoenix.model.ab import AssociationBlock
from phoenix.model.cascade import Cascade
from phoenix.model.dates import CivilDate
from phoenix.model.frames import MasterCalibration, RawFrame, Role
from phoenix.model.process import Look, ReviewPolicy, ReviewRow
from phoenix.model.report import JobState
from phoenix.model.score import Verdict, VerdictKind
from phoenix.model.settings import Settings
from phoenix.model.workspace import Workspace
from phoenix.steps.prepare import Prepared
from phoenix.store import BlockRow, IDPRow, JobRow, ProductRow, Store

DATE = CivilDate(2020, 1, 1)
NOON = dt.datetime(2020, 1, 2, 12, tzinfo=dt.UTC)
OK = JobState.SUCCESSFUL


def block(root, *parts, dpr_catg="SCIENCE"):
    return AssociationBlock(
        name=f"{root}.ab",
        recipe="scired",
        raw_files=(RawFrame("X.fits", "SCIENCE"),),
        calibrations=tuple(
            MasterCalibration(f"${{DFS_PRODUCT}}/{part.root}/r.{part.root}_0000.fits", "RED", True)
            for part in parts
        ),
        date=DATE,
        dpr_catg=dpr_catg,
        waits_for=tuple(str(part.name) for part in parts),
    )


ONE, TWO = block("TOY.2020-01-02T01:00:00.000"), block("TOY.2020-01-02T02:00:00.000")
STACK = block("TOY.2020-01-02T01:00:00.000_tpl", ONE, TWO)
NIGHT = PreparedNight(DATE, Prepared(Cascade((ONE, TWO, STACK))))


@pytest.fixture
def line(tmp_path):
    with Store.open(f"sqlite:///{tmp_path}/phoenix.db", "TOY") as store:
        store.blocks.save([BlockRow.of(ab) for ab in (ONE, TWO, STACK)])
        store.jobs.prepare({(str(ab.name), "process"): "key" for ab in (ONE, TWO, STACK)})
        yield SimpleNamespace(
            store=store,
            settings=Settings(process="TOY"),
            workspace=Workspace(tmp_path),
            review=ReviewPolicy(),
        )


def end(line, **states):
    """Let jobs end; who is successful has a science product."""
    blocks = {"one": ONE, "two": TWO, "stack": STACK}
    for key, state in states.items():
        name, root = str(blocks[key].name), blocks[key].root
        made = [ProductRow(name, f"r.{root}_0000.fits", "RED", Role.SCIENCE, "x")]
        line.store.jobs.record([JobRow(name, "process", state)])
        line.store.products.replace(name, made if state is OK else [])


def found(line, night=NIGHT):
    return {one.ab: one.parts for one in science_blocks(line, night)}


def judge(line, ab, kind):
    line.store.verdicts.give(str(ab.name), Verdict(kind, "bad", "me"), NOON)


def reject(line, ab):
    judge(line, ab, VerdictKind.REJECTED)


def test_the_exposures_of_a_stack_travel_with_it(line):
    end(line, one=OK, two=OK, stack=OK)
    assert found(line) == {STACK: (ONE, TWO)}


@pytest.mark.parametrize("state", [state for state in JobState if state.is_final and state != OK])
def test_exposures_have_idps_of_their_own_where_their_stack_came_to_nothing(line, state):
    end(line, one=OK, two=OK, stack=state)
    assert found(line) == {ONE: (), TWO: ()}


def test_the_only_good_exposure_of_an_ob_has_an_idp(line):
    end(line, one=OK, two=JobState.FAILED, stack=JobState.BLOCKED)
    assert found(line) == {ONE: ()}


@pytest.mark.parametrize("state", [state for state in JobState if not state.is_final])
def test_exposures_wait_while_their_stack_is_still_to_be_made(line, state):
    end(line, one=OK, two=OK, stack=state)
    assert found(line) == {}


def test_an_exposure_that_is_no_longer_good_is_no_part(line):
    end(line, one=OK, two=JobState.GATED, stack=OK)
    assert found(line) == {STACK: (ONE,)}


def test_the_exposures_of_a_stack_that_a_person_rejected_are_not_handed_over_instead(line):
    end(line, one=OK, two=OK, stack=OK)
    reject(line, STACK)
    assert found(line) == {}


def test_what_a_person_must_see_waits_for_that_and_so_do_its_exposures(line):
    line.review = ReviewPolicy(rows=(ReviewRow("_tpl", Look.MANDATORY),))
    end(line, one=OK, two=OK, stack=OK)
    judge(line, STACK, VerdictKind.REVIEW)
    assert found(line) == {}
    ((name, why),) = refused_blocks(line, NIGHT)
    assert name == str(STACK.name)
    assert f"phoenix certify {name}" in why
    judge(line, STACK, VerdictKind.OK)
    assert found(line) == {STACK: (ONE, TWO)}
    assert refused_blocks(line, NIGHT) == ()


def test_what_a_person_may_look_at_does_not_wait(line):
    end(line, one=OK, two=OK, stack=OK)
    judge(line, STACK, VerdictKind.REVIEW)
    assert found(line) == {STACK: (ONE, TWO)}


def test_exposures_wait_where_the_archive_has_their_stack_of_an_earlier_run(line):
    end(line, one=OK, two=OK, stack=JobState.FAILED)
    line.store.phase3.ingest(
        IDPRow("S.fits", str(STACK.name), "S.fits", 1, "ab", "SCIENCE.SPECTRUM", NOON)
    )
    assert found(line) == {}
    line.store.phase3.withdraw("S.fits")
    assert found(line) == {ONE: (), TWO: ()}


def test_an_exposure_that_a_calibration_reads_has_its_idp_nevertheless(line):
    end(line, one=OK, two=OK)
    reader = block("TOY.2020-01-02T03:00:00.000", ONE, dpr_catg="CALIB")
    night = PreparedNight(DATE, Prepared(Cascade((ONE, TWO, reader))))
    assert found(line, night) == {ONE: (), TWO: ()}
