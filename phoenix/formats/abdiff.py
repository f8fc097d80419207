"""What was changed in an AB, line by line, with the reason of each edit."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from attrs import frozen

from phoenix.formats.abfile import format_ab

if TYPE_CHECKING:
    from collections.abc import Iterator

    from phoenix.model.ab import AssociationBlock, Edit

__all__ = ["DiffLine", "diff_lines"]

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
"""Qualifier of a line and the field of the AB that it writes; any other line is in ``other``."""

_ABOUT_THE_FILE = ("FORMAT_VERSION", "EDIT", "EDIT_OUT", "EDIT_IN")
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
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    return tuple(
        line
        for _, old, old_end, new, new_end in matcher.get_opcodes()
        for line in _block(before[old:old_end], after[new:new_end], edits)
    )


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
    # The first edit that took a line out and the last that put it in are what a reader sees.
    yield from (DiffLine("-", line, _why(line, edits, "removed")) for line in old)
    yield from (DiffLine("+", line, _why(line, edits[::-1], "added")) for line in new)


def _why(line: str, edits: tuple[Edit, ...], part: str) -> str:
    qualifier, _, rest = line.partition(" ")
    name = _FIELDS.get(qualifier, "other")
    value = line if name == "other" else _ESCAPED.sub(r"\1", rest.strip())
    of_field = [(edit, row) for edit in edits for row in edit.changes if row.name == name]
    for edit, row in of_field:
        if value in getattr(row, part):
            return edit.why
    # A new order of the same lines is an edit of the field that names none of them.
    return next((edit.why for edit, row in of_field if not row.removed and not row.added), "")
