"""Take up what the sources say of the OBs of a night: night logs, the plugin, and tables.

Nothing that a source says wrong stops a night: it is told, and what can be read counts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import evolve

from phoenix.errors import DataError, PluginError
from phoenix.formats.gradefile import read_grade_file
from phoenix.formats.nightlog import SUFFIX, read_night_log
from phoenix.line.pages import pages_are_due, write_due_pages
from phoenix.model.dates import CivilDate
from phoenix.model.grade import Graded, OBGrade
from phoenix.steps.shelf.grades import KeptGrades, read_grades, write_grades

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from phoenix.formats.nightlog import LoggedOB
    from phoenix.line.context import LineContext

__all__ = ["import_grades", "take_up_grades"]

_MOST_LOGS = 1000
"""Night logs of a night that are read; ours: a night has some ten OBs."""
_MOST_TOLD = 50
"""What is told of the sources of a night; ours."""


def take_up_grades(line: LineContext, nights: Iterable[CivilDate]) -> tuple[str, ...]:
    """Store what the sources of some nights say now; return what is newly wrong with them.

    What a lost database does not know any more comes from beside the logs first. What was wrong
    before is not told again: the pages and `phoenix grades` do that.

    Raises
    ------
    OSError
        If it cannot be kept beside the logs.
    """
    return tuple(f"{night}: {text}" for night in nights for text in _take_up(line, night))


def import_grades(line: LineContext, path: Path) -> int:
    """Store the grades of a table, show them on the pages, and return how many are new.

    Raises
    ------
    DataError
        If a line of it cannot be read; nothing is stored then.
    OSError
        If it cannot be read, or not be kept beside the logs.
    """
    rows = tuple(Graded(grade, line.clock()) for grade in read_grade_file(path))
    with line.store.transaction():
        for night in sorted({row.grade.night for row in rows}):
            _restore(line, night)
        new = line.store.grades.add(rows)
        for night in sorted({row.grade.night for row in new}):
            _keep(line, night, read_grades(line.workspace, night).told)
        dates = line.store.grades.nights_of(row.grade.ob_id for row in new)
        nights = [CivilDate.parse(date) for date in dates]
        for date in nights:
            pages_are_due(line.workspace, date)
    write_due_pages(line, nights)
    return len(new)


def _take_up(line: LineContext, date: CivilDate) -> tuple[str, ...]:
    night = str(date)
    found, told = _sources(line, date)
    earlier = read_grades(line.workspace, night)
    with line.store.transaction():
        for one in ("", night):
            _restore(line, one)
        new = line.store.grades.add(Graded(grade, line.clock()) for grade in found)
        if new or told != earlier.told:
            _keep(line, night, told)
            pages_are_due(line.workspace, date)
    return told if told != earlier.told else ()


def _restore(line: LineContext, night: str) -> None:
    """Store what is kept beside the logs, where a database that was lost does not know it."""
    kept = read_grades(line.workspace, night).rows
    if kept and not line.store.grades.rows(nights=[night]):
        line.store.grades.add(kept)


def _keep(line: LineContext, night: str, told: tuple[str, ...]) -> None:
    rows = line.store.grades.rows(nights=[night])
    write_grades(line.workspace, night, KeptGrades(rows, told))


def _sources(line: LineContext, date: CivilDate) -> tuple[tuple[OBGrade, ...], tuple[str, ...]]:
    """Return what the sources of a night say, and what is wrong with them."""
    told: list[str] = []
    logs = tuple(_logs(line, date, told))
    grades = [grade for path in logs for grade in _of_log(path, date, told)]
    grades += _of_plugin(line, date, told)
    last: dict[tuple[int, str, str], OBGrade] = {}
    for grade in grades:
        key = grade.ob_id, grade.night, grade.source
        before = last.pop(key, None)
        if before is not None and before.grade != grade.grade:
            told.append(
                f"{grade.source}: OB {grade.ob_id}: found grade {before.grade or 'none'}, then "
                f"{grade.grade or 'none'}, expected one; the last counts"
            )
        last[key] = grade
    left = len(told) - _MOST_TOLD
    more = (f"and {left} faults more",) if left > 0 else ()
    return tuple(last.values()), (*told[:_MOST_TOLD], *more)


# ---- night logs --------------------------------------------------------------------------------


def _folders(line: LineContext, date: CivilDate) -> tuple[Path, ...]:
    roots = dict.fromkeys((*(source.root for source in line.sources), line.workspace.root))
    return tuple(root / "raw" / str(date) for root in roots)


def _logs(line: LineContext, date: CivilDate, told: list[str]) -> Iterator[Path]:
    """Yield the night logs that lie beside the raw files of a night, each once, in order."""
    logs: dict[str, Path] = {}
    for folder in _folders(line, date):
        try:
            names = [path for path in folder.iterdir() if path.name.endswith(SUFFIX)]
        except FileNotFoundError:
            continue
        except OSError as error:
            told.append(f"{folder}: found {error.strerror}, expected a folder of raw files")
            continue
        for path in names:
            logs.setdefault(path.name, path)
    if len(logs) > _MOST_LOGS:
        told.append(f"found {len(logs)} night logs, expected some ten; the last were left out")
    for name in sorted(logs)[:_MOST_LOGS]:
        yield logs[name]


def _of_log(path: Path, date: CivilDate, told: list[str]) -> Iterator[OBGrade]:
    try:
        log = read_night_log(path)
    except DataError as error:
        told.append(str(error).replace(str(path), path.name))
        return
    except OSError as error:
        told.append(f"{path.name}: found {error.strerror}, expected a night log")
        return
    told += [f"{path.name}: {fault}" for fault in log.faults]
    yield from (_grade(block, date, path.name) for block in log.blocks)


def _grade(block: LoggedOB, date: CivilDate, source: str) -> OBGrade:
    return OBGrade(
        block.ob_id,
        night=str(date),
        run=block.run,
        target=block.target,
        grade=block.grade,
        comment=block.comment,
        source=source,
    )


# ---- the plugin --------------------------------------------------------------------------------


def _of_plugin(line: LineContext, date: CivilDate, told: list[str]) -> tuple[OBGrade, ...]:
    name = line.instrument.name
    try:
        rows = line.instrument.ob_grades(line.process_row, date, _folders(line, date))
    except PluginError as error:
        told.append(str(error))
        return ()
    return tuple(
        evolve(row, night=row.night or str(date), source=row.source or f"plugin {name}")
        for row in rows
    )
