"""Grades of Observation Blocks (OBs), and what the observers wrote about them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import evolve, field, frozen, validators

from phoenix.errors import DataError
from phoenix.model.plain import LONGEST, one_line, shortened

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Mapping

__all__ = [
    "GRADES",
    "MODES",
    "NO_GRADES",
    "Graded",
    "OBGrade",
    "contradictions",
    "grade_from",
    "mode_from",
    "newest",
]

GRADES: Mapping[str, str] = {
    "A": "within all constraints; completed",
    "B": "nearly within the constraints, one missed by about 10 %; completed",
    "C": "out of constraints; to be repeated",
    "D": "out of constraints; not to be repeated",
    "X": "uncertain, or not applicable",
}
"""The grades that observers give, and what they mean (legend of a night log)."""

NO_GRADES = frozenset(("", "_", "-", "N/A", "NONE"))
"""What stands where no grade was given."""

MODES: Mapping[str, str] = {
    "service": "SM",
    "visitor": "VM",
}
"""How a run was observed, and ESO's word for it."""

_TOLD_OF = ("night", "run", "target", "grade", "comment", "mode", "status")
_WORDS = {word: mode for mode, code in MODES.items() for word in (mode, code.casefold(), mode[0])}
_LARGEST = 2**63
_SHORT = 64  # characters of a run ID, a target, a status (ours)
_QUOTED = 60  # characters of what is no grade that a message quotes (ours)


def grade_from(text: str) -> str:
    """Return a grade as observers write it; empty where none was given.

    Raises
    ------
    DataError
        If it is no grade.
    """
    word = text.strip().upper()
    if word in NO_GRADES:
        return ""
    if word not in GRADES:
        found = shortened(one_line(text), _QUOTED)
        raise DataError(f"found grade {found!r}, expected one of {', '.join(GRADES)} or _")
    return word


def mode_from(text: str) -> str:
    """Return ``service`` or ``visitor`` from these words or SM, VM; empty where nothing stands.

    Raises
    ------
    DataError
        If it is neither.
    """
    word = text.strip().casefold()
    if word and word not in _WORDS:
        found = shortened(one_line(text), _QUOTED)
        raise DataError(f"found mode {found!r}, expected service (SM) or visitor (VM)")
    return _WORDS.get(word, "")


def _name(text: str) -> str:
    return shortened(one_line(text), _SHORT)


def _comment(text: str) -> str:
    return shortened(one_line(text), LONGEST)


@frozen
class OBGrade:
    """What the observatory says of one OB.

    Attributes
    ----------
    ob_id : int
        OBS ID.
    night : str
        In which it was executed; empty for whichever.
    run, target : str
        Run ID (OBS PROG ID) and target; at most 64 characters, as `status`.
    grade : str
        One of :data:`GRADES`; empty where none was given.
    comment : str
        Of the observers; one line of at most 10,000 characters.
    mode : str
        ``service`` or ``visitor``; empty where unknown.
    status : str
        Of the run, in the words of the source: ``completed``, ``terminated`` ...
    source : str
        The file or the plugin that says so.
    """

    ob_id: int = field(validator=[validators.gt(0), validators.lt(_LARGEST)])
    night: str = ""
    run: str = field(default="", converter=_name)
    target: str = field(default="", converter=_name)
    grade: str = field(default="", validator=validators.in_(("", *GRADES)))
    comment: str = field(default="", converter=_comment)
    mode: str = field(default="", validator=validators.in_(("", *MODES)))
    status: str = field(default="", converter=_name)
    source: str = ""


@frozen
class Graded:
    """A grade, and when (UTC) it was read."""

    grade: OBGrade
    at: dt.datetime


def newest(rows: Iterable[Graded], ob_id: int, night: str) -> Graded | None:
    """Return what counts for an OB in a night: of each fact the newest that a source tells.

    A table that has only modes takes no grade away. The source is that of the grade.

    Parameters
    ----------
    rows : iterable of Graded
        In the order in which they were read.
    ob_id : int
        The OB.
    night : str
        When it was executed: an OB that was out of constraints is executed again, and each
        night has its own grade. Rows of any night count too.
    """
    counts: Graded | None = None
    for row in rows:
        if row.grade.ob_id == ob_id and row.grade.night in {night, ""}:
            counts = row if counts is None else Graded(_with(counts.grade, row.grade), row.at)
    return counts


def _with(older: OBGrade, newer: OBGrade) -> OBGrade:
    told = {name: getattr(newer, name) for name in _TOLD_OF if getattr(newer, name)}
    source = newer.source if newer.grade or not older.grade else older.source
    return evolve(older, **told, source=source)


def contradictions(rows: Iterable[Graded]) -> tuple[str, ...]:
    """Say which OBs have several grades in one night; the newest counts.

    Parameters
    ----------
    rows : iterable of Graded
        In the order in which they were read, of one night and of any.
    """
    of_ob: dict[int, list[OBGrade]] = {}
    for row in rows:
        if row.grade.grade:
            of_ob.setdefault(row.grade.ob_id, []).append(row.grade)
    return tuple(
        f"OB {ob_id}: found grade "
        f"{', then '.join(f'{one.grade} ({one.source})' for one in changes)}; the newest counts"
        for ob_id, grades in of_ob.items()
        if len(changes := _changes(grades)) > 1
    )


def _changes(grades: list[OBGrade]) -> list[OBGrade]:
    """Return the grades without those that say the same as the one before."""
    pairs = zip([None, *grades], grades, strict=False)
    return [grade for before, grade in pairs if before is None or before.grade != grade.grade]
