"""Quality of one processed AB: measure, score, and draw its report; two steps for a worker.

Both read what lies published and write beside it, so each can be done again at any time.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from attrs import frozen

from phoenix.archive.source import fetch
from phoenix.errors import ArchiveError, DataError
from phoenix.instrument import load_instrument
from phoenix.model.ab import Mode
from phoenix.model.frames import Product
from phoenix.model.report import JobState
from phoenix.steps.frames import set_of_frames
from phoenix.steps.quality.cover import CoverGroup, draw_cover
from phoenix.steps.quality.measure import measure_block
from phoenix.steps.quality.score import QCResult, read_qc, score_block, write_qc
from phoenix.steps.shelf.manifest import successful_manifest
from phoenix.steps.shelf.parents import parent_place
from phoenix.steps.shelf.places import Places, Record

if TYPE_CHECKING:
    from pathlib import Path

    from phoenix.archive.source import Source
    from phoenix.drawing.report import ReportTitle
    from phoenix.model.ab import AssociationBlock
    from phoenix.model.panel import Panel
    from phoenix.model.qc import Measurement
    from phoenix.model.threshold import ScoreRule
    from phoenix.model.workspace import Workspace
    from phoenix.steps.shelf.manifest import Manifest

__all__ = [
    "QualityTask",
    "ReportTask",
    "draw_in",
    "draw_quality",
    "measure_in",
    "measure_quality",
]


@frozen
class QualityTask:
    """Which AB is to be measured and scored.

    Attributes
    ----------
    rules : tuple of ScoreRule
        What it is judged by.
    sources : tuple of Source
        Where raw frames come from: they may have left the workspace since.
    """

    ab: AssociationBlock
    instrument: str
    process: str
    workspace: Workspace
    rules: tuple[ScoreRule, ...] = ()
    sources: tuple[Source, ...] = ()


@frozen
class ReportTask:
    """Of which AB a QC report is to be drawn, and the group whose coversheet it is on.

    Attributes
    ----------
    cover : str
        Name of the group; empty for an AB alone.
    group : tuple of AssociationBlock
        Its ABs, this one among them.
    """

    ab: AssociationBlock
    instrument: str
    process: str
    workspace: Workspace
    cover: str = ""
    group: tuple[AssociationBlock, ...] = ()


def measure_quality(task: QualityTask) -> QCResult:
    """Measure and score an AB, and write ``qc.json`` beside its products.

    One that is finished stays as it was measured: what it was measured on is no longer there.

    Raises
    ------
    DataError
        If it has no products.
    PluginError
        If the plugin cannot measure.
    """
    places = Places.of(task.workspace, task.ab)
    before = read_qc(places.now(Record.QC))
    if before is not None and _is_finished(places):
        return before
    folder, manifest = _published(places)
    return measure_in(task, folder, manifest)


def measure_in(task: QualityTask, folder: Path, manifest: Manifest) -> QCResult:
    """Measure and score what lies in a folder, and write ``qc.json`` into it.

    Raises
    ------
    PluginError
        If the plugin cannot measure.
    """
    instrument = load_instrument(task.instrument)
    process = instrument.process(task.process)
    _bring_raw_frames(task, manifest)
    measured = measure_block(
        instrument,
        process,
        task.ab,
        set_of_frames(task.workspace, manifest),
        _products(Places.of(task.workspace, task.ab), folder, manifest),
        _parents_qc(task.workspace, manifest),
    )
    result = score_block(instrument, process, task.ab, measured, task.rules)
    write_qc(result, Places.of(task.workspace, task.ab).fresh(Record.QC, folder))
    return result


def _bring_raw_frames(task: QualityTask, manifest: Manifest) -> None:
    """Bring raw frames that were released: the AB is measured once more, for a parent was.

    Of what no source has any more the saved header stands in.
    """
    for row in manifest.inputs:
        if row.path.startswith("raw/") and not (task.workspace.root / row.path).exists():
            with suppress(ArchiveError):
                fetch(task.sources, row.path, task.workspace.root)


def draw_quality(task: ReportTask) -> Path:
    """Draw the QC report of an AB beside its products; that of a finished one stays as it is.

    Raises
    ------
    DataError
        If it has no products.
    PluginError
        If the plugin cannot make its panels.
    """
    places = Places.of(task.workspace, task.ab)
    drawn = places.now(Record.REPORT)
    if drawn.exists() and _is_finished(places):
        draw_cover(task.workspace, _group(task))
        return drawn
    drawn = draw_in(task, *_published(places))
    draw_cover(task.workspace, _group(task))
    return drawn


def draw_in(task: ReportTask, folder: Path, manifest: Manifest) -> Path:
    """Draw the QC report of what lies in a folder, into it.

    Raises
    ------
    PluginError
        If the plugin cannot make its panels.
    """
    from phoenix.drawing.report import draw_report  # noqa: PLC0415 - loads matplotlib, half a second

    places = Places.of(task.workspace, task.ab)
    instrument = load_instrument(task.instrument)
    process = instrument.process(task.process)
    qc = read_qc(places.fresh(Record.QC, folder)) or QCResult(str(task.ab.name))
    panels: tuple[Panel, ...] = instrument.previews(
        process, task.ab, _products(places, folder, manifest), qc.measurements
    )
    return draw_report(_title(task, manifest, qc), panels, places.fresh(Record.REPORT, folder))


def _group(task: ReportTask) -> CoverGroup:
    return CoverGroup(task.cover, task.instrument, task.process, task.group)


def _is_finished(places: Places) -> bool:
    found = successful_manifest(places)
    return found is not None and found[0] != places.published


def _published(places: Places) -> tuple[Path, Manifest]:
    found = successful_manifest(places)
    if found is None or found[0] != places.published:
        raise DataError(
            f"{places.root}.ab: no products in {places.published}; process the AB first"
        )
    return found


def _products(places: Places, folder: Path, manifest: Manifest) -> tuple[Product, ...]:
    """Return the products, wherever they are by now, but for what was taken away."""
    return tuple(
        Product(
            places.product(row.name, row.final) if folder == places.published
            else folder / row.name,  # a gate holds them back
            row.pro_catg, row.role, manifest.ab_name,
        )
        for row in manifest.products
        if not row.taken_away
    )  # fmt: skip


def _parents_qc(workspace: Workspace, manifest: Manifest) -> dict[str, tuple[Measurement, ...]]:
    places = (parent_place(workspace, row) for row in manifest.inputs)
    folders = sorted({place.parent for place in places if place})
    found = (_qc_in(Places.published_in(workspace, folder)) for folder in folders)
    return {result.ab_name: result.measurements for result in found if result}


def _qc_in(places: Places) -> QCResult | None:
    """Read the QC of an AB; its night may be finished."""
    found = map(read_qc, places.both(Record.QC))
    return next((result for result in found if result is not None), None)


def _title(task: ReportTask, manifest: Manifest, qc: QCResult) -> ReportTitle:
    from phoenix.drawing.report import ReportTitle  # noqa: PLC0415 - loads matplotlib

    return ReportTitle(
        ab_name=str(task.ab.name),
        process=task.process,
        recipe=task.ab.recipe,
        raw_type=task.ab.raw_type,
        setup=" ".join(value for _, value in task.ab.setup),
        night=str(task.ab.date or ""),
        scores=qc.scores,
        # QCFLAG goes to the archive with science products; of a calibration it says nothing.
        qcflag=dict(qc.qcflags).get(0, "") if task.ab.mode is Mode.SCIENCE else "",
        software=", ".join(f"{name} {version}" for name, version in manifest.versions),
        held_back=manifest.reason if manifest.state is JobState.GATED else "",
    )
