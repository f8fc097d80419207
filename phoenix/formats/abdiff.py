"""What was changed in an AB, line by line, with the reason of each edit."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from attrs import frozen

from phoenix.errors import DataError
from phoenix.formats.abfile import format_ab, parse_ab

if TYPE_CHECKING:
    from collections.abc import Iterator

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

MOST_PAIRS = 1_000_000
"""Pairs of lines that are compared (ours): a thousand lines against a thousand take a second."""

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
    edits = edited.edits[len(original.edits) :]
    return tuple(
        line
        for _, old, old_end, new, new_end in _opcodes(before, after)
        for line in _block(before[old:old_end], after[new:new_end], edits)
    )


def _opcodes(before: list[str], after: list[str]) -> Iterator[tuple[str, int, int, int, int]]:
    """Yield what was changed where, in the form of :class:`difflib.SequenceMatcher`.

    Lines that both begin or end with are put aside first. Of what is left a comparison takes up to
    as many steps as both have pairs of lines; where these are too many it is one change.
    """
    shorter = min(len(before), len(after))
    head = next((n for n in range(shorter) if before[n] != after[n]), shorter)
    rest = shorter - head
    tail = next((n for n in range(rest) if before[-1 - n] != after[-1 - n]), rest)
    old, new = before[head : len(before) - tail], after[head : len(after) - tail]
    if head:
        yield "equal", 0, head, 0, head
    if len(old) * len(new) > MOST_PAIRS:
        yield "replace", head, head + len(old), head, head + len(new)
    elif old or new:
        matcher = SequenceMatcher(None, old, new, autojunk=False)
        for kind, *places in matcher.get_opcodes():
            i, i_end, j, j_end = (place + head for place in places)
            yield kind, i, i_end, j, j_end
    if tail:
        yield "equal", len(before) - tail, len(before), len(after) - tail, len(after)


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


def _block(old: list[str], new: list[str], edits: tuple[Edit, ...]) -> Iterator[DiffLine]:
    if old == new:
        yield from (DiffLine(" ", line) for line in old)
        return
    # Old and new of one field together: both sides are in the order of the fields.
    for name in (*_QUALIFIERS, _OTHER):
        gone = [line for line in old if _field(line) == name]
        come = [line for line in new if _field(line) == name]
        # The first edit that took a line out and the last that put it in are what a reader sees.
        yield from (DiffLine("-", line, _why(line, edits, "removed")) for line in gone)
        yield from (DiffLine("+", line, _why(line, edits[::-1], "added")) for line in come)


def _field(line: str) -> str:
    return _FIELDS.get(line.partition(" ")[0], _OTHER)


def _why(line: str, edits: tuple[Edit, ...], part: str) -> str:
    name = _field(line)
    value = line if name == _OTHER else _ESCAPED.sub(r"\1", line.partition(" ")[2].strip())
    of_field = [(edit, row) for edit in edits for row in edit.changes if row.name == name]
    for edit, row in of_field:
        if value in getattr(row, part):
            return edit.why
    # A new order of the same lines is an edit of the field that names none of them.
    return next((edit.why for edit, row in of_field if not row.removed and not row.added), "")
