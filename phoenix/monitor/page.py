"""What the pages say, as values: a page and its JSON twin are two writers of the same value.

Every ``href`` is relative to the page and ready for use (percent-encoded); it is empty where there
is nothing to link to. Times are seconds, moments ISO 8601 in UTC.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

if TYPE_CHECKING:
    from phoenix.model.qc import QCValue

__all__ = [
    "ABPage",
    "ABRow",
    "Bar",
    "Bit",
    "DiffRow",
    "EditRow",
    "FileLine",
    "FrontPage",
    "HistoryPage",
    "HistoryRow",
    "Link",
    "LogRow",
    "MeasuredRow",
    "NightPage",
    "Page",
    "Remark",
    "Series",
    "Square",
]


@frozen
class Link:
    """A text that leads somewhere."""

    text: str
    href: str


@frozen
class Page:
    """What every page has.

    Attributes
    ----------
    process : str
        For example GIRAFFE_MOS.
    title : str
        Title of the window.
    way : tuple of Link
        From the front page down to this one; the last has no href.
    twin : str
        href of the JSON file that says the same.
    """

    process: str
    title: str
    way: tuple[Link, ...]
    twin: str


@frozen
class Square:
    """One score: ``green``, ``red`` or ``grey``, the value and the limits as text."""

    parameter: str
    outcome: str
    value: str
    limits: str
    comment: str


@frozen
class Remark:
    """One entry of the comment column: ``reason``, ``score``, ``verdict`` or ``person``."""

    kind: str
    text: str


@frozen
class ABRow:
    """One AB on the monitor of a night (MANUAL, figure 4).

    Attributes
    ----------
    index : str
        ``sci001``: its number among the science (or calibration) ABs of the night.
    name, date, recipe, raw_type, completeness : str
        Of the AB.
    setup : tuple of (str, str)
        Raw match keys.
    edits : int
        How many edits it has had since the repository.
    state : str
        A state of the model: ``successful``, ``gated`` ...
    recipe_s, qc_s : float or None
        Wall seconds of the recipe, and of measuring, scoring and drawing; None before.
    peak_memory_mb : float
        Peak resident memory of the recipe in MB (10^6 bytes).
    started : str
        When the recipe was started.
    products, idps : int
        How many it has.
    page, ab_file, log, report : str
        hrefs: its own page, the AB, the recipe's log, the QC report.
    scores : tuple of Square
        In the order of the rules.
    red : int
        How many are red: the k of k/n.
    certification : str
        ``auto``, ``review``, ``ok``, ``rejected``, or empty.
    remarks : tuple of Remark
        The comment column.
    """

    index: str
    name: str
    date: str
    recipe: str
    raw_type: str
    completeness: str
    setup: tuple[tuple[str, str], ...]
    edits: int
    state: str
    recipe_s: float | None
    qc_s: float | None
    peak_memory_mb: float
    started: str
    products: int
    idps: int
    page: str
    ab_file: str
    log: str
    report: str
    scores: tuple[Square, ...]
    red: int
    certification: str
    remarks: tuple[Remark, ...]


@frozen
class Bar:
    """One recipe on the time axis of a night: when it began, how long it took, in which lane."""

    name: str
    state: str
    lane: int
    start_s: float
    length_s: float


@frozen
class NightPage(Page):
    """The AB monitor of a night.

    Attributes
    ----------
    date : str
        The night.
    rows : tuple of ABRow
        Calibrations first, as they are run.
    states : tuple of (str, int)
        How many ABs are in each state that occurs, in the order of the states.
    recipe_s, span_s : float
        Seconds of all recipes added up, and from the first start to the last end.
    scores, red : int
        Scores given, and how many of them are red.
    products, idps : int
        How many there are.
    bars : tuple of Bar
        The time axis.
    ended : str
        When the last recipe ended.
    earlier, later : Link
        Neighbouring nights.
    """

    date: str
    rows: tuple[ABRow, ...]
    states: tuple[tuple[str, int], ...]
    recipe_s: float
    span_s: float
    scores: int
    red: int
    products: int
    idps: int
    bars: tuple[Bar, ...]
    ended: str
    earlier: Link
    later: Link


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
    """

    tag: str
    path: str
    href: str
    role: str
    size: int
    sha256: str


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
    """

    row: ABRow
    facts: tuple[tuple[str, str], ...]
    parents: tuple[Link, ...]
    children: tuple[Link, ...]
    edits: tuple[EditRow, ...]
    diff: tuple[DiffRow, ...]
    frames: tuple[FileLine, ...]
    products: tuple[FileLine, ...]
    command: tuple[str, ...]
    process_facts: tuple[tuple[str, str], ...]
    versions: tuple[tuple[str, str], ...]
    manifest: str
    measurements: tuple[MeasuredRow, ...]
    series: tuple[Series, ...]
    qcflag: tuple[Bit, ...]
    element_flags: tuple[tuple[str, int], ...]
    log_tail: tuple[LogRow, ...]
    log_lines: int
    verdicts: tuple[str, ...]


@frozen
class HistoryRow:
    """One line of the history: a night, a month or a year.

    Attributes
    ----------
    label, href : str
        ``2020-01-01``, ``2020-01`` or ``2020``, and its page.
    blocks, nights : int
        Number of ABs and of nights.
    states : tuple of (str, int)
        How many ABs are in each state that occurs, in the order of the states.
    wrong : int
        How many ended without products.
    recipe_s : float
        Wall seconds of its recipes, added up.
    products, idps : int
        How many there are.
    """

    label: str
    href: str
    blocks: int
    nights: int
    states: tuple[tuple[str, int], ...]
    wrong: int
    recipe_s: float
    products: int
    idps: int


@frozen
class HistoryPage(Page):
    """A year and its months, or a month and its nights.

    Attributes
    ----------
    period : str
        ``2020`` or ``2020-01``.
    rows : tuple of HistoryRow
        Its months or nights.
    total : HistoryRow
        Their sum.
    nights : tuple of HistoryRow
        All nights of the period: its calendar.
    earlier, later : Link
        Neighbouring years or months.
    """

    period: str
    rows: tuple[HistoryRow, ...]
    total: HistoryRow
    nights: tuple[HistoryRow, ...]
    earlier: Link
    later: Link


@frozen
class FrontPage(Page):
    """The way in.

    Attributes
    ----------
    total : HistoryRow
        All nights together.
    years, months : tuple of HistoryRow
        The history, newest years last.
    latest : tuple of HistoryRow
        The newest nights, newest first.
    wrong : tuple of HistoryRow
        Nights with ABs that ended without products, newest first.
    """

    total: HistoryRow
    years: tuple[HistoryRow, ...]
    months: tuple[HistoryRow, ...]
    latest: tuple[HistoryRow, ...]
    wrong: tuple[HistoryRow, ...]
