"""What was changed in an AB, line by line, with the reason of each edit."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from typing import TYPE_CHECKING

from attrs import frozen

from phoenix.errors import DataError
from phoenix.formats.abfile import format_ab, parse_ab

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from phoenix.model.ab import AssociationBlock, Change, Edit

__all__ = ["DiffLine", "before_edits", "diff_lines"]

_FIELDS = {
    "AB_NAME": "name",
    "INSTRUMENT": "instrument",
    "DATE": "date",
    "DPR_CATG": "dpr_catg",
    "RAW_TYPE": "raw_type",
    "RECIPE": "recipe",
    "DRS_TYPE": "drs_type",
    "AB_EVENT": "ab_event",
    "COMPLETENESS": "completeness",
    "OBS_PROG_ID": "obs_prog_id",
    "OBS_ID": "obs_id",
    "OBS_MODE": "obs_mode",
    "MJD-OBS": "mjd_obs",
    "MJD-OBS_MOD": "mjd_mid",
    "RAW_MATCH_KEY": "setup",
    "RAWFILE": "raw_files",
    "MCALIB": "calibrations",
    "RASSOC": "associated_raws",
    "MASSOC": "associated_masters",
    "RECIPE_PARAM": "parameters",
    "WAITFOR": "waits_for",
    "PRODUCT": "products",
}
"""Qualifier of a line and the field of the AB that it writes, in the order of the file."""

_OTHER = "other"
"""The field of lines with any other qualifier; they are the last of the file."""

_QUALIFIERS = {name: qualifier for qualifier, name in _FIELDS.items()}

_ABOUT_THE_FILE = ("FORMAT_VERSION", "EDIT", "EDIT_OUT", "EDIT_IN")
_SPECIAL = re.compile(r"([\\#])")
_ESCAPED = re.compile(r"\\([\\#])")


@frozen
class DiffLine:
    """One line of a difference.

    Attributes
    ----------
    kind : str
        ``-`` taken out, ``+`` put in, a blank for a line that stayed.
    text : str
        The line as an AB file has it: qualifier, blanks, columns.
    why : str
        The reason of the edit that did it; empty for lines that stayed, and for what no edit
        explains, such as the WAITFOR lines that the cascade derives.
    """

    kind: str
    text: str
    why: str = ""


def diff_lines(original: AssociationBlock, edited: AssociationBlock) -> tuple[DiffLine, ...]:
    """Compare an AB with what became of it.

    Parameters
    ----------
    original, edited : AssociationBlock
        As the repository has it, and as it was run.

    Returns
    -------
    tuple of DiffLine
        Every line of both, in the order of the AB file; section comments and the EDIT lines
        themselves are left out.
    """
    before, after = _lines(original), _lines(edited)
    why = _Reasons.of_edits(edited.edits[len(original.edits) :])
    return tuple(line for old, new in _parts(before, after) for line in _block(old, new, why))


def _parts(before: list[str], after: list[str]) -> Iterator[tuple[list[str], list[str]]]:
    """Yield old and new lines side by side: runs that stayed, and what was changed between them.

    Of equal lines the first belongs to the first, the second to the second, and so on. So a line
    has one partner at most, and the longest order that both share is found in n log n steps,
    however often lines are repeated.
    """
    old, new = 0, 0
    for i, j in _longest_order(_partners(before, after)):
        if i > old or j > new:
            yield before[old:i], after[new:j]
        yield [before[i]], [after[j]]
        old, new = i + 1, j + 1
    if old < len(before) or new < len(after):
        yield before[old:], after[new:]


def _partners(before: list[str], after: list[str]) -> list[tuple[int, int]]:
    """Return the places of the lines that both have, in the order of the old ones."""
    places = {key: place for place, key in enumerate(_numbered(after))}
    return [(i, places[key]) for i, key in enumerate(_numbered(before)) if key in places]


def _numbered(lines: list[str]) -> Iterator[tuple[str, int]]:
    """Yield each line with how often it came before."""
    seen: Counter[str] = Counter()
    for line in lines:
        yield line, seen[line]
        seen[line] += 1


def _longest_order(pairs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the most pairs of which both numbers grow; the first ones do already.

    Patience sorting: `ends` has the smallest second number in which an order of each length ends.
    """
    ends: list[int] = []
    last: list[int] = []
    previous: list[int] = []
    for place, (_, second) in enumerate(pairs):
        length = bisect_left(ends, second)
        previous.append(last[length - 1] if length else -1)
        ends[length : length + 1] = [second]
        last[length : length + 1] = [place]
    found, place = [], last[-1] if last else -1
    while place >= 0:
        found.append(pairs[place])
        place = previous[place]
    return found[::-1]


