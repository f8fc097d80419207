"""Rows as they come out of the store: frozen values, free of SQL."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from attrs import field, frozen

from phoenix.model.ab import Completeness, Mode
from phoenix.model.report import ABResult, JobState

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    from phoenix.model.ab import AssociationBlock
    from phoenix.model.archived import ArchivedFile, Deprecation
    from phoenix.model.frames import Role
    from phoenix.model.score import Verdict

__all__ = [
    "BlockRow",
    "CommentRow",
    "IDPRow",
    "IDPStatus",
    "JobRow",
    "NotedRow",
    "ProductRow",
    "RawCommentRow",
    "RunRow",
    "RunState",
    "VerdictRow",
]


class RunState(Enum):
    """How a call of the line ended."""

    RUNNING = "running"
    """It has not ended; if nobody runs it any more it was broken off."""
    DONE = "done"
    WRONG = "wrong"
    """Done, and something is wrong with the data."""
    WAITS = "waits"
    """Done as far as it goes without a person, who must certify masters first."""
    NOT_DONE = "not done"
    """The call, the settings or the machine must be mended, or another run held the night."""
    STOPPED = "stopped"
    """By Ctrl-C or SIGTERM."""
    BROKEN_OFF = "broken off"
    """Killed. Never stored: who is killed cannot say so."""


@frozen
class RunRow:
    """One call of the line.

    Attributes
    ----------
    verb : str
        ``run``, ``rerun``, ``certify``, ``convert`` ...
    pool : str
        As it was asked for: ``2020-01-01``, ``2020-01`` ...; empty where no night is meant.
    command : str
        What was typed, or the call in Python.
    started, ended : datetime or None
        UTC; not ended while it runs, and for ever if it was killed.
    since, until : str
        First and last night of the pool.
    state : RunState
        How it ended.
    reason : str
        Why it is not done; of a run that has not ended, what it waits for.
    counts : mapping of str to int
        What it did: ABs by state, IDPs ...
    versions : mapping of str to str
        Package to its version.
    id : int
        Number of the run, 0 before it is stored.
    """

    verb: str
    pool: str
    command: str
    started: dt.datetime
    ended: dt.datetime | None = None
    since: str = ""
    until: str = ""
    state: RunState = RunState.RUNNING
    reason: str = ""
    counts: Mapping[str, int] = field(factory=dict)
    versions: Mapping[str, str] = field(factory=dict)
    id: int = 0


@frozen
class BlockRow:
    """One AB, as far as lists and searches need it; the AB file holds the rest.

    Attributes
    ----------
    name : str
        AB name.
    date : str
        Night or pseudo-date.
    mode : Mode
        CALIB or SCIENCE.
    recipe, raw_type : str
        As in the AB.
    setup : str
        ``KEY=value`` pairs, separated by blanks.
    obs_id : int
        OBS ID, 0 where there is none.
    mjd_obs : float
        MJD (days, UTC) of the first raw file.
    completeness : Completeness
        Whether all raw files are there.
    checksum : str
        Of the edited AB file.
    """

    name: str
    date: str
    mode: Mode = Mode.CALIB
    recipe: str = ""
    raw_type: str = ""
    setup: str = ""
    obs_id: int = 0
    mjd_obs: float = 0.0
    completeness: Completeness = Completeness.COMPLETE
    checksum: str = ""

    @classmethod
    def of(cls, ab: AssociationBlock, *, date: object = "", checksum: str = "") -> BlockRow:
        """Return the row of an AB, under its own night or under the pool's (pseudo-)date."""
        return cls(
            name=str(ab.name),
            date=str(date) or str(ab.date or ""),
            mode=ab.mode,
            recipe=ab.recipe,
            raw_type=ab.raw_type,
            setup=" ".join("=".join(pair) for pair in ab.setup),
            obs_id=ab.obs_id,
            mjd_obs=ab.mjd_obs,
            completeness=ab.completeness,
            checksum=checksum,
        )


