"""The last calls of the line, as the history shows them: rows to lines, pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

from phoenix.model.plain import one_line, shortened
from phoenix.monitor.places import href, night_place, period_place

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from phoenix.store.rows import RunRow

__all__ = ["RunLine", "run_lines"]

_LAST = 10
_NIGHT = len("2020-01-01")


@frozen
class RunLine:
    """One call of the line.

    Attributes
    ----------
    began : str
        When.
    verb, pool, href : str
        ``run``, what it was asked for, and the page of that, if there is one.
    state : str
        ``done``, ``wrong``, ``not done``, ``stopped``, ``broken off``, ``running``.
    took_s : float or None
        Wall seconds; None without an end.
    did : tuple of (str, int)
        How many ABs in each state, IDPs ...
    command, reason, version : str
        What was typed, why it is not done, the version of phoenix.
    """

    began: str
    verb: str
    pool: str
    href: str
    state: str
    took_s: float | None
    did: tuple[tuple[str, int], ...]
    command: str
    reason: str
    version: str


def run_lines(place: str, runs: Sequence[RunRow], known: Collection[str]) -> tuple[RunLine, ...]:
    """Return the last calls, the newest first.

    Parameters
    ----------
    place : str
        Of the page that shows them.
    runs : sequence of RunRow
        The newest last.
    known : collection of str
        Nights, months and years that have a page.
    """
    return tuple(_line(place, run, known) for run in runs[: -_LAST - 1 : -1])


def _line(place: str, run: RunRow, known: Collection[str]) -> RunLine:
    where = night_place if len(run.pool) == _NIGHT else period_place
    return RunLine(
        began=run.started.isoformat(timespec="seconds"),
        verb=run.verb,
        pool=run.pool,
        href=href(place, where(run.pool)) if run.pool in known else "",
        state=run.state.value,
        took_s=(run.ended - run.started).total_seconds() if run.ended else None,
        did=tuple(run.counts.items()),
        command=shortened(one_line(run.command)),
        reason=shortened(one_line(run.reason)),
        version=run.versions.get("phoenix-idp", ""),
    )
