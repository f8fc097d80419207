"""Created ABs ready to be run: their setup, what they lack, the cascade, the files they need."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from attrs import evolve

from phoenix.archive.repository import Refused
from phoenix.errors import DataError
from phoenix.line.association.awaited import part_waiting, without_awaited
from phoenix.line.association.create import window_of
from phoenix.line.association.header_pool import place_below
from phoenix.line.association.lacking import lacking_text, rejected_makers
from phoenix.line.jobs.memory import within_memory
from phoenix.line.night.parameters import with_settings
from phoenix.line.report import PreparedNight
from phoenix.model.cascade import Cascade
from phoenix.oca import association_block
from phoenix.steps.prepare import Selection, prepare_blocks

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from phoenix.line.association.create import CreatedPool
    from phoenix.line.context import LineContext
    from phoenix.model.ab import AssociationBlock
    from phoenix.model.process import Process
    from phoenix.model.workspace import Workspace
    from phoenix.oca import Associated
    from phoenix.store.rows.frame import FrameRow

__all__ = ["not_of_process", "prepared_pool"]


def prepared_pool(
    line: LineContext, created: CreatedPool, only: tuple[str, ...] = ()
) -> PreparedNight:
    """Edit created ABs, leave out what is incomplete, build the cascade; write nothing.

    Raises
    ------
    DataError
        If a file has a name that no AB can hold.
    CascadeError
        If an AB that was asked for by name cannot be run.
    """
    wanted, process = created.wanted, line.process_row
    blocks = [_with_setup(process, block) for block in created.blocks]
    complete = [
        without_awaited(ab, created.awaited)
        for ab, block in zip(blocks, created.blocks, strict=True)
        if block.complete
    ]
    lacking = _lacking(line, created, blocks, only)
    # mypy cannot follow attrs' converter=tuple.
    mode = None if only else created.mode
    selection = Selection(mode=mode, names=only, nights=wanted.nights)  # type: ignore[arg-type]
    prepared = prepare_blocks(
        line.instrument, process, wanted.nights[0], complete, lacking, selection
    )
    whole = Cascade(with_settings(line.settings, ab) for ab in prepared.cascade)
    every = within_memory(line, whole)
    cascade, waiting = part_waiting(every, created.awaited, created.blocks)
    lost = set(only) - {str(ab.name) for ab in every}
    if lost:
        raise DataError(
            f"{', '.join(sorted(lost))}: found no such AB of {wanted.pool}, expected one of it; "
            "see `phoenix ab list`"
        )
    # Calibrations of other nights that nobody needs are no part of the pool.
    left_out = prepared.left_out if only else ()
    return PreparedNight(
        wanted.nights[0],
        evolve(prepared, cascade=cascade, left_out=left_out),
        wanted.pool,
        wanted.nights,
        wanted.masters,
        _files(cascade, created.rows, line),
        waiting,
    )


def _lacking(
    line: LineContext,
    created: CreatedPool,
    blocks: Sequence[AssociationBlock],
    only: tuple[str, ...],
) -> list[Refused]:
    """Return the wanted ABs that lack something, with what it is."""
    nights = frozenset(created.wanted.nights)
    rejected = rejected_makers(line, created.rejected, *window_of(line, created.wanted))
    return [
        Refused(block.name, lacking_text(block, rejected))
        for ab, block in zip(blocks, created.blocks, strict=True)
        if not block.complete
        and ab.mode is created.mode
        and ab.date in nights
        and line.process_row.recipe(ab.recipe) is not None
        and (not only or block.name in only)
    ]


def not_of_process(process: Process, created: CreatedPool) -> tuple[str, ...]:
    """Say which ABs of the wanted mode and nights are of a raw type that the process has not."""
    known = {raw_type.name for raw_type in process.raw_types}
    nights = frozenset(created.wanted.nights)
    blocks = map(association_block, created.blocks)
    return tuple(
        f"{ab.name} is left out: raw type {ab.raw_type} is none of process {process.name}"
        for ab in blocks
        if ab.mode is created.mode and ab.date in nights and ab.raw_type not in known
    )


def _with_setup(process: Process, block: Associated) -> AssociationBlock:
    """Return the AB with the keywords of its raw type as its setup."""
    ab = association_block(block)
    keys = process.setup_keys_of(ab.raw_type)
    names = [key.removeprefix("ESO ").replace(" ", ".") for key in keys]
    pairs = [(name, block.keyword(name)) for name in names]
    setup = tuple((name, str(value)) for name, value in pairs if value is not None)
    return evolve(ab, setup=setup) if keys else ab


def _files(
    blocks: Iterable[AssociationBlock], rows: Iterable[FrameRow], line: LineContext
) -> tuple[tuple[str, str], ...]:
    """Return the inputs that no source would find, by their places in the workspace."""
    places = {place_below(row): row.path for row in rows if not row.path.endswith(".hdr")}
    wanted = {below for ab in blocks for below in _inputs(ab, line.workspace)}
    found = {below: places[below] for below in wanted & places.keys()}
    return tuple(
        (below, place)
        for below, place in sorted(found.items())
        if Path(place) != line.workspace.root / below
        and all(source.locate(below) is None for source in line.sources)
    )


def _inputs(ab: AssociationBlock, workspace: Workspace) -> Iterator[str]:
    for path in (*(raw.path for raw in ab.raw_files), *(one.path for one in ab.calibrations)):
        yield workspace.resolve(path, ab.date).relative_to(workspace.root).as_posix()
