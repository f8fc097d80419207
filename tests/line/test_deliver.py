"""IDPs of exposures make room for that of their stack, once the archive has it."""

from __future__ import annotations

import datetime as dt
import importlib.util
from pathlib import Path
from types import SimpleNamespace

import pytest
from attrs import asdict, evolve

from phoenix.engine.job import Change
from phoenix.formats.idpfile import write_idp
from phoenix.line.delivery.convert import CONVERT, Converted, _Ledger
from phoenix.line.delivery.deliver import _ingest
from phoenix.line.delivery.science import ScienceBlock
from phoenix.model.ab import AssociationBlock
from phoenix.model.dates import CivilDate
from phoenix.model.frames import RawFrame
from phoenix.model.idp import Card
from phoenix.model.report import ABResult, JobState
from phoenix.model.workspace import Workspace
from phoenix.steps.delivery.convert import CONVERSION, Conversion
from phoenix.steps.shelf.jsonfile import write_json
from phoenix.steps.shelf.places import Places
from phoenix.store import BlockRow, IDPStatus, Store

# The good products of the validator's own tests.
_spec = importlib.util.spec_from_file_location(
    "good_products", Path(__file__).parents[1] / "phase3" / "conftest.py"
)
good_products = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(good_products)

NOON = dt.datetime(2020, 1, 2, 12, tzinfo=dt.UTC)
RAW = RawFrame("X.fits", "SCIENCE")
ONE, TWO, STACK = (
    AssociationBlock(f"TOY.2020-01-02T{root}.ab", "scired", (RAW,), date=CivilDate(2020, 1, 1))
    for root in ("01:00:00.000", "02:00:00.000", "01:00:00.000_tpl")
)


@pytest.fixture
def line(tmp_path):
    for name in ("archive", "scratch"):
        (tmp_path / name).mkdir()
    with Store.open(f"sqlite:///{tmp_path}/phoenix.db", "TOY") as store:
        store.blocks.save([BlockRow.of(ab) for ab in (ONE, TWO, STACK)])
        yield SimpleNamespace(store=store, workspace=Workspace(tmp_path), clock=lambda: NOON)


def write(line, ab, fibre, *cards):
    """Write an IDP of an AB as the conversion leaves it; return its name."""
    plan = good_products.giraffe_idp(fibre)
    folder = Places.of(line.workspace, ab).idps
    folder.mkdir(parents=True)
    written = write_idp(evolve(plan, primary=(*plan.primary, *cards)), folder / plan.name)
    write_json(folder / CONVERSION, {"key": "", "idps": [asdict(written)]})
    return plan.name


def ingest(line, ab, *parts):
    return {
        (name, what, version) for name, what, version, _ in _ingest(line, ScienceBlock(ab, parts))
    }


@pytest.fixture
def handed_over(line):
    """The exposures are in the archive, because their stack came to nothing."""
    names = write(line, ONE, 1), write(line, TWO, 2)
    assert ingest(line, ONE) | ingest(line, TWO) == {(name, "ingested", 1) for name in names}
    return names


def test_a_stack_supersedes_the_exposure_of_its_name_and_withdraws_the_others(line, handed_over):
    same, other = handed_over
    assert write(line, STACK, 1, Card("QCFLAG", "000000001", "scores")) == same
    assert ingest(line, STACK, ONE, TWO) == {(same, "ingested", 2), (other, "withdrawn", 1)}
    (held,) = line.store.phase3.rows(status=IDPStatus.CURRENT)
    assert (held.name, held.ab_name, held.supersedes) == (same, str(STACK.name), 1)


def test_exposures_stay_in_the_archive_while_their_stack_is_refused(line, handed_over):
    write(line, STACK, 1)
    (path,) = Places.of(line.workspace, STACK).idps.glob("*.fits")
    path.write_bytes(path.read_bytes()[:-5000])
    assert {what for _, what, _ in ingest(line, STACK, ONE, TWO)} == {"refused"}
    assert {row.name for row in line.store.phase3.rows(status=IDPStatus.CURRENT)} == {*handed_over}


def ended(ab, value=None, reason=""):
    state = JobState.FAILED if reason else JobState.SUCCESSFUL
    result = ABResult(str(ab.name), state, reason)
    return Change(str(ab.name), CONVERT, state, NOON, result=result, value=value)


def test_a_conversion_whose_worker_died_has_the_reason(line):
    ledger = _Ledger(line, (ScienceBlock(ONE),), None)
    ledger((ended(ONE, reason="the worker died three times"),))
    lost = ledger.found[str(ONE.name)].conversion
    assert (lost.folder, lost.reason) == (None, "the worker died three times")


@pytest.mark.parametrize("made", [True, False])
def test_parts_lose_their_idps_once_the_whole_has_some(line, made):
    for ab, fibre in ((ONE, 1), (TWO, 2)):
        write(line, ab, fibre)
    folder = Places.of(line.workspace, STACK).idps if made else None
    converted = Converted(Conversion(str(STACK.name), folder))
    ledger = _Ledger(line, (ScienceBlock(STACK, (ONE, TWO)),), None)
    ledger((ended(STACK, converted),))
    assert [Places.of(line.workspace, ab).idps.exists() for ab in (ONE, TWO)] == [not made] * 2
