"""The science of a night: which ABs have IDPs, and which go into the IDPs of another.

The exposures of a stack travel with its IDP. Where their stack came to nothing they have IDPs of
their own, until it comes: every conversion decides by what stands in the store.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

from phoenix.line.jobs.work import PROCESS
from phoenix.line.night.certify import made_with_rejected
from phoenix.model.frames import Role
from phoenix.model.parts import parts_of
from phoenix.model.process import Look
from phoenix.model.report import JobState
from phoenix.model.score import VerdictKind
from phoenix.store.rows import IDPStatus

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from phoenix.line.context import LineContext
    from phoenix.line.report import PreparedNight
    from phoenix.model.ab import AssociationBlock
    from phoenix.store.rows import VerdictRow

__all__ = ["ScienceBlock", "refused_blocks", "science_blocks"]


@frozen
class ScienceBlock:
    """An AB whose science products become IDPs.

    Attributes
    ----------
    ab : AssociationBlock
        Successful, neither rejected nor made with what was, and seen where a person must see it.
    parts : tuple of AssociationBlock
        What went into it: they have no IDPs of their own any more.
    """

    ab: AssociationBlock
    parts: tuple[AssociationBlock, ...] = ()


def science_blocks(line: LineContext, night: PreparedNight) -> tuple[ScienceBlock, ...]:
    """Return the ABs of a night that have IDPs, in order of the cascade."""
    store, nights = line.store, night.every_night
    first, last = nights[0], nights[-1]
    jobs = store.jobs.rows(since=first, until=last, step=PROCESS)
    ends = {row.ab_name: row.state for row in jobs}
    products = store.products.rows(since=first, until=last, role=Role.SCIENCE)
    science = {(row.ab_name, row.pro_catg) for row in products}
    verdicts = store.verdicts.current(since=first, until=last).values()
    rejected = {row.ab_name for row in verdicts if row.verdict.rejects}
    unseen = _unseen(line, night, verdicts)
    blocks = {str(ab.name): ab for ab in night.prepared.cascade}
    waiting = made_with_rejected(line, blocks.values()).keys()
    good = {name for name, _ in science if ends.get(name) is JobState.SUCCESSFUL} & blocks.keys()
    wholes = {
        name: tuple(blocks[part] for part in sorted(parts & good))
        for name, parts in parts_of(blocks.values(), science).items()
        if not _came_to_nothing(line, name, ends)
    }
    taken = {str(part.name) for parts in wholes.values() for part in parts}
    return tuple(
        ScienceBlock(ab, wholes.get(name, ()))
        for name, ab in blocks.items()
        if name in good - taken - rejected - waiting - unseen
    )


def refused_blocks(line: LineContext, night: PreparedNight) -> tuple[tuple[str, str], ...]:
    """Return the ABs with science products that are not delivered, and why.

    A person has rejected them, or what they were made with, or must see them and has not yet.
    """
    first, last = night.every_night[0], night.every_night[-1]
    rows = line.store.products.rows(since=first, until=last, role=Role.SCIENCE)
    verdicts = line.store.verdicts.current(since=first, until=last)
    said = {name: str(row.verdict) for name, row in verdicts.items() if row.verdict.rejects}
    waiting = {
        name: f"made with {culprit}, which was rejected"
        for name, culprit in made_with_rejected(line, night.prepared.cascade).items()
    }
    unseen = {
        name: f"waits for a person, who must see it; see `phoenix certify {name}`"
        for name in _unseen(line, night, verdicts.values())
    }
    science = {row.ab_name for row in rows}
    told = unseen | waiting | said
    return tuple(sorted((name, why) for name, why in told.items() if name in science))


def _unseen(line: LineContext, night: PreparedNight, verdicts: Iterable[VerdictRow]) -> set[str]:
    """Return the ABs that a person must see (QC Handbook, 5.6.3), and has not certified."""
    certified = {row.ab_name for row in verdicts if row.verdict.kind is VerdictKind.OK}
    return {
        str(ab.name)
        for ab in night.prepared.cascade
        if line.review.look_at(ab.raw_type, ab.name.tag) is Look.MANDATORY
    } - certified


def _came_to_nothing(line: LineContext, name: str, ends: Mapping[str, JobState]) -> bool:
    """Whether an AB ended without products, and the archive has none of an earlier run."""
    state = ends.get(name, JobState.CREATED)
    if not state.is_final or state is JobState.SUCCESSFUL:
        return False
    return not line.store.phase3.rows(status=IDPStatus.CURRENT, ab_name=name)
