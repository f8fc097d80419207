"""What is known of an AB: rows of the store and files of the workspace, before it is a page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import field, frozen

if TYPE_CHECKING:
    from collections.abc import Mapping

    from phoenix.model.ab import AssociationBlock
    from phoenix.model.grade import OBGrade
    from phoenix.model.qc import Measurement, QCParameter
    from phoenix.model.score import ScoreBit
    from phoenix.steps.shelf.manifest import Manifest
    from phoenix.store.rows import (
        BlockRow,
        CommentRow,
        IDPRow,
        JobRow,
        NotedRow,
        RawCommentRow,
        VerdictRow,
    )
    from phoenix.store.rows.qc1 import ScoreRow, TrendPoint

__all__ = [
    "ABDetail",
    "ABRecord",
    "AssociationRow",
    "Before",
    "Declared",
    "Files",
    "Noted",
    "Observed",
]


@frozen
class Files:
    """Files of an AB that are there: paths below the workspace, empty where there is none."""

    ab: str = ""
    log: str = ""
    report: str = ""
    cover: str = ""
    manifest: str = ""


@frozen
class ABRecord:
    """What a line of the monitor is made of.

    Attributes
    ----------
    block : BlockRow
        The AB in the store.
    job : JobRow or None
        Its recipe.
    quality : tuple of JobRow
        Measuring and scoring, drawing the QC report.
    scores : tuple of ScoreRow
        In the order of the rules.
    verdict : VerdictRow or None
        The one that counts.
    comments : tuple of CommentRow
        The newest last.
    ab : AssociationBlock or None
        The edited AB, None where its file cannot be read.
    files : Files
        Its files.
    idps : int
        How many current IDPs it has.
    deprecated : tuple of IDPRow
        Those that a person took back.
    raw_comments : tuple of RawCommentRow
        Comments on its raw files, the newest last.
    grade : OBGrade or None
        Of its OB.
    culprits : tuple of (str, str)
        What it is blocked by: AB and night, which is empty for one of another night.
    """

    block: BlockRow
    job: JobRow | None = None
    quality: tuple[JobRow, ...] = ()
    scores: tuple[ScoreRow, ...] = ()
    verdict: VerdictRow | None = None
    comments: tuple[CommentRow, ...] = ()
    ab: AssociationBlock | None = None
    files: Files = Files()
    idps: int = 0
    deprecated: tuple[IDPRow, ...] = ()
    raw_comments: tuple[RawCommentRow, ...] = ()
    grade: OBGrade | None = None
    culprits: tuple[tuple[str, str], ...] = ()

    @property
    def root(self) -> str:
        """Root of its names."""
        return self.block.name.removesuffix(".ab")


@frozen
class Declared:
    """What an instrument declares: names, units and meanings of what the pages show.

    Attributes
    ----------
    parameters : tuple of QCParameter
        Names, units and meanings.
    bits : tuple of ScoreBit
        The table of QCFLAG.
    history_days : int
        A score report looks at so many nights before and after its own.
    """

    parameters: tuple[QCParameter, ...] = ()
    bits: tuple[ScoreBit, ...] = ()
    history_days: int = 90


@frozen
class Before:
    """An AB that another one is shown beside.

    Attributes
    ----------
    name, date : str
        AB and night.
    values : mapping of str to float
        What was measured of the whole AB, by parameter.
    reports : (str, str)
        Where its QC report is, below the workspace, and where else it may be: it moves when its
        night is finished, or a person certifies it.
    """

    name: str
    date: str
    values: Mapping[str, float] = field(factory=dict)
    reports: tuple[str, str] = ("", "")


@frozen
class AssociationRow:
    """One association rule of an AB.

    Attributes
    ----------
    name : str
        What it selects.
    verdict : str
        Why the winner won, or why there is none.
    lines : tuple of str
        The rule, its condition and every candidate with what rejected it.
    """

    name: str
    verdict: str
    lines: tuple[str, ...]


@frozen
class ABDetail:
    """What the page of an AB is made of, besides its line on the monitor.

    Attributes
    ----------
    measurements : tuple of Measurement
        All of them.
    keywords : tuple of QCParameter
        Those parameters that come from the recipe's own keywords.
    qcflags : tuple of (int, str)
        QCFLAG by element, 0 for the AB, as it was stored with the products.
    bits : tuple of ScoreBit
        What QCFLAG meant when it was made; empty where nobody stored it.
    manifest : Manifest or None
        How it was processed.
    log : str
        The end of the recipe's log.
    log_lines : int
        Lines of the whole log.
    parents, children : tuple of (str, str)
        ABs that it waits for, and that wait for it: name and night, which is empty for an AB
        that the store does not know.
    verdicts : tuple of VerdictRow
        The newest last.
    published : str
        Folder of its products below the workspace; empty for none.
    present : frozenset of str
        Files of the manifest that are there: paths below the workspace.
    associations : tuple of AssociationRow
        Why it has its calibrations; empty for a historical AB.
    parts : tuple of ScoreRow
        The scores of single elements, where a rule looks at each.
    trends : mapping of str to tuple of TrendPoint
        What was measured lately of the same raw type and setup, by parameter.
    before : Before or None
        The AB before it of the same raw type and setup.
    best : tuple or None
        The AB of the same raw type and setup with the fewest red scores: name, night, red, all.
    warnings : tuple of str
        WARNING lines of the whole log, those that are alike as one.
    """

    measurements: tuple[Measurement, ...] = ()
    keywords: tuple[QCParameter, ...] = ()
    qcflags: tuple[tuple[int, str], ...] = ()
    bits: tuple[ScoreBit, ...] = ()
    manifest: Manifest | None = None
    log: str = ""
    log_lines: int = 0
    parents: tuple[tuple[str, str], ...] = ()
    children: tuple[tuple[str, str], ...] = ()
    verdicts: tuple[VerdictRow, ...] = ()
    published: str = ""
    present: frozenset[str] = frozenset()
    associations: tuple[AssociationRow, ...] = ()
    parts: tuple[ScoreRow, ...] = ()
    trends: Mapping[str, tuple[TrendPoint, ...]] = field(factory=dict)
    before: Before | None = None
    best: tuple[str, str, int, int] | None = None
    warnings: tuple[str, ...] = ()


@frozen
class Noted:
    """What persons wrote of the ABs and raw files of a period.

    Attributes
    ----------
    counts : mapping of str to int
        Night to the number of comments.
    latest : tuple of NotedRow
        The newest, the newest first.
    """

    counts: Mapping[str, int] = field(factory=dict)
    latest: tuple[NotedRow, ...] = ()


@frozen
class Observed:
    """What is known of a night besides its ABs.

    Attributes
    ----------
    grades : mapping of int to OBGrade
        OBS ID to what counts for it in the night.
    told : tuple of str
        What is wrong with the sources of the grades.
    raw_comments : tuple of RawCommentRow
        On raw files of the night, the newest last.
    """

    grades: Mapping[int, OBGrade] = field(factory=dict)
    told: tuple[str, ...] = ()
    raw_comments: tuple[RawCommentRow, ...] = ()
