"""ABs, their jobs and their products, as they come out of the store: free of SQL."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

from phoenix.model.ab import Completeness, Mode
from phoenix.model.report import ABResult, JobState

if TYPE_CHECKING:
    import datetime as dt

    from phoenix.model.ab import AssociationBlock
    from phoenix.model.frames import Role

__all__ = ["BlockRow", "JobRow", "ProductRow"]


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
