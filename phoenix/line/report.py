"""What the line tells of a night: prepared, processed, converted, ingested."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Self

from attrs import field, frozen

from phoenix.line.table import Table
from phoenix.model.plain import one_line, shortened
from phoenix.model.report import JobState, told

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from phoenix.line.measurements import Drawn
    from phoenix.line.table import Cell
    from phoenix.model.ab import AssociationBlock
    from phoenix.model.cascade import Cascade
    from phoenix.model.dates import CivilDate
    from phoenix.model.qc import QCParameter
    from phoenix.model.report import ABResult
    from phoenix.model.score import Verdict
    from phoenix.steps.prepare import Prepared
    from phoenix.steps.quality.score import QCResult

_COLUMNS = ("AB", "raw type", "recipe", "raw", "calib", "waits for", "edits", "refused")

NOT_RUN = "not run"
"""State of an AB whose recipe has not run to its end yet."""

__all__ = [
    "NOT_RUN",
    "NightReport",
    "PreparedNight",
    "PreparedPool",
    "StepReport",
    "WaitingBlock",
    "counts",
    "waits_for",
]


@frozen
class WaitingBlock:
    """An AB that is not run before a person has certified master calibrations.

    Attributes
    ----------
    block : AssociationBlock
        The AB; it waits for the ABs of those masters.
    masters : tuple of str
        The ABs that a person must certify.
    """

    block: AssociationBlock
    masters: tuple[str, ...]


def waits_for(masters: Iterable[str]) -> str:
    """Say that the certification of master calibrations is waited for."""
    return f"waits for the certification of {', '.join(masters)}"


@frozen
class PreparedNight:
    """The ABs of one night as they would be run, or of a pool of nights that is run as one.

    Attributes
    ----------
    date : CivilDate
        The night, the first of a pool.
    prepared : Prepared
        Its ABs.
    pool : str
        Name of a pool whose ABs were created; empty for a night of the repository.
    nights : tuple of CivilDate
        The nights of such a pool.
    masters : bool
        Whether it makes master calibrations (``-X``).
    files : tuple of (str, str)
        Inputs that no repository would find: place below the workspace, and where they lie.
    waiting : tuple of WaitingBlock
        ABs that are not run before a person has certified their masters; not in the cascade.
    """

    date: CivilDate
    prepared: Prepared = field(repr=lambda prepared: f"<{len(prepared.cascade)} ABs>")
    pool: str = ""
    nights: tuple[CivilDate, ...] = ()
    masters: bool = False
    files: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    waiting: tuple[WaitingBlock, ...] = ()

    @property
    def cascade(self) -> Cascade:
        """Its ABs, each after its parents."""
        return self.prepared.cascade

    @property
    def refused(self) -> tuple[tuple[str, str], ...]:
        """Names of ABs that cannot be run, and why."""
        return self.prepared.refused

    @property
    def every_night(self) -> tuple[CivilDate, ...]:
        """The nights of the pool, or the only one."""
        return self.nights or (self.date,)


@frozen
class PreparedPool:
    """The nights of a pool, ready to be processed (breakpoint C).

    Attributes
    ----------
    pool : str
        A night or a month.
    nights : tuple of PreparedNight
        Those that have ABs.
    diagnostics : tuple of str
        What was left out when ABs were created, and why.
    """

    pool: str
    nights: tuple[PreparedNight, ...]
    diagnostics: tuple[str, ...] = ()

    @property
    def refused(self) -> dict[str, str]:
        """AB name to the reason why it cannot be run."""
        return {name: why for night in self.nights for name, why in night.prepared.refused}

    @property
    def waiting(self) -> tuple[WaitingBlock, ...]:
        """ABs that are not run before a person has certified their masters."""
        return tuple(one for night in self.nights for one in night.waiting)

    @property
    def blocks(self) -> tuple[AssociationBlock, ...]:
        """All ABs that can be run, each after its parents."""
        return tuple(ab for night in self.nights for ab in night.prepared.cascade)

    def table(self, pending: Mapping[str, str] | None = None) -> Table:
        """Return one row an AB.

        Parameters
        ----------
        pending : mapping of str to str, optional
            AB name to the reason why it would be run; they get a column.
        """
        rows = [_prepared_row(ab) for ab in self.blocks]
        rows += [(*_prepared_row(one.block)[:-1], waits_for(one.masters)) for one in self.waiting]
        rows += [(name, "", "", None, None, "", None, why) for name, why in self.refused.items()]
        if pending is not None:
            rows = [(*row, pending.get(str(row[0]), "")) for row in rows]
        told = () if pending is None else ("to be run",)
        title = f"{self.pool}: {len(self.blocks)} ABs"
        return Table(title, (*_COLUMNS, *told), tuple(rows))

    def _repr_html_(self) -> str:
        return self.table()._repr_html_()


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
        moved = f", {self.moved} products in their final folders" if self.moved else ""
        notes = "".join(f"\n  {note}" for note in self.notes)
        title = self.pool or self.date
        if self.skipped:
            return f"{title}: skipped: {self.skipped}"
        return f"{title}: {len(self.names)} ABs: {parts or 'none'}{moved}{notes}"

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


@frozen
class StepReport:
    """What conversion or ingestion did: one row a file.

    Attributes
    ----------
    title : str
        What was done.
    columns : tuple of str
        Names; the first is the AB, the last says what is wrong, empty where nothing is.
    rows : tuple of tuple
        One a file.
    skipped : tuple of str
        Nights that another run held, and who.
    left_out : tuple of str
        Targets that cannot have an IDP, or ABs that are not delivered, and why.
    nothing : str
        Why there was nothing to be done; empty where there was.
    """

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...] = field(repr=lambda rows: f"<{len(rows)} rows>")
    skipped: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    nothing: str = ""

    @property
    def wrong(self) -> int:
        """Number of rows with something wrong."""
        return sum(bool(row[-1]) for row in self.rows)

    def table(self) -> Table:
        """Return it as a table."""
        return Table(self.title, self.columns, self.rows)

    def summary(self) -> Table:
        """Return one row for each AB: how many files, and how many with something wrong."""
        total: Counter[str] = Counter()
        wrong: Counter[str] = Counter()
        for row in self.rows:
            total[str(row[0])] += 1
            wrong[str(row[0])] += bool(row[-1])
        rows = tuple((name, number, wrong[name]) for name, number in total.items())
        return Table(self.title, ("AB", "files", "wrong"), rows)

    def _repr_html_(self) -> str:
        return self.table()._repr_html_()


def _prepared_row(ab: AssociationBlock) -> tuple[Cell, ...]:
    numbers = len(ab.raw_files), len(ab.calibrations)
    waits = ", ".join(ab.waits_for)
    return str(ab.name), ab.raw_type, ab.recipe, *numbers, waits, len(ab.edits), ""


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
