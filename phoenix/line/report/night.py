"""What the line tells of a night that was run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from attrs import field, frozen

from phoenix.line.report.prepared import waits_for
from phoenix.line.table import Table
from phoenix.model.counted import counted
from phoenix.model.plain import one_line, shortened
from phoenix.model.report import JobState, told

if TYPE_CHECKING:
    from collections.abc import Mapping

    from phoenix.line.measurements import Drawn
    from phoenix.line.report.prepared import PreparedNight, WaitingBlock
    from phoenix.line.table import Cell
    from phoenix.model.ab import AssociationBlock
    from phoenix.model.dates import CivilDate
    from phoenix.model.qc import QCParameter
    from phoenix.model.report import ABResult
    from phoenix.model.score import Verdict
    from phoenix.steps.quality.score import QCResult

NOT_RUN = "not run"
"""State of an AB whose recipe has not run to its end yet."""

__all__ = ["NOT_RUN", "NightReport", "counts", "score_text"]


@frozen
class NightReport:
    """How a night ended (breakpoint P, or M when its products are moved).

    Attributes
    ----------
    date : CivilDate
        The night.
    blocks : tuple of AssociationBlock
        Its ABs in the order of the cascade.
    results : mapping of str to ABResult
        AB name to how it ended; refused ABs too.
    quality : mapping of str to QCResult
        AB name to what was measured.
    verdicts : mapping of str to Verdict
        AB name to its certification, as far as it went.
    declared : mapping of str to QCParameter
        The declared QC parameters by name.
    moved : int
        Number of products in their final folders.
    unmeasured : frozenset of str
        Names of the ABs that could not be measured or drawn.
    unmoved : frozenset of str
        Names of the ABs whose products could not be moved to their final folders.
    notes : tuple of str
        What went wrong beside the recipes: measurements, reports, moves.
    pool : str
        Name of the pool, if it is more than the night.
    skipped : str
        Who held the night, if nothing was done because of that; empty otherwise.
    waiting : tuple of WaitingBlock
        ABs that were not run, because a person has to certify their masters first.
    """

    date: CivilDate
    blocks: tuple[AssociationBlock, ...] = field(repr=False)
    results: Mapping[str, ABResult] = field(repr=lambda found: f"<{len(found)} results>")
    quality: Mapping[str, QCResult] = field(factory=dict, repr=False)
    verdicts: Mapping[str, Verdict] = field(factory=dict, repr=False)
    declared: Mapping[str, QCParameter] = field(factory=dict, repr=False)
    moved: int = 0
    unmeasured: frozenset[str] = frozenset()
    unmoved: frozenset[str] = frozenset()
    notes: tuple[str, ...] = ()
    pool: str = ""
    skipped: str = ""
    waiting: tuple[WaitingBlock, ...] = ()

    @classmethod
    def of_held(cls, night: PreparedNight, why: str) -> Self:
        """Return the report of a night that another run holds."""
        return cls(night.date, (), {}, pool=night.pool, skipped=why)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of all ABs, also those that wait for a person or cannot be run."""
        known = [str(ab.name) for ab in (*self.blocks, *(one.block for one in self.waiting))]
        return *known, *(name for name in self.results if name not in set(known))

    @property
    def awaited(self) -> tuple[str, ...]:
        """Names of the ABs that a person must certify before the night can be done."""
        return tuple(sorted({name for one in self.waiting for name in one.masters}))

    @property
    def wrong(self) -> int:
        """Number of ABs without products, or with some that were not measured, drawn or moved.

        Those that wait for a person are none of them.
        """
        waiting = {str(one.block.name) for one in self.waiting}
        done = (self.is_done(name) and name not in self.unmoved for name in self.names)
        return sum(
            not good for name, good in zip(self.names, done, strict=True) if name not in waiting
        )

    @property
    def is_complete(self) -> bool:
        """Whether nothing is left to be done again."""
        return self.wrong == 0 and not self.skipped and not self.waiting

    def is_done(self, name: str) -> bool:
        """Whether an AB has its products, measured and drawn."""
        result = self.results.get(name)
        good = result is not None and result.state is JobState.SUCCESSFUL
        return good and name not in self.unmeasured

    def table(self) -> Table:
        """Return one row an AB."""
        known = {str(ab.name): ab for ab in self.blocks}
        waiting = {str(one.block.name): one for one in self.waiting}
        rows = tuple(
            _waiting_row(waiting[name]) if name in waiting else self._row(name, known.get(name))
            for name in self.names
        )
        columns = ("AB", "raw type", "recipe", "state", "wall s", "score", "verdict", "reason")
        return Table(self.pool or f"night {self.date}", columns, rows)

    def _row(self, name: str, ab: AssociationBlock | None) -> tuple[Cell, ...]:
        result = self.results.get(name)
        quality = self.quality.get(name)
        verdict = self.verdicts.get(name)
        return (
            name,
            ab.raw_type if ab else "",
            ab.recipe if ab else "",
            result.state.value if result else NOT_RUN,
            result.wall_s if result and result.wall_s else None,
            score_text(quality) if quality else "",
            verdict.kind.value if verdict else "",
            shortened(one_line(told(result.state, result.reason))) if result else "",
        )

    def summary(self) -> str:
        """Return one sentence."""
        parts = ", ".join(f"{number} {state}" for state, number in self.states.items())
        told = counted(
            self.moved, "product in its final folder", "products in their final folders"
        )
        moved = f", {told}" if self.moved else ""
        notes = "".join(f"\n  {note}" for note in self.notes)
        title = self.pool or self.date
        if self.skipped:
            return f"{title}: skipped: {self.skipped}"
        return f"{title}: {counted(len(self.names), 'AB')}: {parts or 'none'}{moved}{notes}"

    @property
    def states(self) -> dict[str, int]:
        """Number of ABs in each state that occurs."""
        found = counts(self.results)
        if self.waiting:
            found[JobState.WAITING.value] = len(self.waiting)
        not_run = len(self.names) - len(self.results) - len(self.waiting)
        return found | ({NOT_RUN: not_run} if not_run else {})

    def to_dict(self) -> dict[str, Any]:
        """Return the report for JSON."""
        return {
            "date": str(self.date),
            "states": self.states,
            "moved": self.moved,
            "notes": list(self.notes),
            "skipped": self.skipped,
            "unmoved": sorted(self.unmoved),
            "awaited": list(self.awaited),
            "blocks": self.table().records(),
        }

    def measurements(self, *parameters: str) -> Any:  # noqa: ANN401 - an astropy QTable
        """Return what was measured, as an astropy QTable with units, one row an AB and element.

        Parameters
        ----------
        *parameters : str
            Only these QC parameters; none for all.

        Raises
        ------
        DataError
            For a parameter that there is none of, whose nearest is named.
        """
        from phoenix.line.measurements import as_qtable  # noqa: PLC0415 - loads astropy

        return as_qtable(self.blocks, self.quality, parameters, self.declared)

    def plot(self, x: str, y: str = "") -> Drawn:
        """Draw a QC parameter against another, or alone over fibres, orders or ABs."""
        from phoenix.line.measurements import draw_measurements  # noqa: PLC0415 - loads astropy

        return draw_measurements(self.measurements(*filter(None, (x, y))), x, y)

    def _repr_html_(self) -> str:
        return self.table()._repr_html_()


def _waiting_row(one: WaitingBlock) -> tuple[Cell, ...]:
    ab, state = one.block, JobState.WAITING.value
    return str(ab.name), ab.raw_type, ab.recipe, state, None, "", "", waits_for(one.masters)


def counts(results: Mapping[str, ABResult]) -> dict[str, int]:
    """Return the number of ABs in each state that occurs."""
    states = [row.state.value for row in results.values()]
    return {state: states.count(state) for state in sorted(set(states))}


def score_text(quality: QCResult) -> str:
    """Return the total score as the AB monitor shows it, red of all: ``1/5``."""
    return f"{sum(one.outcome.value == 'red' for one in quality.scores)}/{len(quality.scores)}"
