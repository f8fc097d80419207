"""Night logs: what the observers wrote of a night and of the OBs that were executed in it.

The archive has a text file beside a raw file, ``<ARCFILE>.NL.txt``: the weather, and for each OB
its name and run, comments, constraints asked for and fulfilled, the grade, the files. Sections end
with a line of dashes; the legend of the grades is the last.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from attrs import field, frozen

from phoenix.errors import DataError
from phoenix.formats.files import open_plain
from phoenix.model.grade import grade_from
from phoenix.model.plain import LONGEST, one_line, shortened

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

__all__ = ["LARGEST", "SUFFIX", "LoggedOB", "NightLog", "parse_night_log", "read_night_log"]

SUFFIX = ".NL.txt"
"""What a raw file's name ends with in place of ``.fits``, for its night log."""

LARGEST = 1_000_000
"""Bytes of a night log; ours. A real one has 3000, and each further OB adds 1500."""

_SECTION = re.compile(r"-{20,}\s*\Z")
_FIELD = re.compile(r"([A-Za-z][A-Za-z.]*):\s*(.*)\Z")
_NUMBER = re.compile(r"\d{1,18}\Z", re.ASCII)
_BINARY = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_HEADINGS = ("General weather conditions", "Weather observations")
"""Sections that every night log has before the first OB."""
_LEGEND = "OB Grades"
_NOTHING = "no comments"


@frozen
class LoggedOB:
    """What a night log says of one OB.

    Attributes
    ----------
    ob_id : int
        OBS ID.
    instrument, name, target, run : str
        As the OB has them.
    comment : str
        Of the observers, in one line of at most 10,000 characters; empty for none.
    grade : str
        One of :data:`~phoenix.model.grade.GRADES`; empty for none.
    start : str
        OBS START, UTC.
    files : tuple of str
        ARCFILE names of its exposures, without suffix.
    """

    ob_id: int
    instrument: str = ""
    name: str = ""
    target: str = ""
    run: str = ""
    comment: str = ""
    grade: str = ""
    start: str = ""
    files: tuple[str, ...] = ()


@frozen
class NightLog:
    """What was read of a night log.

    Attributes
    ----------
    blocks : tuple of LoggedOB
        Those that are whole up to their grade, in the order of the log.
    faults : tuple of str
        What is wrong with the log, and what was left out for it.
    """

    blocks: tuple[LoggedOB, ...] = ()
    faults: tuple[str, ...] = field(default=())


def read_night_log(path: Path) -> NightLog:
    """Read a night log.

    Raises
    ------
    DataError
        If it is no text, or too large for a night log.
    OSError
        If it cannot be read.
    """
    if not path.is_file():
        raise DataError(f"{path}: found no plain file, expected a night log")
    with open_plain(path) as stream:
        content = stream.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise DataError(
            f"{path}: found more than {LARGEST} bytes, expected a night log of some thousand; "
            "it was not read"
        )
    text = _decoded(content)
    if _BINARY.search(text):
        raise DataError(f"{path}: found bytes that are no text, expected a night log")
    return parse_night_log(text)


def _decoded(content: bytes) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        # Names of targets and observers, as they were written before UTF-8.
        return content.decode("latin-1")


def parse_night_log(text: str) -> NightLog:
    """Return the OBs of a night log, and what is wrong with it.

    An OB counts if it is whole up to its grade; one that is cut before that is left out and told.

    Parameters
    ----------
    text : str
        The whole log; lines end as they like.
    """
    lines = text.splitlines()
    parts = tuple(_parts(lines))
    blocks, faults = [], []
    for part in parts:
        try:
            block, found = _block(part)
        except DataError as error:
            faults.append(str(error))
            continue
        blocks.append(block)
        faults += found
    begun = {line.split(":", 1)[0].strip() for line in lines}
    faults += [
        f"found no section {heading!r}, expected it in every night log; the OBs were read"
        for heading in _HEADINGS
        if heading not in begun
    ]
    if _LEGEND not in begun:
        faults.append(f"found no end ({_LEGEND!r}), expected it: the log is cut")
    if not parts:
        faults.append("found no OB, expected one at least")
    return NightLog(tuple(blocks), tuple(faults))


def _parts(lines: Sequence[str]) -> Iterator[list[str]]:
    """Yield the lines of each OB; within comments nothing begins a new one."""
    part: list[str] = []
    in_comments = False
    for line in lines:
        if line.startswith(_LEGEND):
            break
        if part and in_comments:
            in_comments = not _SECTION.match(line)
        elif _begins(line):
            if part:
                yield part
            part = []
            in_comments = False
        if line.rstrip() == "Comments:":
            in_comments = True
        if part or _begins(line):
            part.append(line)
    if part:
        yield part


def _begins(line: str) -> bool:
    return line.startswith("OB:")


def _block(lines: Sequence[str]) -> tuple[LoggedOB, list[str]]:
    """Return an OB, and what is wrong with it that does not forbid to use it."""
    head = dict(_fields(lines, "Comments"))
    number = head.get("OB", "")
    if not _NUMBER.match(number) or int(number) == 0:
        found = shortened(one_line(number), 40)
        raise DataError(f"found OB {found!r}, expected its number; the OB was left out")
    comment, after = _comment(lines)
    rest = dict(_fields(lines[after:]))
    if "Grade" not in rest or (not rest["Grade"] and lines[-1].startswith("Grade:")):
        raise DataError(f"OB {number}: found no grade, the log is cut there; the OB was left out")
    faults = []
    try:
        grade = grade_from(rest["Grade"])
    except DataError as error:
        grade = ""
        faults.append(f"OB {number}: {error}; it counts as not graded")
    told = {name: head.get(name.title(), "") for name in ("instrument", "name", "target", "run")}
    names = {key: shortened(one_line(value), 64) for key, value in told.items()}
    return LoggedOB(
        ob_id=int(number),
        comment=comment,
        grade=grade,
        start=shortened(one_line(rest.get("OBS.START", "")), 64),
        files=tuple(_files(lines[after:])),
        **names,
    ), faults


def _fields(lines: Sequence[str], until: str = "") -> Iterator[tuple[str, str]]:
    for line in lines:
        match = _FIELD.match(line)
        if match and until and match[1] == until:
            return
        if match:
            yield match[1], match[2].strip()


def _comment(lines: Sequence[str]) -> tuple[str, int]:
    """Return what stands below ``Comments:`` and the number of the line after its section.

    Whatever stands there is theirs, and no field of the log.
    """
    places = [at for at, line in enumerate(lines) if line.rstrip() == "Comments:"]
    if not places:
        return "", 0
    said: list[str] = []
    for at, line in enumerate(lines[places[0] + 1 :], places[0] + 2):
        if _SECTION.match(line):
            text = one_line(" ".join(said))
            silent = text.casefold().rstrip(".") == _NOTHING
            return "" if silent else shortened(text, LONGEST), at
        said.append(line)
    return "", len(lines)


def _files(lines: Sequence[str]) -> Iterator[str]:
    """Yield the archive names of the table of files, its second column."""
    inside = False
    for line in lines:
        cells = line.split("\t")
        if cells[0].strip() == "Original Filename":
            inside = True
        elif _SECTION.match(line):
            inside = False
        elif inside and len(cells) > 1:
            yield shortened(one_line(cells[1]), 64)