def before_edits(edited: AssociationBlock) -> AssociationBlock | None:
    """Return an AB as it was before its edits, None where they do not tell enough.

    An edit remembers lines, not their places: what it took out of the middle of a list comes back
    where it put something in, else at the end of the list.
    """
    lines = _lines(edited)
    for edit in reversed(edited.edits):
        for change in reversed(edit.changes):
            _undo(lines, change)
    try:
        return parse_ab("\n".join(lines))
    except DataError:
        return None


def _undo(lines: list[str], change: Change) -> None:
    added, removed = _as_lines(change.name, change.added), _as_lines(change.name, change.removed)
    places = [number for number, line in enumerate(lines) if line in added]
    at = places[0] if places else _end_of(lines, change.name)
    kept = [line for line in lines[at:] if line not in added]
    lines[at:] = [*removed, *kept]


def _as_lines(name: str, values: tuple[str, ...]) -> list[str]:
    qualifier = _QUALIFIERS.get(name)
    if qualifier is None:
        return list(values)
    # A field that was not set has no line: None of Python, or nothing.
    return [_line(qualifier, value) for value in values if value not in {"", "None"}]


def _line(qualifier: str, value: str) -> str:
    escaped = _SPECIAL.sub(r"\\\1", value)
    return f"{qualifier:<14} {escaped}"


def _end_of(lines: list[str], name: str) -> int:
    qualifier = _QUALIFIERS.get(name, "")
    places = [number for number, line in enumerate(lines) if line.partition(" ")[0] == qualifier]
    return places[-1] + 1 if places else len(lines)


def _lines(ab: AssociationBlock) -> list[str]:
    lines = format_ab(ab).split("\n")
    return [
        line
        for line in lines
        if line and line[0] != "#" and line.split(None, 1)[0] not in _ABOUT_THE_FILE
    ]


def _block(old: list[str], new: list[str], why: _Reasons) -> Iterator[DiffLine]:
    if old == new:
        yield from (DiffLine(" ", line) for line in old)
        return
    # Old and new of one field together: both sides are in the order of the fields.
    for name in (*_QUALIFIERS, _OTHER):
        gone = [line for line in old if _field(line) == name]
        come = [line for line in new if _field(line) == name]
        yield from (DiffLine("-", line, why.of("removed", line)) for line in gone)
        yield from (DiffLine("+", line, why.of("added", line)) for line in come)


@frozen
class _Reasons:
    """Why lines were edited.

    Attributes
    ----------
    lines : mapping of (str, str, str) to str
        ``removed`` or ``added``, the field and the line to the reason. The first edit that took a
        line out and the last that put it in are what a reader sees.
    orders : mapping of (str, str) to str
        Of fields that got a new order of the same lines: such an edit names none of them.
    """

    lines: Mapping[tuple[str, str, str], str]
    orders: Mapping[tuple[str, str], str]

    @classmethod
    def of_edits(cls, edits: tuple[Edit, ...]) -> _Reasons:
        rows = [(edit.why, row) for edit in edits for row in edit.changes]
        lines = {("added", row.name, line): why for why, row in rows for line in row.added}
        orders = {("added", r.name): why for why, r in rows if not r.removed and not r.added}
        for why, row in reversed(rows):
            lines |= {("removed", row.name, line): why for line in row.removed}
            if not row.removed and not row.added:
                orders["removed", row.name] = why
        return cls(lines, orders)

    def of(self, part: str, line: str) -> str:
        name = _field(line)
        value = line
        if name != _OTHER:
            value = _ESCAPED.sub(r"\1", line.partition(" ")[2].strip())
        return self.lines.get((part, name, value), self.orders.get((part, name), ""))


def _field(line: str) -> str:
    return _FIELDS.get(line.partition(" ")[0], _OTHER)
