"""Into the store: every batch of changes in one transaction, and what came with them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from attrs import evolve

from phoenix.engine.record import job_row
from phoenix.errors import DataError
from phoenix.line.report import waits_for
from phoenix.model.ab import ABName
from phoenix.model.report import ABResult, JobState
from phoenix.steps.process_ab import result_of
from phoenix.steps.quality.score import QCResult
from phoenix.steps.task import Published
from phoenix.store.rows import BlockRow, JobRow, ProductRow

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Collection, Iterable, Mapping

    from phoenix.engine.job import Change, Key
    from phoenix.line.report import WaitingBlock
    from phoenix.model.cascade import Cascade
    from phoenix.model.dates import CivilDate
    from phoenix.model.workspace import Workspace
    from phoenix.steps.finish import FinishReport
    from phoenix.store.store import Store

__all__ = [
    "record_changes",
    "record_damaged",
    "record_finished",
    "record_gone",
    "record_manifest",
    "record_prepared",
    "record_quality",
    "record_refused",
    "record_spent",
    "record_taken_away",
    "record_waiting",
]


def record_prepared(store: Store, cascade: Cascade, keys: Mapping[Key, str]) -> None:
    """Store the ABs of a cascade and their jobs; jobs made of the same stay as they are."""
    with store.transaction():
        store.blocks.save(
            BlockRow.of(ab, checksum=keys[str(ab.name), "process"]) for ab in cascade
        )
        store.jobs.prepare(keys)


def record_refused(
    store: Store, date: CivilDate, refused: Iterable[tuple[str, str]], when: dt.datetime
) -> None:
    """Store the ABs that cannot be run: FAILED, with their reasons.

    A file whose name is none of an AB has no place in the store.
    """
    rows = tuple((name, why) for name, why in refused if _is_ab_name(name))
    if not rows:
        return
    with store.transaction():
        store.blocks.save(BlockRow(name, str(date)) for name, _ in rows)
        store.jobs.prepare({(name, "process"): why for name, why in rows})
        store.jobs.record(
            JobRow(name, "process", JobState.FAILED, reason=why, ended=when) for name, why in rows
        )


def record_waiting(store: Store, waiting: Iterable[WaitingBlock]) -> None:
    """Store the ABs that wait for a person: WAITING, and for what.

    The job key is none of an AB: once it can be run, its job is another one.
    """
    rows = tuple(waiting)
    if not rows:
        return
    with store.transaction():
        store.blocks.save(BlockRow.of(one.block) for one in rows)
        store.jobs.prepare({(str(one.block.name), "process"): "" for one in rows})
        store.jobs.record(
            JobRow(
                str(one.block.name),
                "process",
                JobState.WAITING,
                reason=waits_for(one.masters),
            )
            for one in rows
        )


def record_gone(store: Store, date: CivilDate, known: Collection[str], when: dt.datetime) -> None:
    """Store that ABs without products are no longer in the repository: CANCELLED."""
    gone = [
        row.ab_name
        for row in store.jobs.rows(since=date, until=date, step="process")
        if row.state not in {JobState.SUCCESSFUL, JobState.CANCELLED} and row.ab_name not in known
    ]
    why = "no longer in the repository"
    store.jobs.record(
        JobRow(name, "process", JobState.CANCELLED, reason=why, ended=when) for name in gone
    )


def _is_ab_name(text: str) -> bool:
    try:
        ABName(text)
    except DataError:
        return False
    return True


def record_changes(store: Store, workspace: Workspace, changes: Iterable[Change]) -> None:
    """Store a batch of changes with what the jobs brought: products, measurements, scores."""
    batch = tuple(changes)
    with store.transaction():
        store.jobs.record(map(_row_of, batch))
        for change in batch:
            if isinstance(change.value, Published) and change.value.manifest:
                _store_products(store, workspace, change.value)
                if change.state is JobState.GATED:
                    _forget_quality(store, change.ab_name, change.when)
            elif isinstance(change.value, QCResult):
                _store_quality(store, change.value, change.when)


def _row_of(change: Change) -> JobRow:
    """Return where a job stands; what was only brought back ended when it was made first.

    What a person said of it since still holds.
    """
    row, value = job_row(change), change.value
    if isinstance(value, Published) and value.brought_back and value.manifest:
        return evolve(row, ended=value.manifest.ended)
    return row


def record_taken_away(store: Store, ab_name: str, names: Iterable[str]) -> None:
    """Store that products of an AB are nowhere any more."""
    gone = set(names)
    with store.transaction():
        rows = store.products.rows(ab_name=ab_name)
        store.products.move(
            evolve(row, path="", final_name="") for row in rows if row.name in gone
        )


def record_spent(store: Store, step: str, result: ABResult, when: dt.datetime) -> None:
    """Store what a step took that is no job of a run, for the resources of the next ones."""
    row = JobRow(
        result.ab_name,
        step,
        result.state,
        reason=result.reason,
        started=when - timedelta(seconds=result.wall_s),
        ended=when,
        wall_s=result.wall_s,
        cpu_s=result.cpu_s,
        peak_memory_mb=result.peak_memory_mb,
    )
    with store.transaction():
        store.jobs.prepare({(row.ab_name, step): ""})
        store.jobs.record([row])


def record_manifest(
    store: Store, workspace: Workspace, published: Published, when: dt.datetime
) -> ABResult:
    """Store an AB that was found done on disk, and return how it ended."""
    manifest = published.manifest
    if manifest is None:
        raise ValueError("found done on disk without a manifest")
    result = result_of(manifest)
    row = JobRow(
        manifest.ab_name,
        "process",
        result.state,
        ended=when,
        wall_s=result.wall_s,
        cpu_s=result.cpu_s,
        peak_memory_mb=result.peak_memory_mb,
        products=result.products,
    )
    with store.transaction():
        store.jobs.record([evolve(row, reason=result.reason, details=result.details)])
        _store_products(store, workspace, published)
    return result


def record_quality(
    store: Store, quality: QCResult, steps: Iterable[str], when: dt.datetime
) -> None:
    """Store what was found measured on disk, and that these steps are done."""
    with store.transaction():
        store.jobs.record(
            JobRow(quality.ab_name, step, JobState.SUCCESSFUL, ended=when) for step in steps
        )
        _store_quality(store, quality, when)


def record_finished(store: Store, workspace: Workspace, done: FinishReport) -> None:
    """Store where the products of finished ABs are now; what is not kept is nowhere."""
    finals = {
        (one.ab_name, row.name): row.final
        for one in done.finished
        for row in one.manifest.products
    }
    with store.transaction():
        rows = store.products.rows(names={name for name, _ in finals})
        places = ((row, finals.get((row.ab_name, row.name))) for row in rows)
        now = ((row, _moved(workspace, row, one)) for row, one in places if one is not None)
        store.products.move(moved for row, moved in now if moved != row)


def _moved(workspace: Workspace, row: ProductRow, final: str) -> ProductRow:
    path = final or _if_there(workspace, row.path)
    return evolve(row, path=path, final_name=final.rpartition("/")[2])


def record_damaged(store: Store, rows: Iterable[tuple[str, str]], when: dt.datetime) -> None:
    """Store that products of ABs are no longer what was published: FAILED, to be made again."""
    store.jobs.record(
        JobRow(name, "process", JobState.FAILED, reason=why, ended=when) for name, why in rows
    )


def _store_quality(store: Store, quality: QCResult, when: dt.datetime) -> None:
    name, flags = quality.ab_name, quality.qcflags
    store.qc1.replace(name, quality.measurements)
    store.qc1.add_scores(name, quality.scores, when)
    if quality.bits or store.qcflags.of(name) != flags:
        # What was flagged before bits were kept keeps the meaning that the store knows.
        store.qcflags.replace(name, flags, quality.bits)


def _forget_quality(store: Store, name: str, when: dt.datetime) -> None:
    """Take away what was measured of products that others took the place of; judgements stay."""
    if store.qc1.measurements(ab_name=name):
        store.qc1.replace(name, ())
        store.qc1.add_scores(name, (), when)
        store.qcflags.replace(name, (), ())


def _store_products(store: Store, workspace: Workspace, published: Published) -> None:
    manifest, folder = published.manifest, published.folder
    if manifest is None or folder is None:
        return
    below = folder.relative_to(workspace.root).as_posix()
    store.blocks.observed(manifest.ab_name, manifest.observation, manifest.versions)
    store.products.replace(
        manifest.ab_name,
        (
            ProductRow(
                ab_name=manifest.ab_name,
                name=row.name,
                pro_catg=row.pro_catg,
                role=row.role,
                path=row.final or _if_there(workspace, f"{below}/{row.name}"),
                size=row.size,
                sha256=row.sha256,
                final_name=row.final.rpartition("/")[2],
            )
            for row in manifest.products
        ),
    )


def _if_there(workspace: Workspace, below: str) -> str:
    return below if (workspace.root / below).is_file() else ""
