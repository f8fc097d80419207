"""ABs made from raw files: header pool, rules, association; the old createAB."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import evolve, field, frozen

from phoenix.errors import DataError
from phoenix.line.association.awaited import (
    NOTHING_AWAITED,
    Awaited,
    awaited_masters,
)
from phoenix.line.association.header_pool import oca_frame, without_copies
from phoenix.line.bad_data import breakpoints_of, withheld_of
from phoenix.line.jobs.masters import made_by, outdated_masters
from phoenix.line.jobs.work import PROCESS
from phoenix.line.night.created_blocks import made_before
from phoenix.line.rulebook import block_tags, levels
from phoenix.model.ab import Mode
from phoenix.model.counted import counted
from phoenix.model.report import JobState
from phoenix.model.score import REJECTIONS, UNDECIDED, VerdictKind
from phoenix.oca import Frames, create_by_version

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence

    from phoenix.line.context import LineContext
    from phoenix.model.dates import CivilDate
    from phoenix.oca import Associated, Creation, Diagnostic, Frame, Group, RuleVersions
    from phoenix.store.rows.frame import FrameRow

__all__ = [
    "CreatedPool",
    "Wanted",
    "create_pool",
    "window_of",
]

_UNCERTIFIED = UNDECIDED | REJECTIONS


@frozen
class Wanted:
    """Which ABs are to be made.

    Attributes
    ----------
    pool : str
        As it was asked for.
    nights : tuple of CivilDate
        Its nights.
    masters : bool
        True for master calibrations (``-X``): the calibrations of these nights, of nothing but
        these nights and what was certified before them.
    mode : Mode or None
        Calibrations or science; None for science if there is any, else calibrations.
    certified_only : bool
        Whether science takes certified masters only, and none that is yet to be made. Science
        for which one that a person has to certify is the best waits for that.
    """

    pool: str
    nights: tuple[CivilDate, ...]
    masters: bool = False
    mode: Mode | None = None
    certified_only: bool = False

    @property
    def label(self) -> str:
        """What tells it from other pools, as part of a file name."""
        if self.masters:
            return f"{self.pool}-masters"
        return f"{self.pool}-{'certified' if self.certified_only else 'night'}"

    @property
    def masters_label(self) -> str:
        """The label of the pool of masters of the same nights."""
        return evolve(self, masters=True).label


@frozen
class CreatedPool:
    """What the rules made of a pool, before anything is edited, selected or written.

    Attributes
    ----------
    wanted : Wanted
        What was asked for.
    mode : Mode
        Calibrations or science.
    creations : tuple of Creation
        One for each version of the rules.
    rows : tuple of FrameRow
        The raw files and masters that were there.
    rejected : tuple of str
        ABs whose products were rejected and were not looked at.
    awaited : Awaited
        Masters that wait for a person and were looked at.
    """

    wanted: Wanted
    mode: Mode
    creations: tuple[Creation, ...] = field(repr=False)
    rows: tuple[FrameRow, ...] = field(repr=False)
    rejected: tuple[str, ...] = ()
    awaited: Awaited = field(default=NOTHING_AWAITED, repr=False)

    @property
    def blocks(self) -> tuple[Associated, ...]:
        """All ABs, parents before children."""
        return tuple(block for creation in self.creations for block in creation.blocks)

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """What was left out, and why."""
        return tuple(row for creation in self.creations for row in creation.diagnostics)

    def creation_of(self, name: str) -> Creation | None:
        """Return the creation that made an AB, None for one that the plugin added."""
        for creation in self.creations:
            if any(block.name == name for block in creation.blocks):
                return creation
        return None


def create_pool(
    line: LineContext, wanted: Wanted, rules: RuleVersions | None = None
) -> CreatedPool:
    """Make the ABs of a pool from what the index knows.

    Parameters
    ----------
    line : LineContext
        Workspace, store, settings.
    wanted : Wanted
        Which.
    rules : RuleVersions, optional
        Instead of those of the workspace.

    Raises
    ------
    DataError
        If the pool has no raw files, or the rules make nothing of them.
    CascadeError
        If the rules need each other's products in a ring.
    """
    awaited = _awaited(line, wanted)
    frames, rows = _frames(line, wanted, awaited)
    if not frames.raw and frames.withheld:
        raise DataError(
            f"{wanted.pool}: found {counted(len(frames.withheld), 'file')} that must not be "
            "used, and no other raw file; see `phoenix hidden`"
        )
    if not frames.raw:
        raise DataError(
            f"{wanted.pool}: found no raw files in {_asked(line)}, expected some; set "
            "paths.repository in phoenix.toml, and look at `phoenix pool list`"
        )
    rejected = _with_verdict(line, REJECTIONS)
    creations = create_by_version(
        rules or line.rules,
        frames,
        wanted=_group_filter(wanted),
        levels=levels(line.settings.rules) or None,
        tags=block_tags(line.instrument.adapt_rules(line.process_row)),
        rejected=rejected,
        doubtful=_without_products(line, wanted),
        breakpoints=breakpoints_of(line),
    )
    created = CreatedPool(wanted, Mode.CALIB, creations, rows, tuple(sorted(rejected)), awaited)
    if not created.blocks:
        said = "; ".join(str(row) for row in created.diagnostics[:5]) or "the rules want none"
        raise DataError(
            f"{wanted.pool}: the rules make no AB of {counted(len(frames.raw), 'file')}: {said}"
        )
    return evolve(created, mode=_mode(wanted, created.blocks))


def _without_products(line: LineContext, wanted: Wanted) -> set[str]:
    """Return the ABs that came to nothing: their children take the next candidate, if any."""
    since, until = window_of(line, wanted)
    rows = line.store.jobs.rows(
        since=since,
        until=until,
        step=PROCESS,
        states=[JobState.FAILED, JobState.GATED],
    )
    return {row.ab_name for row in rows}


def _asked(line: LineContext) -> str:
    return ", ".join(line.settings.paths.repository) or "no repository"


def _awaited(line: LineContext, wanted: Wanted) -> Awaited:
    if not wanted.certified_only:
        return NOTHING_AWAITED
    return awaited_masters(line, wanted.masters_label, *window_of(line, wanted))


def window_of(line: LineContext, wanted: Wanted) -> tuple[CivilDate, CivilDate]:
    """Return the first and the last night whose masters may serve."""
    days = line.settings.calibrations.window_days
    return wanted.nights[0].plus(-days), wanted.nights[-1].plus(days)


def _frames(
    line: LineContext, wanted: Wanted, awaited: Awaited
) -> tuple[Frames, tuple[FrameRow, ...]]:
    """Return the files that may serve, as the rules see them."""
    first, last = wanted.nights[0], wanted.nights[-1]
    around = 0 if wanted.masters else line.settings.rules.pool_days
    window = line.settings.calibrations.window_days
    store, withheld = line.store, withheld_of(line)
    aside: list[tuple[Frame, str]] = []

    def usable(kinds: Sequence[str], since: object, until: object) -> list[FrameRow]:
        found = store.frames.rows(kinds=kinds, since=since, until=until, faulty=False)
        rows = list(without_copies(found, line.workspace.root))
        whys = [withheld.why(row.arcfile) for row in rows]
        aside.extend((oca_frame(row), why) for row, why in zip(rows, whys, strict=True) if why)
        return [row for row, why in zip(rows, whys, strict=True) if not why]

    raw = usable(["raw"], first.plus(-around), last.plus(around))
    static = usable(["static"], None, None)
    since, until = first.plus(-window), first.plus(-1) if wanted.masters else last.plus(window)
    certified = _certified(line, wanted, usable(["certified"], since, until))
    kinds = [tuple(map(oca_frame, rows)) for rows in (raw, certified, static)]
    if wanted.masters:
        # What is made again goes before what was made before, whatever the distance.
        frames = Frames(kinds[0], static=(*kinds[1], *kinds[2]), withheld=tuple(aside))
    else:
        waiting = (one for one in awaited.frames if not withheld.why(one.path))
        frames = Frames(kinds[0], (*kinds[1], *waiting), kinds[2], withheld=tuple(aside))
    return frames, (*raw, *certified, *static)


def _certified(line: LineContext, wanted: Wanted, rows: Iterable[FrameRow]) -> list[FrameRow]:
    """Leave out masters that are not certified, were made again, or that this very pool makes."""
    own, outdated = made_by(line), outdated_masters(line)
    without = _with_verdict(line, _UNCERTIFIED) | made_before(line.workspace, wanted.label)
    return [row for row in rows if own.get(row.path) not in without and row.path not in outdated]


def _with_verdict(line: LineContext, kinds: Collection[VerdictKind]) -> set[str]:
    current = line.store.verdicts.current()
    return {name for name, row in current.items() if row.verdict.kind in kinds}


def _group_filter(wanted: Wanted) -> Callable[[Group], bool]:
    nights = frozenset(wanted.nights)

    def wants(group: Group) -> bool:
        frame = group.primary.frame
        science = frame.category.upper() == "SCIENCE"
        if wanted.masters:
            return not science
        if wanted.certified_only:
            return science and frame.night in nights
        return not science or frame.night in nights

    return wants


def _mode(wanted: Wanted, blocks: Sequence[Associated]) -> Mode:
    if wanted.masters:
        return Mode.CALIB
    if wanted.mode is not None:
        return wanted.mode
    science = any(block.group.primary.frame.category.upper() == "SCIENCE" for block in blocks)
    return Mode.SCIENCE if science else Mode.CALIB
