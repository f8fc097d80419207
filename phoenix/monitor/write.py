"""Write pages: gather, make the page value, publish it with its JSON twin."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import evolve

from phoenix.errors import DataError
from phoenix.model.report import JobState
from phoenix.monitor import gather
from phoenix.monitor.block import ab_page
from phoenix.monitor.history import front_page, history_page, periods
from phoenix.monitor.metrics import metrics_page
from phoenix.monitor.night import in_order, indices, moment, night_page
from phoenix.monitor.places import FRONT, ab_place, metrics_place, night_place, period_place
from phoenix.monitor.publish import publish
from phoenix.monitor.record import Declared, Noted
from phoenix.store.rows import RunState

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Collection, Iterable, Sequence
    from pathlib import Path

    from phoenix.model.epoch import InstrumentBreakpoint
    from phoenix.model.workspace import Workspace
    from phoenix.monitor.record import ABRecord
    from phoenix.store import Store

__all__ = ["write_ab", "write_history", "write_metrics", "write_night"]

_NOTHING = Declared()
_YEAR, _MONTH = len("2020"), len("2020-01")


def write_night(
    store: Store,
    workspace: Workspace,
    date: object,
    declared: Declared = _NOTHING,
    now: dt.datetime | None = None,
    only: Collection[str] | None = None,
) -> Path:
    """Write the AB monitor of a night and the page of each of its ABs.

    Parameters
    ----------
    store : Store
        Read, never written.
    workspace : Workspace
        Pages go into its ``monitor`` folder.
    date : CivilDate or str
        The night, or a pseudo-date.
    declared : Declared
        The instrument's QC parameters and score bits.
    now : datetime, optional
        If a run of the night is on, its page is as of then, and will read itself again.
    only : collection of str, optional
        Pages of these ABs only, and of those whose recipes are running; of all if not given.

    Returns
    -------
    Path
        The page of the night.
    """
    night = str(date)
    records = gather.records(store, workspace, night)
    live = now if gather.is_live(store, workspace, night, records) else None
    _write_blocks(store, workspace, night, records, declared, only, live)
    observed = gather.observed(store, workspace, night)
    beside = store.blocks.beside(night)
    page = night_page(store.process, night, records, beside, observed, live)
    return publish(workspace, night_place(night), page)


def write_ab(store: Store, workspace: Workspace, name: str, declared: Declared = _NOTHING) -> Path:
    """Write the page of one AB and return its path.

    Raises
    ------
    DataError
        For an AB that the store does not know.
    """
    blocks = store.blocks.rows(names=[name])
    if not blocks:
        raise DataError(f"found no AB {name} in the store, expected one; see `phoenix status`")
    night = blocks[0].date
    records = gather.records(store, workspace, night)
    _write_blocks(store, workspace, night, records, declared, [name])
    return workspace.root / ab_place(night, name.removesuffix(".ab"))


def write_history(
    store: Store,
    workspace: Workspace,
    breakpoints: Sequence[InstrumentBreakpoint] = (),
    now: dt.datetime | None = None,
) -> Path:
    """Write the front page and the history, year and month; return the front page's path.

    Parameters
    ----------
    store : Store
        Read, never written.
    workspace : Workspace
        Pages go into its ``monitor`` folder.
    breakpoints : sequence of InstrumentBreakpoint
        They stand between the nights, in order of time.
    now : datetime, optional
        If a call is running, the pages are as of then, and will read themselves again.
    """
    nights = gather.nights(store, workspace)
    idps = store.history.idps()
    runs = gather.runs(store, workspace)
    counts = store.verdicts.noted()
    written = moment(now) if any(run.state is RunState.RUNNING for run in runs) else ""
    for period in periods(nights):
        noted = gather.noted(store, period, counts)
        page = history_page(
            store.process,
            period,
            nights,
            idps,
            runs,
            breakpoints,
            noted,
            has_metrics=(workspace.root / metrics_place(period)).exists(),
        )
        publish(workspace, period_place(period), evolve(page, written=written))
    front = front_page(store.process, nights, idps, runs, Noted(counts))
    return publish(workspace, FRONT, evolve(front, written=written))


def write_metrics(store: Store, workspace: Workspace, dates: Iterable[str]) -> None:
    """Write the pages of the workflow metrics of the years and months that have these nights."""
    for period in sorted({date[:length] for date in dates for length in (_YEAR, _MONTH)}):
        # Dates are text: all that begin with the period are between it and this.
        between = {"since": period, "until": f"{period}-99"}
        rows = store.metrics.rows(**between)
        if not any(not row.is_empty for row in rows):
            continue
        spent, workload = store.metrics.spent(**between), store.metrics.workload(**between)
        page = metrics_page(store.process, period, rows, spent, workload)
        publish(workspace, metrics_place(period), page)


def _write_blocks(
    store: Store,
    workspace: Workspace,
    night: str,
    records: Sequence[ABRecord],
    declared: Declared,
    only: Collection[str] | None = None,
    now: dt.datetime | None = None,
) -> None:
    wanted = [record for record in records if _is_wanted(record, only)]
    details = gather.details(store, workspace, night, records, wanted, declared.history_days)
    numbers = indices(records)
    names = ["", *(record.block.name for record in in_order(records)), ""]
    for record in wanted:
        name = record.block.name
        place = names.index(name)
        beside = names[place - 1], names[place + 1]
        page = ab_page(store.process, record, numbers[name], details[name], declared, beside, now)
        publish(workspace, ab_place(night, record.root), page)


def _is_wanted(record: ABRecord, only: Collection[str] | None) -> bool:
    if only is None or record.block.name in only:
        return True
    return record.job is not None and record.job.state is JobState.RUNNING
