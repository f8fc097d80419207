"""The nights of a month overlap where neither makes what the other reads."""

from __future__ import annotations

import pytest
from nightwork import make_workspace

from phoenix.engine.job import Batch
from phoenix.errors import DataError
from phoenix.line.night.nights import Part, run_nights
from phoenix.line.night.policy import are_bound
from phoenix.line.production import ProductionLine
from phoenix.line.report import NightReport, PreparedNight
from phoenix.model.ab import AssociationBlock, PredictedProduct
from phoenix.model.cascade import Cascade
from phoenix.model.dates import CivilDate
from phoenix.model.frames import MasterCalibration, RawFrame
from phoenix.model.workspace import Workspace
from phoenix.steps.prepare import Prepared

FIRST, SECOND = CivilDate(2020, 1, 1), CivilDate(2020, 1, 2)
MONTH = "2020-01"


def block(date, number=0, **fields):
    name = f"GIRAF.{date}T12:00:00.{number:03d}.ab"
    fields.setdefault("raw_files", (raw(date),))
    return AssociationBlock(name=name, recipe="gimasterbias", date=date, **fields)


def night(date, *blocks):
    return PreparedNight(date, Prepared(Cascade(blocks)))


def raw(date):
    return RawFrame(f"${{DFO_RAW_DIR}}/{date}/GIRAF.{date}T12:00:00.000.fits", "BIAS")


def master(date, pro_catg="MASTER_BIAS", folder="DFO_CAL_DIR"):
    return MasterCalibration(f"${{{folder}}}/{date}/GI_PBIA.fits", pro_catg)


MAKER = night(FIRST, block(FIRST, products=(PredictedProduct("r.GI_0000.fits", "MASTER_BIAS"),)))


@pytest.mark.parametrize(
    ("fields", "bound"),
    [
        ({"raw_files": (raw(SECOND),)}, False),
        ({"raw_files": (raw(FIRST),)}, True),
        ({"associated_raws": (raw(FIRST),)}, True),
        ({"calibrations": (master(FIRST),)}, True),
        ({"calibrations": (master(SECOND),)}, False),
        ({"calibrations": (master(FIRST, "MASTER_FLAT"),)}, False),
        ({"calibrations": (master(FIRST, "MASTER_FLAT", "DFS_PRODUCT"),)}, True),
    ],
)
def test_a_night_that_reads_what_another_makes_waits_for_it(tmp_path, fields, bound):
    reader = night(SECOND, block(SECOND, **fields))
    workspace = Workspace(tmp_path)
    assert are_bound(workspace, MAKER, reader) is bound
    assert are_bound(workspace, reader, MAKER) is bound


def test_nights_of_which_both_have_an_ab_are_bound(tmp_path):
    borrowed = night(SECOND, block(FIRST), block(SECOND))
    assert are_bound(Workspace(tmp_path), MAKER, borrowed)


@pytest.fixture
def line(two_nights, tmp_path):
    with ProductionLine(make_workspace(tmp_path / "work", two_nights)) as line:
        yield line


def test_an_error_of_one_night_comes_when_the_others_are_done(line):
    ended = []

    def end(_line, night):
        if night.date == FIRST:
            raise DataError("its list is gone")
        ended.append(night.date)
        return NightReport(night.date, (), {})

    part = Part(lambda _line, _night: Batch(()), end)
    with pytest.raises(DataError, match="its list is gone"):
        run_nights(line._context, (night(FIRST), night(SECOND)), part)
    assert ended == [SECOND]


@pytest.mark.recipes
def test_the_second_night_begins_before_the_first_has_ended(line):
    first, second = line.run(MONTH, stop_at="P")
    assert (first.wrong, second.wrong) == (0, 0)
    rows = [row for row in line.store.jobs.rows() if row.started and row.ended]
    last_of_first = max(row.ended for row in rows if row.ab_name in first.names)
    first_of_second = min(row.started for row in rows if row.ab_name in second.names)
    assert first_of_second < last_of_first
