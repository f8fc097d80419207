"""What the line tells of a night, or of several, before anything is run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import field, frozen

from phoenix.line.table import Table
from phoenix.model.counted import counted

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from phoenix.line.table import Cell
    from phoenix.model.ab import AssociationBlock
    from phoenix.model.cascade import Cascade
    from phoenix.model.dates import CivilDate
    from phoenix.steps.prepare import Prepared

_COLUMNS = ("AB", "raw type", "recipe", "raw", "calib", "waits for", "edits", "refused")

__all__ = ["PreparedNight", "PreparedPool", "WaitingBlock", "waits_for"]


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
    prepared: Prepared = field(repr=lambda prepared: f"<{counted(len(prepared.cascade), 'AB')}>")
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
        title = f"{self.pool}: {counted(len(self.blocks), 'AB')}"
        return Table(title, (*_COLUMNS, *told), tuple(rows))

    def _repr_html_(self) -> str:
        return self.table()._repr_html_()


def _prepared_row(ab: AssociationBlock) -> tuple[Cell, ...]:
    numbers = len(ab.raw_files), len(ab.calibrations)
    waits = ", ".join(ab.waits_for)
    return str(ab.name), ab.raw_type, ab.recipe, *numbers, waits, len(ab.edits), ""
