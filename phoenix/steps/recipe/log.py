"""What a recipe logged: its ERROR lines, its last words and the versions it names.

esorex writes ``HH:MM:SS [ ERROR ] recipe: [tid=000] text`` to its log and ``[ ERROR ] recipe:
text`` to the terminal.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from attrs import frozen

from phoenix.model.plain import shortened

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = [
    "LogLine",
    "error_lines",
    "last_words",
    "log_lines",
    "logged_versions",
    "warning_lines",
]

_LINE = re.compile(
    r"(?:\d\d:\d\d:\d\d )?\[\s*(?P<level>\w+)\s*\] (?P<origin>[^:]*): "
    r"(?:\[tid=\d+\] )?(?P<text>.*)"
)
_FOREIGN_ERROR = re.compile(r".*(?:ERROR \*\*|Assertion .* failed|Traceback|terminate called).*")

ECHOES = (
    ("Execution of recipe", "esorex says again that the recipe failed"),
    ("Unable to continue parsing command line", "follows the line that names the option"),
    ("Problem occurred loading frameset", "follows the line that names the file"),
    ("Dumping all", "heads the list of CPL errors that follows"),
)
"""Starts of ERROR lines that say nothing of their own, and why."""

_TRACE = re.compile(r"in \[\d+\]\w+\(\) at \S+:\d+|An error occurred, dumping error trace")
"""What stands in the trace of an error and is no cause."""

MOST_QUOTED = 300
"""Characters of a line that a reason quotes (ours); the log has the whole."""

ALIKE = ("Non-unique FITS key",)
"""Starts of warnings that are one, whatever they are about: CPL tells every key of every HDU."""

_COUNT = re.compile(r"Recipe '[^']*' produced \d+ warning")
"""What esorex counts at the end."""

MOST_WARNINGS = 8
"""Different warnings of a recipe that are told (ours); the log has all."""
_WARNING_LENGTH = 200  # characters (ours)
_NUMBER = re.compile(r"[-+]?\d+(?:\.\d*)?(?:[eE][-+]?\d+)?")

VERSIONS = (
    ("esorex", re.compile(r"This is EsoRex, version (\S+)")),
    ("CPL", re.compile(r"\bCPL = ([^\s,]+)")),
    ("CFITSIO", re.compile(r"\bCFITSIO = ([^\s,]+)")),
)
"""What esorex logs about itself."""


@frozen
class LogLine:
    """One line of a recipe's log.

    Attributes
    ----------
    level : str
        INFO, WARNING, ERROR; empty where the line has none.
    text : str
        What it says.
    """

    level: str
    text: str


def log_lines(log: str) -> tuple[LogLine, ...]:
    """Return the lines of a log that say something."""
    return tuple(_line(line) for line in log.splitlines() if line.strip())


def _line(line: str) -> LogLine:
    match = _LINE.match(line)
    if match:
        return LogLine(match["level"], match["text"].strip())
    return LogLine("ERROR" if _FOREIGN_ERROR.match(line) else "", line.strip())


def error_lines(log: str, harmless: Iterable[str] = ()) -> tuple[str, ...]:
    """Return the texts of the ERROR lines, without echoes and known harmless ones.

    Parameters
    ----------
    log : str
        The whole log.
    harmless : iterable of str
        Parts of ERROR lines that mean nothing (rows of the recipe).
    """
    known = tuple(harmless)
    return tuple(
        shortened(line.text, MOST_QUOTED)
        for line in log_lines(log)
        if line.level == "ERROR"
        and not line.text.startswith(tuple(start for start, _ in ECHOES))
        and not any(part in line.text for part in known)
    )


def warning_lines(log: str, most: int = MOST_WARNINGS) -> tuple[str, ...]:
    """Return the texts of the WARNING lines, those that differ in numbers alone as one.

    A recipe warns of every fibre and order alike: the first is quoted, the others are counted.

    Parameters
    ----------
    log : str
        The whole log.
    most : int
        How many are quoted at most, those that come first; what is left out is counted.
    """
    first: dict[str, str] = {}
    counts: Counter[str] = Counter()
    for line in log_lines("\n".join(row for row in log.splitlines() if "WARNING" in row)):
        if line.level == "WARNING" and line.text and not _COUNT.match(line.text):
            alike = next(filter(line.text.startswith, ALIKE), _NUMBER.sub("#", line.text))
            first.setdefault(alike, line.text)
            counts[alike] += 1
    told = [
        f"{shortened(text, _WARNING_LENGTH)}"
        f"{f' (and {counts[alike] - 1} alike)' if counts[alike] > 1 else ''}"
        for alike, text in first.items()
    ]
    left = len(told) - most
    return (*told[:most], *((f"and {left} other warnings",) if left > 0 else ()))


def last_words(log: str, count: int = 2) -> str:
    """Return why a recipe failed, as far as its log tells.

    The last ERROR lines; where there are none the last lines of any level, since some fatal
    reasons are logged as INFO ("No grating data present in frame set. Aborting ...").
    """
    errors = error_lines(log)
    if errors:
        # X-shooter dumps a trace: a cause, then the same words and a place for every call.
        told = [text for text in errors if text and not _TRACE.match(text)] or errors
        return "; ".join(tuple(dict.fromkeys(told))[-count:])
    lines = [
        shortened(line.text, MOST_QUOTED)
        for line in log_lines(log)
        if line.level in {"INFO", "WARNING", ""}
    ]
    return f"last logged: {'; '.join(lines[-count:])}" if lines else "it logged nothing"


def logged_versions(log: str) -> tuple[tuple[str, str], ...]:
    """Return the versions that esorex names in its log."""
    found = ((name, pattern.search(log)) for name, pattern in VERSIONS)
    return tuple((name, match[1]) for name, match in found if match)
