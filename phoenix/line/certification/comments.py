"""What persons say about ABs and raw files, beside what follows from the data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

from phoenix.errors import DataError
from phoenix.line.answers.lists import limits_of
from phoenix.line.certification.rawfile import RawFile, looks_like_raw, nights_using, raw_file
from phoenix.line.night.certify import night_of
from phoenix.line.night.kept_comments import keep_comments
from phoenix.line.pages import pages_are_due, write_due_pages
from phoenix.line.table import Table
from phoenix.model.ab import full_name
from phoenix.model.counted import counted
from phoenix.model.dates import CivilDate
from phoenix.model.plain import bounded, one_line, signed
from phoenix.store.rows import CommentRow, RawCommentRow

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from phoenix.line.context import LineContext
    from phoenix.line.table import Cell
    from phoenix.monitor.page import Remark

__all__ = ["Subject", "add_comment", "comment_table", "comments_of_pool", "subject_of"]

_COLUMNS = ("of", "kind", "at (UTC)", "by", "comment")


@frozen
class Subject:
    """What is commented: an AB of a night, or a raw file.

    Attributes
    ----------
    name : str
        Of the AB, or ARCFILE without suffix.
    night : CivilDate
        Its night.
    is_raw : bool
        Which of both.
    """

    name: str
    night: CivilDate
    is_raw: bool = False


def subject_of(line: LineContext, name: str) -> Subject:
    """Return what a person means: an AB, with or without the suffix, else a raw file.

    An AB of one file has the file's name: without a suffix the AB is meant.

    Raises
    ------
    DataError
        If there is neither.
    """
    if not looks_like_raw(name):
        block = full_name(name)
        if name.endswith(".ab") or line.store.blocks.rows(names=[block]):
            return Subject(block, CivilDate.parse(night_of(line, block)))
    file = raw_file(line, name)
    return Subject(file.root, file.night, is_raw=True)


def add_comment(line: LineContext, subjects: Sequence[Subject], text: str, by: str) -> None:
    """Keep a comment on ABs and raw files, and show it on their pages.

    Raises
    ------
    DataError
        If the comment is empty or too long; none is kept.
    OSError
        If it cannot be written beside the listings.
    """
    written, who = one_line(bounded(text)), signed(by)
    if not written:
        raise DataError("comment: found nothing, expected a text")
    dates = sorted({date for subject in subjects for date in _shown_in(line, subject)})
    with line.store.transaction():
        for one in subjects:
            _add(line, one, written, who)
        keep_comments(line, sorted({one.night for one in subjects}))
        for date in dates:
            pages_are_due(line.workspace, date)
    write_due_pages(line, dates)


def _add(line: LineContext, subject: Subject, text: str, by: str) -> None:
    at = line.clock()
    if subject.is_raw:
        night = str(subject.night)
        line.store.verdicts.add_raw_comment(RawCommentRow(subject.name, night, text, by, at))
    else:
        line.store.verdicts.add_comment(CommentRow(subject.name, text, by, at))


def _shown_in(line: LineContext, subject: Subject) -> Iterator[CivilDate]:
    """Yield the nights whose pages show a comment."""
    yield subject.night
    if subject.is_raw:
        nights = nights_using(line, RawFile(subject.name, subject.night))
        yield from map(CivilDate.parse, nights)


def comment_table(line: LineContext, subjects: Sequence[Subject]) -> Table:
    """Return what is said of ABs and raw files: by persons, by observers and automatically.

    That of an AB has what is said of its raw files, too.
    """
    rows: list[tuple[Cell, ...]] = []
    for subject in subjects:
        if subject.is_raw:
            rows += _of_files(line, files=[subject.name])
        else:
            rows += _of_blocks(line, subject.night, {subject.name})
    return _table(rows)


def comments_of_pool(line: LineContext, pool: str) -> Table:
    """Return all that is said of the ABs and raw files of a pool."""
    since, until = limits_of(pool)
    blocks = line.store.blocks.rows(since=since, until=until)
    rows: list[tuple[Cell, ...]] = []
    for night in sorted({block.date for block in blocks}):
        rows += _of_blocks(line, CivilDate.parse(night), None)
    # Those of files that an AB uses stand there already.
    seen = set(rows)
    rows += [row for row in _of_files(line, since=since, until=until) if row not in seen]
    return _table(rows)


def _table(rows: Sequence[tuple[Cell, ...]]) -> Table:
    return Table(counted(len(rows), "comment"), _COLUMNS, tuple(dict.fromkeys(rows)))


def _of_blocks(
    line: LineContext, night: CivilDate, names: set[str] | None
) -> Iterator[tuple[Cell, ...]]:
    from phoenix.monitor.gather import records, warnings_of  # noqa: PLC0415 - loads Jinja2
    from phoenix.monitor.night import remarks_of, warning_remarks  # noqa: PLC0415 - the same

    for record in records(line.store, line.workspace, str(night)):
        if names is None or record.block.name in names:
            warnings = warning_remarks(warnings_of(line.workspace, record))
            for remark in (*remarks_of(record), *warnings):
                yield _row(record.block.name, remark)


def _row(name: str, remark: Remark) -> tuple[Cell, ...]:
    return remark.of or name, remark.kind, remark.at.rstrip("Z"), remark.by, remark.text


def _of_files(
    line: LineContext,
    *,
    since: object = None,
    until: object = None,
    files: Iterable[str] | None = None,
) -> Iterator[tuple[Cell, ...]]:
    for row in line.store.verdicts.raw_comments(since=since, until=until, files=files):
        yield row.file, "raw", f"{row.at:%Y-%m-%dT%H:%M:%S}", row.by, row.text
