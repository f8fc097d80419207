"""What the page of an AB needs besides its record: values, manifest, log, relatives.

Reads only.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from attrs import frozen

from phoenix.model.qc import Measurement
from phoenix.monitor.gather.association import association_rows
from phoenix.monitor.gather.files import (
    below,
    held_back,
    log_of,
    places_of,
    present_of,
    quality_of,
    root_of,
)
from phoenix.monitor.gather.lately import before_of, lately_of, trends_of
from phoenix.monitor.gather.records import by_ab, is_gated
from phoenix.monitor.record import ABDetail
from phoenix.steps.shelf.manifest import read_manifest
from phoenix.store.qc1.measurements import score_rows

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from phoenix.model.score import ScoreBit
    from phoenix.model.workspace import Workspace
    from phoenix.monitor.gather.lately import Lately
    from phoenix.monitor.record import ABRecord
    from phoenix.steps.quality.score import QCResult
    from phoenix.store import Store
    from phoenix.store.rows.qc1 import QC1Row, ScoreRow
    from phoenix.store.rows.verdict import VerdictRow

__all__ = ["details"]

# ABs: name and night, which is empty for one that the store does not know.
_Relatives = tuple[tuple[str, str], ...]


def details(
    store: Store,
    workspace: Workspace,
    date: str,
    rows: Sequence[ABRecord],
    wanted: Sequence[ABRecord],
    history_days: int,
) -> dict[str, ABDetail]:
    """Return what the pages of those ABs of a night need besides that are wanted, by AB name."""
    if not wanted:
        return {}
    scores = store.qc1.scores(since=date, until=date, parts=True)
    parents, children = _relatives(store, rows)
    night = _Night(
        measured=by_ab(store.qc1.measurements(since=date, until=date)),
        parts=by_ab(row for row in scores if row.part),
        parents=parents,
        children=children,
        bits=store.qcflags.meanings(date, date),
        verdicts=store.verdicts.of_nights(date, date),
        lately=lately_of(store, date, wanted, history_days),
    )
    return {one.block.name: _detail(workspace, one, night) for one in wanted}


@frozen
class _Night:
    """What the store knows of the ABs of a night, by AB name, and of the nights around it."""

    measured: Mapping[str, Sequence[QC1Row]]
    parts: Mapping[str, Sequence[ScoreRow]]
    parents: Mapping[str, _Relatives]
    children: Mapping[str, _Relatives]
    bits: Mapping[str, tuple[ScoreBit, ...]]
    verdicts: Mapping[str, tuple[VerdictRow, ...]]
    lately: Lately


def _detail(workspace: Workspace, record: ABRecord, night: _Night) -> ABDetail:
    block, places = record.block, places_of(workspace, record.block)
    manifest = read_manifest(workspace.root / record.files.manifest)
    outcome = places.outcome()
    folder = below(workspace, outcome)
    log, log_lines, warnings = log_of(workspace, record.files.log)
    gated = is_gated(record.job)
    quality = held_back(places) if gated else quality_of(places, outcome)
    measurements, parts = _held(block.name, quality) if gated else _stored(block.name, night)
    trends = trends_of(record, night.lately.points)
    return ABDetail(
        measurements=measurements,
        keywords=quality.keywords,
        qcflags=quality.qcflags,
        bits=night.bits.get(block.name, ()),
        manifest=manifest,
        log=log,
        log_lines=log_lines,
        parents=night.parents[block.name],
        children=night.children[block.name],
        verdicts=night.verdicts.get(block.name, ()),
        published=folder,
        present=present_of(workspace, manifest, folder),
        associations=association_rows(workspace, block.date, root_of(block)),
        parts=parts,
        trends=trends,
        before=before_of(workspace, record, trends),
        best=night.lately.best.get((block.raw_type, block.setup)),
        warnings=warnings,
    )


def _held(name: str, quality: QCResult) -> tuple[tuple[Measurement, ...], tuple[ScoreRow, ...]]:
    """Return measurements and scores of elements that a gate held back."""
    return quality.measurements, tuple(row for row in score_rows(name, quality.scores) if row.part)


def _stored(name: str, night: _Night) -> tuple[tuple[Measurement, ...], tuple[ScoreRow, ...]]:
    """Return measurements and scores of elements that are in the store."""
    measured = night.measured[name]
    rows = tuple(Measurement(row.parameter, row.value, row.element) for row in measured)
    return rows, tuple(night.parts[name])


def _relatives(
    store: Store, rows: Sequence[ABRecord]
) -> tuple[dict[str, _Relatives], defaultdict[str, _Relatives]]:
    """Return the parents and the children of ABs, by AB name."""
    nights_of = {record.block.name: record.block.date for record in rows}
    waits = {record.block.name: record.ab.waits_for if record.ab else () for record in rows}
    elsewhere = {name for names in waits.values() for name in names} - nights_of.keys()
    if elsewhere:
        nights_of |= {block.name: block.date for block in store.blocks.rows(names=elsewhere)}
    children: defaultdict[str, _Relatives] = defaultdict(tuple)
    for name, parents in waits.items():
        for parent in parents:
            children[parent] += ((name, nights_of[name]),)
    return {
        name: tuple((parent, nights_of.get(parent, "")) for parent in parents)
        for name, parents in waits.items()
    }, children
