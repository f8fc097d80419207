"""The AB monitor of a night: records to page, pure."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from phoenix.model.ab import Mode
from phoenix.model.counted import counted
from phoenix.model.plain import shortened
from phoenix.model.report import NEXT_BY_RULES, JobState
from phoenix.model.score import Outcome, VerdictKind
from phoenix.monitor.page import ABRow, Bar, Link, NightPage, Note, OBLine, Remark
from phoenix.monitor.places import FRONT, ab_place, href, night_place, period_place, twin_of
from phoenix.monitor.record import Observed
from phoenix.monitor.scorereport import judged_by, limits_text, square_of, value_text
from phoenix.steps.quality.certify import complaints

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Sequence

    from phoenix.monitor.record import ABRecord
    from phoenix.store.rows import JobRow

__all__ = [
    "ab_row",
    "in_order",
    "indices",
    "moment",
    "night_page",
    "remarks_of",
    "states_of",
    "warning_remarks",
    "way_to",
]

_NOTHING = Observed()


def night_page(
    process: str,
    date: str,
    records: Sequence[ABRecord],
    beside: tuple[str, str] = ("", ""),
    observed: Observed = _NOTHING,
    now: dt.datetime | None = None,
) -> NightPage:
    """Return the AB monitor of a night.

    Parameters
    ----------
    process, date : str
        Whose night.
    records : sequence of ABRecord
        Its ABs.
    beside : tuple of (str, str)
        The nights before and after it that have ABs, empty where there is none.
    observed : Observed
        What is known of its OBs and raw files.
    now : datetime, optional
        Given while a run is on that will write the page again.
    """
    place = night_place(date)
    numbers = indices(records)
    ordered = in_order(records)
    rows = tuple(ab_row(record, numbers[record.block.name], place, now) for record in ordered)
    bars, span_s = _bars(ordered)
    ends = [record.job.ended for record in records if record.job and record.job.ended]
    return NightPage(
        process=process,
        title=f"{process} {date}",
        way=way_to(place, process, date),
        twin=href(place, twin_of(place)),
        date=date,
        rows=rows,
        states=states_of(row.state for row in rows),
        recipe_s=sum(row.recipe_s or 0.0 for row in rows),
        span_s=span_s,
        scores=sum(len(row.scores) for row in rows),
        red=sum(row.red for row in rows),
        products=sum(row.products for row in rows),
        idps=sum(row.idps for row in rows),
        bars=bars,
        ended=moment(max(ends, default=None)),
        earlier=_night_link(place, beside[0]),
        later=_night_link(place, beside[1]),
        obs=_obs(records, observed),
        told=observed.told,
        notes=_notes(date, observed),
        verdicts=_verdicts(rows),
        left=0 if now else sum(map(_is_left, records)),
        written=moment(now),
    )


def _notes(date: str, observed: Observed) -> tuple[Note, ...]:
    """Return what was said of raw files of the night."""
    return tuple(
        Note(date, "", row.file, row.text, row.by, moment(row.at)) for row in observed.raw_comments
    )


def _verdicts(rows: Sequence[ABRow]) -> tuple[tuple[str, int], ...]:
    """Return how many ABs have which certification, those that none has left out."""
    numbers = (
        (kind.value, sum(row.certification == kind.value for row in rows)) for kind in VerdictKind
    )
    return tuple((kind, number) for kind, number in numbers if number)


def _is_left(record: ABRecord) -> bool:
    job = record.job
    return job is None or (not job.state.is_final and job.state is not JobState.WAITING)


def _obs(records: Sequence[ABRecord], observed: Observed) -> tuple[OBLine, ...]:
    """Return the OBs that have a grade in the night, or for whichever night and an AB."""
    grades = dict(observed.grades)
    grades |= {record.grade.ob_id: record.grade for record in records if record.grade}
    numbers = Counter(record.block.obs_id for record in records)
    return tuple(
        OBLine(
            ob_id,
            *(one.run, one.target, one.grade, one.mode, one.status, one.comment, one.source),
            blocks=numbers[ob_id],
        )
        for ob_id, one in sorted(grades.items())
    )


def way_to(place: str, process: str, date: str, last: str = "") -> tuple[Link, ...]:
    """Return the links from the front page down to a night, or to an AB of it."""
    steps = [
        (process, FRONT),
        (date[:4], period_place(date[:4])),
        (date[:7], period_place(date[:7])),
        (date, night_place(date)),
        (last, ""),
    ]
    links = [Link(text, href(place, target)) for text, target in steps if text]
    links[-1] = Link(links[-1].text, "")
    return tuple(links)


def indices(records: Iterable[ABRecord]) -> dict[str, str]:
    """Give the ABs of a night numbers: cal001, cal002 ... sci001, in order of observation."""
    counts = dict.fromkeys(Mode, 0)
    numbers = {}
    for record in sorted(records, key=lambda record: (record.block.mjd_obs, record.block.name)):
        mode = record.block.mode
        counts[mode] += 1
        numbers[record.block.name] = f"{mode.value[:3].lower()}{counts[mode]:03d}"
    return numbers


def in_order(records: Iterable[ABRecord]) -> list[ABRecord]:
    """Return the ABs of a night as its monitor shows them: calibrations first, as they are run."""
    ordered = sorted(records, key=lambda record: (record.block.mjd_obs, record.block.name))
    return sorted(ordered, key=lambda record: record.block.mode is Mode.SCIENCE)


def ab_row(record: ABRecord, index: str, place: str, now: dt.datetime | None = None) -> ABRow:
    """Return the line of an AB for a page at this place; `now` while a run is on."""
    block, job, files = record.block, record.job, record.files
    state = job.state if job else JobState.CREATED
    return ABRow(
        index=index,
        name=block.name,
        date=block.date,
        recipe=block.recipe,
        raw_type=block.raw_type,
        completeness=block.completeness.value,
        setup=record.ab.setup if record.ab else _setup(block.setup),
        edits=len(record.ab.edits) if record.ab else 0,
        state=state.value,
        recipe_s=job.wall_s if job and state.is_final and job.wall_s else None,
        qc_s=_quality_s(record.quality),
        running_s=_running_s(job, now),
        peak_memory_mb=job.peak_memory_mb if job else 0.0,
        started=moment(job.started if job else None),
        products=job.products if job else 0,
        idps=record.idps,
        page=href(place, ab_place(block.date, record.root)),
        ab_file=href(place, files.ab),
        log=href(place, files.log),
        report=href(place, files.report),
        cover=href(place, files.cover),
        scores=tuple(map(square_of, record.scores)),
        red=sum(score.outcome is Outcome.RED for score in record.scores),
        certification=record.verdict.verdict.kind.value if record.verdict else "",
        certifier=record.verdict.verdict.by if record.verdict else "",
        remarks=tuple(remarks_of(record, place)),
        grade=record.grade.grade if record.grade else "",
    )


def _running_s(job: JobRow | None, now: dt.datetime | None) -> float | None:
    if now is None or job is None or job.started is None or job.state is not JobState.RUNNING:
        return None
    return max((now - job.started).total_seconds(), 0.0)


def _quality_s(jobs: Iterable[JobRow]) -> float | None:
    """Return the wall seconds of the steps after the recipe, None before the first has ended."""
    times = [
        job.wall_s or (job.ended - job.started).total_seconds()
        for job in jobs
        if job.state.is_final and job.started and job.ended
    ]
    return sum(times) if times else None


def _setup(text: str) -> tuple[tuple[str, str], ...]:
    pairs = (word.partition("=") for word in text.split())
    return tuple((key, value) if equals else ("", key) for key, equals, value in pairs)


def remarks_of(record: ABRecord, place: str = "") -> Iterable[Remark]:
    """Yield what is said of an AB: automatically, by the observers, and by persons.

    Links are as of the page at this place.
    """
    yield from _blocked(record, place)
    if record.job and record.job.reason and not record.culprits:
        waits = record.job.state is JobState.WAITING
        yield Remark("waits" if waits else "reason", shortened(record.job.reason))
    for job in record.quality:
        # Blocked only says again that the recipe has no products.
        if job.reason and job.state is not JobState.BLOCKED:
            yield Remark("reason", f"{job.step}: {shortened(job.reason)}")
    for score in record.scores:
        if score.outcome is Outcome.RED:
            text = score.comment or f"not {limits_text(score.low, score.high)}"
            by = judged_by(score)
            yield Remark("score", f"{score.parameter} {value_text(score.value)} ({by}): {text}")
    yield from _said_of(record)


def _blocked(record: ABRecord, place: str) -> Iterable[Remark]:
    """Say what an AB is blocked by; what is wrong with that stands where that one does."""
    for name, date in record.culprits:
        page = ab_place(date, name.removesuffix(".ab")) if date else ""
        yield Remark("blocked", f"blocked by {name}", href=href(place, page))
    reason = record.job.reason if record.culprits and record.job else ""
    if NEXT_BY_RULES in reason:
        yield Remark("reason", f"next by the rules: {reason.rpartition(NEXT_BY_RULES)[2]}")


def _said_of(record: ABRecord) -> Iterable[Remark]:
    if record.verdict:
        text = record.verdict.verdict.comment
        told = complaints(
            (score.comment, score.parameter, score.value)
            for score in record.scores
            if score.outcome is Outcome.RED
        )
        # What the red scores say is said already.
        if text and text != told:
            yield Remark("verdict", text)
    yield from _taken_back(record)
    if record.grade and record.grade.comment:
        yield Remark("observer", record.grade.comment)
    for raw in record.raw_comments:
        yield Remark("raw", raw.text, raw.by, moment(raw.at), raw.file)
    for comment in record.comments:
        yield Remark("person", comment.text, comment.by, moment(comment.at))


def warning_remarks(warnings: Iterable[str]) -> tuple[Remark, ...]:
    """Return what a recipe warned of, as automatic comments."""
    return tuple(Remark("log", text) for text in warnings)


def _taken_back(record: ABRecord) -> Iterable[Remark]:
    """Say how many IDPs a person took back, and why: a line for each time."""
    said = Counter(row.deprecation for row in record.deprecated if row.deprecation)
    for one, number in said.items():
        what = "deleted" if one.deleted else "deprecated"
        yield Remark(
            "archive", f"{counted(number, 'IDP')} {what} {moment(one.at)}: {one.why} ({one.by})"
        )


def states_of(states: Iterable[str]) -> tuple[tuple[str, int], ...]:
    """Count states, in the order in which an AB goes through them."""
    found = list(states)
    counts = ((state.value, found.count(state.value)) for state in JobState)
    return tuple((state, count) for state, count in counts if count)


def moment(when: dt.datetime | None) -> str:
    """Return a moment as ISO 8601 in UTC to the second, empty for none."""
    return when.strftime("%Y-%m-%dT%H:%M:%SZ") if when else ""


def _night_link(place: str, date: str) -> Link:
    return Link(date, href(place, night_place(date) if date else ""))


def _bars(records: Sequence[ABRecord]) -> tuple[tuple[Bar, ...], float]:
    """Put the recipes of a night on a time axis, each into the first lane that is free.

    A bar is as long as its job had a worker; lanes are not workers, but as many as were busy.
    """
    runs = []
    for record in records:
        job = record.job
        if job and job.started and job.ended and job.state.is_final:
            runs.append((job.started, job.ended, job))
    if not runs:
        return (), 0.0
    zero = min(started for started, _, _ in runs)
    free: list[float] = []
    bars = []
    for started, ended, job in sorted(runs, key=lambda run: (run[0], run[2].ab_name)):
        begin, end = ((when - zero).total_seconds() for when in (started, ended))
        lane = next((lane for lane, until in enumerate(free) if until <= begin), len(free))
        free[lane : lane + 1] = [end]
        bars.append(Bar(job.ab_name, job.state.value, lane, begin, max(end - begin, 0.0)))
    return tuple(bars), max(free)