@frozen
class JobRow:
    """Where one step of one AB stands.

    Attributes
    ----------
    ab_name, step : str
        The job.
    state : JobState
        Where it stands.
    reason : str
        Why it is not successful.
    attempt : int
        How often a worker took it up in the last run.
    worker : str
        Host and process number of the last worker.
    started, ended : datetime or None
        UTC.
    wall_s, cpu_s : float
        Wall and CPU seconds of the recipe.
    peak_memory_mb : float
        Peak resident memory of the recipe in MB.
    products : int
        Number of products published.
    details : tuple of (str, str)
        What else the step told.
    job_key : str
        Fingerprint of what the job is made from; another one makes it a new job.
    """

    ab_name: str
    step: str
    state: JobState = JobState.CREATED
    reason: str = ""
    attempt: int = 0
    worker: str = ""
    started: dt.datetime | None = None
    ended: dt.datetime | None = None
    wall_s: float = 0.0
    cpu_s: float = 0.0
    peak_memory_mb: float = 0.0
    products: int = 0
    details: tuple[tuple[str, str], ...] = ()
    job_key: str = ""

    def result(self) -> ABResult:
        """Return how the job ended.

        Raises
        ------
        DataError
            If it has not.
        """
        return ABResult(
            ab_name=self.ab_name,
            state=self.state,
            reason=self.reason,
            products=self.products,
            wall_s=self.wall_s,
            cpu_s=self.cpu_s,
            peak_memory_mb=self.peak_memory_mb,
            details=self.details,
        )


@frozen
class ProductRow:
    """One product file.

    Attributes
    ----------
    ab_name, name : str
        The AB and the PIPEFILE name.
    pro_catg : str
        PRO.CATG.
    role : Role
        What becomes of it.
    path : str
        Relative to the workspace.
    size : int
        Bytes.
    sha256 : str
        Checksum of the file.
    final_name : str
        The human name, empty before it is renamed.
    """

    ab_name: str
    name: str
    pro_catg: str
    role: Role
    path: str
    size: int = 0
    sha256: str = ""
    final_name: str = ""


@frozen
class VerdictRow:
    """A verdict and when (UTC) it was given."""

    ab_name: str
    verdict: Verdict
    at: dt.datetime


@frozen
class CommentRow:
    """What a person wrote about an AB, and when (UTC)."""

    ab_name: str
    text: str
    by: str
    at: dt.datetime


@frozen
class RawCommentRow:
    """What a person wrote about a raw file (ARCFILE without suffix) of a night, and when (UTC)."""

    file: str
    night: str
    text: str
    by: str
    at: dt.datetime


@frozen
class NotedRow:
    """A comment of a night: on an AB, or on a raw file."""

    night: str
    name: str
    text: str
    by: str
    at: dt.datetime


class IDPStatus(Enum):
    """Whether the archive offers an IDP."""

    CURRENT = "current"
    OBSOLETE = "obsolete"
    """Superseded, or made part of another."""
    DEPRECATED = "deprecated"
    """A person took it back, with a reason."""


@frozen
class IDPRow:
    """One IDP in the embedded Phase 3 archive.

    Attributes
    ----------
    name : str
        File name (ORIGFILE); versions of one IDP share it.
    ab_name : str
        The AB from which it was converted.
    path : str
        Relative to the archive.
    size : int
        Bytes.
    md5 : str
        Checksum of the file.
    prodcatg : str
        SCIENCE.SPECTRUM, SCIENCE.CUBE.IFS ...
    ingested : datetime
        UTC.
    files : tuple of ArchivedFile
        Ancillaries.
    version : int
        From 1; 0 before it is stored.
    supersedes : int or None
        The version that this one replaced.
    status : IDPStatus
        Only the newest version is CURRENT.
    deprecation : Deprecation or None
        Why it is DEPRECATED.
    """

    name: str
    ab_name: str
    path: str
    size: int
    md5: str
    prodcatg: str
    ingested: dt.datetime
    files: tuple[ArchivedFile, ...] = ()
    version: int = 0
    supersedes: int | None = None
    status: IDPStatus = IDPStatus.CURRENT
    deprecation: Deprecation | None = None
