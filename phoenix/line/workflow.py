"""What one call of ``run`` does: where its ABs come from, where it begins and where it ends."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from attrs import frozen

from phoenix.errors import SettingsError
from phoenix.model.dates import nights_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from phoenix.line.report import NightReport, PreparedPool
    from phoenix.model.process import Process

__all__ = ["Breakpoint", "Followed", "Source", "Workflow", "refuse_unsupervised"]


class Source(StrEnum):
    """Where the ABs come from."""

    HISTORICAL = "historical"
    """The repository has them, or they were created before."""
    CREATED = "created"
    """Made from the raw files, by rules."""
    MASTERS = "masters"
    """Those of the master calibrations alone, made likewise."""
    COMPLETE = "complete"
    """Masters first, then science with those that are certified."""


class Breakpoint(StrEnum):
    """Where a run stops (VLT-MAN-ESO-19600-6104, 4.3)."""

    PREPARED = "C"
    PROCESSED = "P"
    FINISHED = "M"


@frozen
class Workflow:
    """What one call does.

    Attributes
    ----------
    source : Source
        Where the ABs come from.
    stop : Breakpoint
        Where it ends.
    take_up : bool
        Whether it begins after :attr:`Breakpoint.PROCESSED`; what is taken up was made before.
    dry : bool
        Only show what would be done.
    only : tuple of str
        Only these ABs and their parents; empty for all.
    mode : str
        CALIB or SCIENCE, of ABs that are made; empty for both.

    Raises
    ------
    SettingsError
        If the parts do not go together.
    """

    source: Source = Source.HISTORICAL
    stop: Breakpoint = Breakpoint.FINISHED
    take_up: bool = False
    dry: bool = False
    only: tuple[str, ...] = ()
    mode: str = ""

    def __attrs_post_init__(self) -> None:
        whole = self.stop is not Breakpoint.PROCESSED and not self.take_up and not self.only
        if self.source is Source.COMPLETE and not whole:
            raise SettingsError("--complete makes everything; leave out -X, -P, -M and --ab")
        if self.mode and self.source is not Source.CREATED:
            raise SettingsError("--mode goes with --create-ab: it says which ABs are made")

    @classmethod
    def asked_for(
        cls,
        asked: Mapping[str, bool],
        *,
        dry: bool = False,
        only: tuple[str, ...] = (),
        mode: str = "",
    ) -> Workflow:
        """Decide by what was asked for, option by option.

        Parameters
        ----------
        asked : mapping of str to bool
            ``--create-ab``, ``-X``, ``--complete``, ``-C``, ``-P`` and ``-M``.
        dry, only, mode
            As the attributes.

        Raises
        ------
        SettingsError
            If the options do not go together.
        """
        if sum(asked[option] for option in ("-C", "-P", "-M")) > 1:
            raise SettingsError("give at most one of -C, -P and -M")
        if asked["--complete"] and asked["-X"]:
            raise SettingsError("--complete makes everything; leave out -X, -P, -M and --ab")
        sources = (
            ("--complete", Source.COMPLETE),
            ("-X", Source.MASTERS),
            ("--create-ab", Source.CREATED),
        )
        stops = (("-C", Breakpoint.PREPARED), ("-P", Breakpoint.PROCESSED))
        return cls(
            source=next((row for option, row in sources if asked[option]), Source.HISTORICAL),
            stop=next((row for option, row in stops if asked[option]), Breakpoint.FINISHED),
            take_up=asked["-M"],
            dry=dry,
            only=only,
            mode=mode,
        )

    @property
    def only_prepares(self) -> bool:
        """No recipe is run."""
        return self.dry or self.stop is Breakpoint.PREPARED

    @property
    def makes_blocks(self) -> bool:
        """ABs are made from raw files."""
        return self.source is not Source.HISTORICAL and not self.take_up

    @property
    def in_one_go(self) -> bool:
        """Recipes are run and their products moved, and no person looks in between."""
        return not (self.only_prepares or self.take_up or self.stop is Breakpoint.PROCESSED)


def refuse_unsupervised(process: Process, pool: str, *, in_one_go: bool) -> None:
    """Refuse a run that leaves no place for the person who has to certify it.

    Of processes that a person supervises the old tool ran single nights only, and never without
    a breakpoint (QC Handbook, 5.6.2).

    Parameters
    ----------
    process : Process
        What is run.
    pool : str
        Night or month.
    in_one_go : bool
        Whether nothing stops it between recipes and moving.

    Raises
    ------
    SettingsError
        Says what is missing.
    """
    if not process.supervised:
        return
    why = "a person certifies it before its products move"
    if len(nights_of(pool)) > 1:
        raise SettingsError(
            f"{process.name}: found {pool}, expected one night (-d), because {why}; run its "
            "nights one after the other"
        )
    if in_one_go:
        raise SettingsError(
            f"{process.name}: found no breakpoint, expected -C, -P or -M, because {why}; give -P, "
            "then -M, certify what waits (`phoenix certify --list`), and give -M again (in Python "
            "stop_at='P', and then resume=True)"
        )


@frozen
class Followed:
    """The results of a workflow.

    Attributes
    ----------
    prepared : PreparedPool or None
        The ABs; None where masters and science were prepared one after the other.
    nights : tuple of NightReport
        How the nights ended; empty where no recipe was run.
    """

    prepared: PreparedPool | None = None
    nights: tuple[NightReport, ...] = ()

    @property
    def waiting(self) -> dict[str, tuple[str, ...]]:
        """ABs that were not run, and the ABs whose certification each waits for."""
        return {str(one.block.name): one.masters for night in self.nights for one in night.waiting}

    @property
    def awaited(self) -> tuple[str, ...]:
        """ABs that a person must certify; the same call again then does the rest."""
        return tuple(sorted({name for masters in self.waiting.values() for name in masters}))
