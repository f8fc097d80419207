"""The metrics of a night: gathered from the store and the manifests, counted, remembered.

What a night has now can be asked of the store; how many raw files it had, how large they were and
when they came stands in the manifests only, once raw frames have left.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from attrs import field, frozen

from phoenix.model.ab import Mode
from phoenix.model.recipe import Step
from phoenix.model.report import JobState
from phoenix.model.score import REJECTIONS, VerdictKind
from phoenix.steps.shelf.manifest import read_manifest
from phoenix.steps.shelf.places import Places, Record
from phoenix.store.rows import IDPStatus
from phoenix.store.rows.metrics import MetricsRow

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Collection, Iterator, Mapping

    from phoenix.line.context import LineContext
    from phoenix.model.workspace import Workspace
    from phoenix.steps.shelf.manifest import InputFile, Manifest
    from phoenix.store import BlockRow, FrameRow, IDPRow, JobRow, ProductRow, VerdictRow

__all__ = ["CALIB", "OTHER", "SCIENCE", "NightFacts", "count", "gather", "record_metrics"]

CALIB, SCIENCE, OTHER = Mode.CALIB.value, Mode.SCIENCE.value, "OTHER"
"""Categories: those of ABs, and raw files that are neither (DPR CATG ACQUISITION, TEST ...)."""

_HAVE_RUN = {JobState.SUCCESSFUL, JobState.GATED, JobState.FAILED}
_WRONG = {JobState.GATED, JobState.FAILED, JobState.BLOCKED}
_RAW = "raw/"
_FITS = ".fits"
_CATEGORY = "ESO DPR CATG"
_NS_PER_S = 1_000_000_000


@frozen
class NightFacts:
    """What is known of a night, before it is counted.

    Attributes
    ----------
    date : str
        The night.
    blocks, jobs, products, idps, frames : tuple of rows
        Its ABs with all that they have, and its raw files in the header pool.
    verdicts : mapping of str to VerdictRow
        AB name to the verdict that counts.
    judged : mapping of str to tuple of datetime
        AB name to when it was judged, each time.
    manifests : mapping of str to Manifest
        AB name to how it was processed.
    """

    date: str
    blocks: tuple[BlockRow, ...] = ()
    jobs: tuple[JobRow, ...] = ()
    products: tuple[ProductRow, ...] = ()
    idps: tuple[IDPRow, ...] = ()
    frames: tuple[FrameRow, ...] = ()
    verdicts: Mapping[str, VerdictRow] = field(factory=dict)
    judged: Mapping[str, tuple[dt.datetime, ...]] = field(factory=dict)
    manifests: Mapping[str, Manifest] = field(factory=dict)


def record_metrics(line: LineContext, date: object) -> tuple[MetricsRow, ...]:
    """Count a night and remember it; the same again changes nothing."""
    # One transaction: nobody indexes or stores between the look and the word.
    with line.store.transaction():
        rows = count(gather(line, date))
        line.store.metrics.replace(date, rows)
    return rows


def gather(line: LineContext, date: object) -> NightFacts:
    """Return what is known of a night."""
    store = line.store
    blocks = store.blocks.rows(since=date, until=date)
    found = {block.name: _manifest(line.workspace, block) for block in blocks}
    return NightFacts(
        str(date),
        blocks=blocks,
        jobs=store.jobs.rows(since=date, until=date),
        products=store.products.rows(since=date, until=date),
        idps=store.phase3.rows(since=date, until=date),
        frames=store.frames.rows(kinds=("raw",), since=date, until=date),
        verdicts=store.verdicts.current(since=date, until=date),
        judged=store.metrics.judged(date),
        manifests={name: manifest for name, manifest in found.items() if manifest},
    )


def _manifest(workspace: Workspace, block: BlockRow) -> Manifest | None:
    places = Places(workspace, block.date, block.name.removesuffix(".ab"))
    fresh = read_manifest(places.fresh(Record.MANIFEST, places.outcome()))
    return fresh or read_manifest(places.finished(Record.MANIFEST))


# ---- counting ----------------------------------------------------------------------------------


def count(facts: NightFacts) -> tuple[MetricsRow, ...]:
    """Return the metrics of a night: a row for CALIB and SCIENCE, and for OTHER if there is any.

    Parameters
    ----------
    facts : NightFacts
        What is known of it.
    """
    raw = tuple(_raw_files(facts))
    rows = (_counted(facts, raw, category) for category in (CALIB, OTHER, SCIENCE))
    return tuple(row for row in rows if row.category != OTHER or not row.is_empty)


def _counted(facts: NightFacts, raw: tuple[_RawFile, ...], category: str) -> MetricsRow:
    names = {block.name for block in facts.blocks if block.mode.value == category}
    states = [
        job.state for job in facts.jobs if job.ab_name in names and job.step == Step.RECIPE.value
    ]
    said = Counter(row.verdict.kind for name, row in facts.verdicts.items() if name in names)
    products = [row.size for row in facts.products if row.ab_name in names]
    idps = [row for row in facts.idps if row.ab_name in names]
    offered = [row for row in idps if row.status is IDPStatus.CURRENT]
    files = [file for file in raw if file.category == category]
    delays = [delay for name in names if (delay := _delay_s(facts, name)) is not None]
    return MetricsRow(
        facts.date,
        category,
        raw_files=len(files),
        raw_bytes=sum(file.size for file in files),
        raw_unused=sum(not file.is_used for file in files),
        blocks=len(names),
        processed=sum(state in _HAVE_RUN for state in states),
        wrong=sum(state in _WRONG for state in states),
        certified_auto=said[VerdictKind.AUTO],
        certified=said[VerdictKind.OK],
        rejected=sum(said[kind] for kind in REJECTIONS),
        waiting=said[VerdictKind.REVIEW],
        products=len(products),
        product_bytes=sum(products),
        recipe_s=_wall_s(facts, names, Step.RECIPE),
        qc_s=_wall_s(facts, names, Step.QC),
        report_s=_wall_s(facts, names, Step.REPORT),
        delays=len(delays),
        delay_s=sum(delays),
        delay_max_s=max(delays, default=0.0),
        idps=len(offered),
        idp_bytes=sum(row.size + sum(file.size for file in row.files) for row in offered),
        idps_obsolete=sum(row.status is IDPStatus.OBSOLETE for row in idps),
        idps_deprecated=sum(row.status is IDPStatus.DEPRECATED for row in idps),
    )


def _wall_s(facts: NightFacts, names: Collection[str], step: Step) -> float:
    """Return the wall seconds of the jobs of a step; of what was found on disk nobody knows."""
    return sum(
        job.wall_s or (job.ended - job.started).total_seconds()
        for job in facts.jobs
        if job.ab_name in names and job.step == step.value and job.ended and job.started
    )


def _delay_s(facts: NightFacts, name: str) -> float | None:
    """Return the seconds from the last raw file of an AB to its QC parameters.

    They were there when it was judged for the first time since then: a later judgement, by other
    thresholds or of the same raw files made again, is no delay of the workflow.
    """
    came = [row.mtime_ns / _NS_PER_S for row in _raw_inputs(facts, name)]
    if not came:
        return None
    since = (at.timestamp() - max(came) for at in facts.judged.get(name, ()))
    return next((seconds for seconds in since if seconds >= 0), None)


# ---- raw files ---------------------------------------------------------------------------------


@frozen
class _RawFile:
    """A raw file: its category, its size (bytes), and whether a recipe has read it."""

    category: str
    size: int
    is_used: bool


def _raw_inputs(facts: NightFacts, name: str) -> Iterator[InputFile]:
    manifest = facts.manifests.get(name)
    return (row for row in manifest.inputs if row.path.startswith(_RAW)) if manifest else iter(())


def _raw_files(facts: NightFacts) -> Iterator[_RawFile]:
    """Yield each raw file once, of the header pool and of what recipes have read.

    Its category is DPR CATG; that of the AB where the header pool does not have it.
    """
    told: dict[str, str] = {}
    sizes: dict[str, int] = {}
    # Of copies the largest: a saved header, a packed file.
    for frame in facts.frames:
        root = frame.arcfile.removesuffix(_FITS)
        sizes[root] = max(sizes.get(root, 0), frame.size)
        told[root] = str(frame.header.get(_CATEGORY, ""))
    read: dict[str, str] = {}
    for block in facts.blocks:
        for row in _raw_inputs(facts, block.name):
            root = row.path.rpartition("/")[2].removesuffix(_FITS)
            read[root], sizes[root] = block.mode.value, row.size
    for root, size in sizes.items():
        category = told.get(root) or read.get(root, OTHER)
        yield _RawFile(category if category in {CALIB, SCIENCE} else OTHER, size, root in read)
