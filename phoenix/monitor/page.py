"""What the pages say, as values: a page and its JSON twin are two writers of the same value.

Every ``href`` is relative to the page and ready for use (percent-encoded); it is empty where there
is nothing to link to. Times are seconds, moments ISO 8601 in UTC.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import field, frozen

if TYPE_CHECKING:
    from phoenix.monitor.runlines import RunLine

__all__ = [
    "NOWHERE",
    "ABRow",
    "Bar",
    "BreakpointLine",
    "FrontPage",
    "HistoryPage",
    "HistoryRow",
    "Link",
    "NightPage",
    "Note",
    "OBLine",
    "Page",
    "Remark",
    "Square",
]


@frozen
class Link:
    """A text that leads somewhere."""

    text: str
    href: str


NOWHERE = Link("", "")


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
    written : str
        When, of a page that a run will write again: it reads itself again. Else empty, so that a
        page that says the same is the same.
    """

    process: str
    title: str
    way: tuple[Link, ...]
    twin: str
    written: str = field(default="", kw_only=True)


@frozen
class Square:
    """One score: ``green``, ``red`` or ``grey``, the value and the limits as text.

    `by` is ``fixed`` or ``history``: what it was judged by, for one parameter may be judged twice.
    """

    parameter: str
    outcome: str
    value: str
    limits: str
    comment: str
    by: str = ""


@frozen
class Remark:
    """One entry of the comment column.

    Attributes
    ----------
    kind : str
        ``reason``; ``blocked`` by another AB; ``waits`` for a person; ``score`` and ``log``, which
        are made automatically of a red score and of the warnings of the recipe; ``verdict``;
        ``archive`` for IDPs that were taken back; ``person`` on the AB, ``raw`` on one of its raw
        files; ``observer`` on its OB.
    text : str
        What is said.
    by, at : str
        Who and when (UTC); empty for what is automatic.
    of : str
        The raw file that is meant; else empty.
    href : str
        The page of the AB that it is blocked by.
    """

    kind: str
    text: str
    by: str = ""
    at: str = ""
    of: str = ""
    href: str = ""


@frozen
class OBLine:
    """One OB of a night: what the observatory says of it; attributes as in ``OBGrade``.

    `blocks` is the number of its ABs.
    """

    ob_id: int
    run: str
    target: str
    grade: str
    mode: str
    status: str
    comment: str
    source: str
    blocks: int


@frozen
class Note:
    """A comment of a person: on an AB or a raw file, and the page of its night."""

    night: str
    href: str
    name: str
    text: str
    by: str
    at: str


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
    running_s : float or None
        Seconds for which the recipe has been running; None while it is not.
    peak_memory_mb : float
        Peak resident memory of the recipe in MB (10^6 bytes).
    started : str
        When the recipe was started.
    products, idps : int
        How many it has.
    page, ab_file, log, report, cover : str
        hrefs: its own page, the AB, the recipe's log, the QC report, the coversheet of its group.
    scores : tuple of Square
        In the order of the rules.
    red : int
        How many are red: the k of k/n.
    grade : str
        Of its OB; empty for none.
    certification : str
        ``auto``, ``review``, ``ok``, ``rejected``, or empty.
    certifier : str
        Who said so; ``rule``, or empty.
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
    cover: str
    scores: tuple[Square, ...]
    red: int
    certification: str
    certifier: str
    remarks: tuple[Remark, ...]
    grade: str = ""
    running_s: float | None = None


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
    verdicts : tuple of (str, int)
        How many ABs have each verdict that occurs.
    bars : tuple of Bar
        The time axis.
    ended : str
        When the last recipe ended.
    earlier, later : Link
        Neighbouring nights.
    obs : tuple of OBLine
        Grades of its OBs.
    told : tuple of str
        What is wrong with their sources.
    notes : tuple of Note
        Comments on raw files of the night.
    left : int
        ABs that no run has brought to an end, though none is on; a person is not waited for.
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
    obs: tuple[OBLine, ...] = ()
    told: tuple[str, ...] = ()
    notes: tuple[Note, ...] = ()
    verdicts: tuple[tuple[str, int], ...] = ()
    left: int = 0


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
    comments : int
        What persons wrote of its ABs and raw files.
    review, rejected : int
        ABs that wait for a person, and that a person rejected.
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
    comments: int = 0
    review: int = 0
    rejected: int = 0


@frozen
class BreakpointLine:
    """An instrument breakpoint in a table of nights or months.

    Attributes
    ----------
    before : str
        Label of the row before which it stands, empty for the end of the table.
    text : str
        When, for which setup, why.
    """

    before: str
    text: str


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
    runs : tuple of RunLine
        The last calls for nights of the period, the newest first.
    breakpoints : tuple of BreakpointLine
        Instrument breakpoints of the period, in order of time.
    notes : tuple of Note
        The last comments of persons, the newest first.
    metrics : str
        The page of its workflow metrics.
    """

    period: str
    rows: tuple[HistoryRow, ...]
    total: HistoryRow
    nights: tuple[HistoryRow, ...]
    earlier: Link
    later: Link
    runs: tuple[RunLine, ...]
    breakpoints: tuple[BreakpointLine, ...] = ()
    notes: tuple[Note, ...] = ()
    metrics: str = ""


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
        Nights with ABs that ended without products or are to be reviewed, newest first.
    runs : tuple of RunLine
        The last calls of all, the newest first.
    """

    total: HistoryRow
    years: tuple[HistoryRow, ...]
    months: tuple[HistoryRow, ...]
    latest: tuple[HistoryRow, ...]
    wrong: tuple[HistoryRow, ...]
    runs: tuple[RunLine, ...]
