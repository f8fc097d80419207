"""What the page of an AB says, as values; see :mod:`phoenix.monitor.page`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

from phoenix.monitor.page import NOWHERE, ABRow, Link, Page

if TYPE_CHECKING:
    from phoenix.model.qc import QCValue
    from phoenix.monitor.record import AssociationRow
    from phoenix.monitor.scorereport import ScoreReport

__all__ = [
    "ABPage",
    "Bit",
    "DiffRow",
    "EditRow",
    "FileLine",
    "LogRow",
    "MeasuredRow",
    "Series",
]


@frozen
class DiffRow:
    """One line of a difference; see :class:`phoenix.formats.abdiff.DiffLine`."""

    kind: str
    text: str
    why: str


@frozen
class EditRow:
    """The reason of an edit and the fields that it changed."""

    why: str
    fields: tuple[str, ...]


@frozen
class FileLine:
    """A file that went into the recipe or came out of it.

    Attributes
    ----------
    tag : str
        Tag in the set of frames, or PRO.CATG.
    path, href : str
        Path below the workspace (symbolic while it is not fetched).
    role : str
        ``raw`` or ``calibration``; of a product what becomes of it.
    size : int
        Bytes; 0 where unknown.
    sha256 : str
        Checksum, empty where unknown.
    taken_away : str
        When an intermediate product was taken away (UTC); empty for all that was not.
    """

    tag: str
    path: str
    href: str
    role: str
    size: int
    sha256: str
    taken_away: str = ""


@frozen
class MeasuredRow:
    """A QC parameter of the whole AB."""

    parameter: str
    value: QCValue
    unit: str
    meaning: str


@frozen
class Series:
    """A QC parameter that has a value for each fibre, order or IFU."""

    parameter: str
    unit: str
    meaning: str
    elements: tuple[int, ...]
    values: tuple[QCValue, ...]


@frozen
class Bit:
    """One place of QCFLAG."""

    name: str
    value: str
    meaning: str


@frozen
class LogRow:
    """One line of the recipe's log; the level is empty where the line has none."""

    level: str
    text: str


@frozen
class ABPage(Page):
    """Everything about one AB.

    Attributes
    ----------
    row : ABRow
        Its line on the monitor.
    facts : tuple of (str, str)
        Further qualifiers of the AB.
    parents, children : tuple of Link
        ABs that it waits for, and that wait for it.
    edits : tuple of EditRow
        What was changed since the repository, and why.
    diff : tuple of DiffRow
        The same, line by line; empty without edits.
    frames, products : tuple of FileLine
        The set of frames, and what the recipe made of it.
    command : tuple of str
        The recipe's command line.
    process_facts : tuple of (str, str)
        Times, memory, exit code, host.
    versions : tuple of (str, str)
        Versions of all that took part.
    manifest : str
        href of the manifest.
    measurements : tuple of MeasuredRow
        QC parameters of the whole AB.
    series : tuple of Series
        QC parameters of its elements.
    qcflag : tuple of Bit
        QCFLAG of the whole AB.
    element_flags : tuple of (str, int)
        QCFLAG and how many elements have it, the most frequent first.
    log_tail : tuple of LogRow
        The end of the recipe's log.
    log_lines : int
        Lines of the whole log.
    verdicts : tuple of str
        Certification, the newest last.
    associations : tuple of AssociationRow
        Why it has its calibrations; empty for a historical AB.
    report : ScoreReport or None
        Its scores in full; None where nothing was scored.
    earlier, later : Link
        Its neighbours on the monitor of its night.
    """

    row: ABRow
    facts: tuple[tuple[str, str], ...] = ()
    parents: tuple[Link, ...] = ()
    children: tuple[Link, ...] = ()
    edits: tuple[EditRow, ...] = ()
    diff: tuple[DiffRow, ...] = ()
    frames: tuple[FileLine, ...] = ()
    products: tuple[FileLine, ...] = ()
    command: tuple[str, ...] = ()
    process_facts: tuple[tuple[str, str], ...] = ()
    versions: tuple[tuple[str, str], ...] = ()
    manifest: str = ""
    measurements: tuple[MeasuredRow, ...] = ()
    series: tuple[Series, ...] = ()
    qcflag: tuple[Bit, ...] = ()
    element_flags: tuple[tuple[str, int], ...] = ()
    log_tail: tuple[LogRow, ...] = ()
    log_lines: int = 0
    verdicts: tuple[str, ...] = ()
    associations: tuple[AssociationRow, ...] = ()
    report: ScoreReport | None = None
    earlier: Link = NOWHERE
    later: Link = NOWHERE
