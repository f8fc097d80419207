"""A pool of nights whose ABs were created, run as one: its cascade may cross midnight."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import evolve

from phoenix.archive.mapped import MappedSource
from phoenix.errors import PhoenixError
from phoenix.line.night.hold import hold_nights
from phoenix.line.night.remember import record_refused
from phoenix.line.night.run import NightRun
from phoenix.model.ab import ABName
from phoenix.model.dates import CivilDate, mjd_of
from phoenix.steps.release_raw import release_raw

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from phoenix.archive.source import Source
    from phoenix.line.context import LineContext
    from phoenix.line.night.jobs import JobMaker
    from phoenix.line.night.run import ProgressBar
    from phoenix.line.report import NightReport, PreparedNight

__all__ = ["PoolRun"]


class PoolRun(NightRun):
    """A created pool on the line; its ABs were written when they were created."""

    def __init__(
        self, line: LineContext, night: PreparedNight, progress: ProgressBar | None = None
    ) -> None:
        super().__init__(line, night, progress)
        self.pool = night.pool
        self.files = night.files

    def _hold(self) -> AbstractContextManager[None]:
        dates = {*self.nights, *(ab.date for ab in self.cascade if ab.date)}
        return hold_nights(self.line.workspace, dates, self.line.clock())

    def _write_blocks(self) -> None:
        """Nothing to write: created ABs are."""

    def _record_refused(self) -> None:
        for name, why in self.refused:
            date = CivilDate.of(mjd_of(ABName(name).timestamp[:19]))
            record_refused(self.line.store, date, [(name, why)], self.line.clock())

    @property
    def _sources(self) -> tuple[Source, ...]:
        own = (MappedSource(self.files),) if self.files else ()
        return (*self.line.sources, *own)

    def _maker(self) -> JobMaker:
        return evolve(super()._maker(), sources=self._sources)

    def _clear_window(self) -> None:
        """Clear nothing: which masters a pool may choose from must not depend on its runs."""

    def _release_raw(self) -> list[str]:
        notes = []
        for date in sorted({ab.date for ab in self.cascade if ab.date}):
            try:
                release_raw(self.line.workspace, date, self._sources)
            except (PhoenixError, OSError) as error:
                notes.append(f"raw frames of {date} stay: {error}")
        return notes

    def _report(self) -> NightReport:
        return evolve(super()._report(), pool=self.pool)
