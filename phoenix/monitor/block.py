"""The page of an AB: record and detail to page, pure."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from attrs import evolve

from phoenix.formats.abdiff import before_edits, diff_lines
from phoenix.model.ab import Mode
from phoenix.model.grade import GRADES
from phoenix.model.report import JobState
from phoenix.monitor.abpage import (
    ABPage,
    Bit,
    DiffRow,
    EditRow,
    FileLine,
    LogRow,
    MeasuredRow,
    Series,
)
from phoenix.monitor.night import ab_row, moment, warning_remarks, way_to
from phoenix.monitor.page import Link
from phoenix.monitor.places import ab_place, href, twin_of
from phoenix.monitor.scorereport import score_report
from phoenix.steps.recipe.log import log_lines

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping, Sequence

    from phoenix.model.ab import AssociationBlock
    from phoenix.model.qc import Measurement, QCParameter
    from phoenix.model.score import ScoreBit
    from phoenix.monitor.page import ABRow
    from phoenix.monitor.record import ABDetail, ABRecord, Declared

__all__ = ["ab_page"]

_TAIL = 60  # lines of the log on the page (ours)
_FACTS = (
    ("OBS PROG ID", "obs_prog_id"),
    ("OBS ID", "obs_id"),
    ("OBS MODE", "obs_mode"),
    ("DPR CATG", "dpr_catg"),
    ("AB event", "ab_event"),
    ("MJD-OBS", "mjd_obs"),
    ("MJD mid exposure", "mjd_mid"),
)
"""Qualifiers of the AB that its line on the monitor does not show, and their fields."""


def ab_page(
    process: str,
    record: ABRecord,
    index: str,
    detail: ABDetail,
    declared: Declared,
    beside: tuple[str, str] = ("", ""),
    now: dt.datetime | None = None,
) -> ABPage:
    """Return the page of an AB.

    Parameters
    ----------
    process : str
        Whose AB.
    record, detail : ABRecord, ABDetail
        What is known of it.
    index : str
        Its number on the monitor of its night.
    declared : Declared
        What its instrument declares.
    beside : (str, str)
        The ABs before and after it on the monitor of its night; empty for none.
    now : datetime, optional
        Given while a run is on that will write the page again.
    """
    date = record.block.date
    place = ab_place(date, record.root)
    page = ABPage(
        process=process,
        title=record.block.name,
        way=way_to(place, process, date, record.block.name),
        twin=href(place, twin_of(place)),
        row=_with_warnings(ab_row(record, index, place, now), detail),
        parents=_links(place, detail.parents),
        children=_links(place, detail.children),
        verdicts=tuple(_verdicts(detail)),
        associations=detail.associations,
        report=score_report(place, record, detail),
        earlier=_links(place, [(beside[0], date)])[0],
        later=_links(place, [(beside[1], date)])[0],
        written=moment(now) if record.job and record.job.state is JobState.RUNNING else "",
    )
    page = _with_block(page, record)
    page = _with_run(page, place, record, detail)
    return _with_quality(page, record, detail, declared)


def _with_block(page: ABPage, record: ABRecord) -> ABPage:
    """Add what the AB itself says, where its file can be read."""
    ab = record.ab
    if ab is None:
        return evolve(page, facts=tuple(_of_ob(record)))
    return evolve(
        page,
        facts=(*_facts(ab), *_of_ob(record)),
        edits=tuple(EditRow(e.why, tuple(c.name for c in e.changes)) for e in ab.edits),
        diff=_diff(ab),
    )


def _with_run(page: ABPage, place: str, record: ABRecord, detail: ABDetail) -> ABPage:
    """Add what the recipe was given, and what it left."""
    manifest = detail.manifest
    return evolve(
        page,
        frames=_frames(place, record.ab, detail),
        products=_products(place, detail),
        command=manifest.command if manifest else (),
        process_facts=tuple(_process_facts(record, detail)),
        versions=manifest.versions if manifest else (),
        manifest=href(place, record.files.manifest),
        log_tail=tuple(LogRow(row.level, row.text) for row in log_lines(detail.log)[-_TAIL:]),
        log_lines=detail.log_lines,
    )


def _with_quality(page: ABPage, record: ABRecord, detail: ABDetail, declared: Declared) -> ABPage:
    """Add what was measured, and QCFLAG."""
    meanings = _meanings((*detail.keywords, *declared.parameters))
    qcflag, element_flags = _flags(record, detail.qcflags, detail.bits or declared.bits)
    return evolve(
        page,
        measurements=_measured(detail.measurements, meanings),
        series=_series(detail.measurements, meanings),
        qcflag=qcflag,
        element_flags=element_flags,
    )


def _facts(ab: AssociationBlock) -> list[tuple[str, str]]:
    facts = [(label, getattr(ab, name)) for label, name in _FACTS]
    return [(label, str(value)) for label, value in facts if value]


def _of_ob(record: ABRecord) -> list[tuple[str, str]]:
    """Return what the observatory says of its OB; the comment stands with the others."""
    if record.grade is None:
        return []
    one = record.grade
    grade = f"{one.grade}: {GRADES[one.grade]}" if one.grade else "none"
    facts = [("OB grade", grade), ("OB source", one.source)]
    facts += [("OB mode", one.mode), ("run status", one.status)]
    return [(label, value) for label, value in facts if value]


def _with_warnings(row: ABRow, detail: ABDetail) -> ABRow:
    return evolve(row, remarks=(*row.remarks, *warning_remarks(detail.warnings)))


def _links(place: str, relatives: Sequence[tuple[str, str]]) -> tuple[Link, ...]:
    return tuple(
        Link(name, href(place, ab_place(date, name.removesuffix(".ab")) if name and date else ""))
        for name, date in relatives
    )


def _diff(ab: AssociationBlock) -> tuple[DiffRow, ...]:
    before = before_edits(ab) if ab.edits else None
    if before is None:
        return ()
    return tuple(DiffRow(line.kind, line.text, line.why) for line in diff_lines(before, ab))


def _frames(place: str, ab: AssociationBlock | None, detail: ABDetail) -> tuple[FileLine, ...]:
    """Return the set of frames: as it was read, else as the AB wants it."""
    if detail.manifest and detail.manifest.inputs:
        raws = {frame.name for frame in ab.raw_files} if ab else set()
        return tuple(
            FileLine(
                tag=row.tag,
                path=row.path,
                href=href(place, row.path if row.path in detail.present else ""),
                role="raw" if row.path.rpartition("/")[2] in raws else "calibration",
                size=row.size,
                sha256=row.sha256,
            )
            for row in detail.manifest.inputs
        )
    if ab is None:
        return ()
    raw = [FileLine(row.tag, row.path, "", "raw", 0, "") for row in ab.raw_files]
    rest = [FileLine(row.pro_catg, row.path, "", "calibration", 0, "") for row in ab.calibrations]
    return (*raw, *rest)


def _products(place: str, detail: ABDetail) -> tuple[FileLine, ...]:
    lines = []
    for row in detail.manifest.products if detail.manifest else ():
        published = f"{detail.published}/{row.name}" if detail.published else row.name
        path = row.final if row.final in detail.present or not detail.published else published
        path = path or published
        link = href(place, path if path in detail.present else "")
        line = FileLine(row.pro_catg, path, link, row.role.value, row.size, row.sha256)
        lines.append(evolve(line, taken_away=row.taken_away))
    return tuple(lines)


def _process_facts(record: ABRecord, detail: ABDetail) -> list[tuple[str, str]]:
    job, manifest = record.job, detail.manifest
    facts: list[tuple[str, str]] = []
    if job and job.wall_s:
        facts += [
            ("recipe wall time", f"{job.wall_s:.1f} s"),
            ("recipe CPU time", f"{job.cpu_s:.1f} s"),
            ("peak memory", f"{job.peak_memory_mb:.0f} MB"),
        ]
    if job:
        facts += [("started", moment(job.started)), ("worker", job.worker)]
        facts += [("attempt", str(job.attempt or "")), *job.details]
    if manifest:
        code = "" if manifest.exit_code is None else str(manifest.exit_code)
        facts += [("exit code", code), ("signal", manifest.signal), ("host", manifest.host)]
        facts += [("second try", f"{change}, because {why}") for why, change in manifest.retried]
        facts += [("mended", what) for what in manifest.mended]
    return [(name, value) for name, value in facts if value]


def _meanings(parameters: Sequence[QCParameter]) -> dict[str, tuple[str, str]]:
    return {row.name: (row.unit, row.meaning) for row in parameters}


def _measured(
    rows: Sequence[Measurement], meanings: Mapping[str, tuple[str, str]]
) -> tuple[MeasuredRow, ...]:
    return tuple(
        MeasuredRow(row.parameter, row.value, *meanings.get(row.parameter, ("", "")))
        for row in rows
        if row.element == 0
    )


def _series(
    rows: Sequence[Measurement], meanings: Mapping[str, tuple[str, str]]
) -> tuple[Series, ...]:
    of_elements: dict[str, list[Measurement]] = {}
    for row in rows:
        if row.element:
            of_elements.setdefault(row.parameter, []).append(row)
    return tuple(
        Series(
            name,
            *meanings.get(name, ("", "")),
            elements=tuple(row.element for row in group),
            values=tuple(row.value for row in group),
        )
        for name, group in of_elements.items()
    )


def _flags(
    record: ABRecord, stored: Sequence[tuple[int, str]], bits: Sequence[ScoreBit]
) -> tuple[tuple[Bit, ...], tuple[tuple[str, int], ...]]:
    """Return QCFLAG of the AB bit by bit, and how many of its elements have which QCFLAG.

    It is that of the products: a plugin may have other bits today, and then has no name for some.
    """
    flags = dict(stored)
    if record.block.mode is not Mode.SCIENCE or 0 not in flags:
        return (), ()
    # The leftmost character is the first place, whatever number the published table gives it.
    first = min((bit.position for bit in bits), default=0)
    named = {bit.position - first: bit for bit in bits}
    whole = tuple(
        Bit(named[place].name, value, named[place].meaning)
        if place in named
        else Bit(f"bit {place}", value, "unknown to the plugin of today")
        for place, value in enumerate(flags.pop(0))
    )
    return whole, tuple(Counter(flags.values()).most_common())


def _verdicts(detail: ABDetail) -> list[str]:
    lines = []
    for row in detail.verdicts:
        by = f" by {row.verdict.by}" if row.verdict.by else ""
        why = f": {row.verdict.comment}" if row.verdict.comment else ""
        lines.append(f"{moment(row.at)} {row.verdict.kind.value}{by}{why}")
    return lines
