"""Association on the line: index, create, explain, verify."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import evolve

from phoenix.errors import DataError
from phoenix.formats.files import read_plain
from phoenix.line.association.create import Wanted, create_pool
from phoenix.line.association.explained import ExplainedAB
from phoenix.line.association.header_pool import IndexReport, index_folders, places, without_copies
from phoenix.line.association.lacking import not_needed, not_needed_text
from phoenix.line.association.prepared import not_of_process, prepared_pool
from phoenix.line.association.write import write_explanations, write_made
from phoenix.line.bad_data import future_breakpoints, overlays_of
from phoenix.line.night.created_blocks import made_pools, read_explanation
from phoenix.line.night.historical import historical_nights
from phoenix.line.night.hold import hold_nights
from phoenix.line.report import PreparedPool
from phoenix.line.rulebook import pool_keywords, rules_of
from phoenix.line.table import Table
from phoenix.line.workspace import repositories
from phoenix.model.ab import ABName, Mode
from phoenix.model.cascade import Cascade
from phoenix.model.counted import counted
from phoenix.model.dates import CivilDate, mjd_of, nights_of
from phoenix.oca import (
    RuleVersion,
    RuleVersions,
    association_block,
    compare,
    read_answers,
    verify_answer,
)
from phoenix.oca.explanation.explanation import explanation_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from phoenix.line.association.create import CreatedPool
    from phoenix.line.context import LineContext
    from phoenix.line.report import PreparedNight
    from phoenix.model.ab import AssociationBlock
    from phoenix.oca import Difference

__all__ = [
    "create_blocks",
    "explain_block",
    "index_pool",
    "verify_blocks",
]


def index_pool(line: LineContext) -> IndexReport:
    """Bring the header pool of a workspace up to date, and say what is wrong with its files."""
    roots = repositories(line.workspace, line.settings)
    folders = places(roots, line.workspace.root)
    keywords = pool_keywords(line.rules, line.process_row)
    done = index_folders(line.store, folders, keywords, overlays_of(line))
    raw: dict[str, list[str]] = {}
    for row in without_copies(
        line.store.frames.rows(kinds=["raw"], faulty=False), line.workspace.root
    ):
        raw.setdefault(row.arcfile, []).append(row.path)
    return evolve(
        done,
        faulty=line.store.frames.rows(faulty=True),
        duplicates=tuple(
            (name, tuple(sorted(paths))) for name, paths in raw.items() if len(paths) > 1
        ),
    )


def _look_at_pool(line: LineContext) -> None:
    """Bring the pool up to date; who may only look has it as it was indexed last."""
    if not line.store.read_only:
        index_pool(line)


def create_blocks(
    line: LineContext, wanted: Wanted, only: tuple[str, ...] = (), *, dry: bool = False
) -> PreparedPool:
    """Index the pool and make its ABs; write them unless only asked to look.

    Some ABs of a pool may be asked for: then these are what is returned, to be run. What is
    written is the whole pool all the same; and what was created of the other mode before stays.

    Raises
    ------
    DataError
        If there are no raw files, or the rules make nothing of them. Nothing is written then.
    BusyError
        If a run holds one of the nights.
    """
    if dry:
        _look_at_pool(line)
    else:
        index_pool(line)
    created = create_pool(line, wanted)
    night = prepared_pool(line, created, only)
    idle = () if only else not_needed(created, night)
    if not dry:
        whole = _whole(line, created, night) if only or wanted.mode else night
        dates = {*whole.nights, *(ab.date for ab in whole.prepared.cascade if ab.date)}
        with hold_nights(line, dates):
            write_made(line.workspace, created, whole)
            write_explanations(line.workspace, created, map(association_block, idle))
    told = (
        *map(str, created.diagnostics),
        *(not_needed_text(block) for block in idle),
        *not_of_process(line.process_row, created),
        *future_breakpoints(line),
    )
    return PreparedPool(wanted.pool, (night,), told)


def _whole(line: LineContext, created: CreatedPool, part: PreparedNight) -> PreparedNight:
    """Return the pool with everything that belongs to it, not only what was asked for."""
    whole = prepared_pool(line, created)
    others = _of_other_mode(line, created)
    blocks = {str(ab.name): ab for one in (*others, whole, part) for ab in one.cascade}
    files = dict(row for one in (*others, whole, part) for row in one.files)
    refused = dict(row for one in (*others, whole) for row in one.prepared.refused)
    prepared = evolve(
        whole.prepared,
        cascade=Cascade(blocks.values()),
        refused=tuple(sorted((n, why) for n, why in refused.items() if n not in blocks)),
    )
    return evolve(whole, prepared=prepared, files=tuple(sorted(files.items())))


def _of_other_mode(line: LineContext, created: CreatedPool) -> tuple[PreparedNight, ...]:
    """Return what was created of the pool before, as far as it is of the other mode."""
    wanted = created.wanted
    if wanted.mode is None:
        return ()
    try:
        before = made_pools(line, wanted.nights)
    except DataError:
        # Gone or broken: made again when that mode is asked for.
        return ()
    return tuple(
        evolve(night, prepared=evolve(night.prepared, cascade=_only_other(night, wanted.mode)))
        for night in before
        if (night.pool, night.masters) == (wanted.pool, wanted.masters)
    )


def _only_other(night: PreparedNight, mode: Mode) -> Cascade:
    other = (str(ab.name) for ab in night.cascade if ab.mode is not mode)
    return night.cascade.with_parents(other)


def explain_block(line: LineContext, name: str, calib: str | None = None) -> ExplainedAB:
    """Return why an AB has the calibrations that it has, as written when it was created.

    Raises
    ------
    DataError
        If it was not created here, or its action has no such calibration.
    """
    ab = ABName(name)
    date = CivilDate.of(mjd_of(ab.timestamp[:19]))
    found: dict[str, Any] | None = read_explanation(line.workspace, date, ab.root)
    if found is None:
        raise DataError(
            f"{name}: found no explanation in {line.workspace.folder('ab', date)}, expected one "
            "of an AB that was created here; historical ABs were associated elsewhere, and "
            "calibrations that no science needs are not made: try "
            f"`phoenix create-ab -d {date}`, with -X for all calibrations"
        )
    return ExplainedAB.of(explanation_of(found, calib))


# ---- verify ------------------------------------------------------------------------------------


def verify_blocks(
    line: LineContext, pool: str, *, rules: Sequence[Path], answer: Path | None, mode: str
) -> Table:
    """Return what created ABs and others do not agree in, one row each."""
    wanted = Wanted(pool, nights_of(pool), mode=Mode(mode) if mode else None)
    if answer is not None:
        against, found = str(answer), verify_with_answer(line, wanted, answer)
    elif rules:
        against = " + ".join(map(str, rules))
        found = verify_with_rules(line, wanted, rules)
    else:
        against, found = "the repository", verify_with_repository(line, wanted)
    rows = tuple((row.ab, row.what, ", ".join(row.first), ", ".join(row.second)) for row in found)
    title = f"{pool}: {counted(len(rows), 'difference')} from {against}"
    return Table(title, ("AB", "what", "created", "other"), rows)


def verify_with_rules(
    line: LineContext, wanted: Wanted, paths: Sequence[Path]
) -> tuple[Difference, ...]:
    """Compare the ABs of a pool by the rules of the workspace with those by other rule files."""
    _look_at_pool(line)
    other = RuleVersions((RuleVersion(rules_of(paths, line.process_row)),))
    ours = prepared_pool(line, create_pool(line, wanted)).prepared.cascade
    theirs = prepared_pool(line, create_pool(line, wanted, other)).prepared.cascade
    return compare(ours, theirs)


def verify_with_repository(line: LineContext, wanted: Wanted) -> tuple[Difference, ...]:
    """Compare created ABs of a pool with those of the repository (the old verifyAB)."""
    _look_at_pool(line)
    ours = prepared_pool(line, create_pool(line, wanted)).prepared.cascade
    mode = {ab.mode for ab in ours if ab.date in wanted.nights} or {Mode.SCIENCE}
    theirs: list[AssociationBlock] = [
        ab
        for night in historical_nights(line, wanted.nights)
        for ab in night.prepared.cascade
        if ab.mode in mode
    ]
    return compare([ab for ab in ours if ab.date in wanted.nights], theirs)


def verify_with_answer(line: LineContext, wanted: Wanted, path: Path) -> tuple[Difference, ...]:
    """Compare created ABs with an answer of calSelector, XML or several in one file.

    Raises
    ------
    DataError
        If the file is no such answer, or its raw file is not in the pool.
    """
    _look_at_pool(line)
    created = create_pool(line, wanted)
    answers = read_answers(read_plain(path), str(path))
    (creation, *_) = created.creations
    return tuple(row for answer in answers for row in verify_answer(creation, answer))
