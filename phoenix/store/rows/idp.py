"""IDPs of the archive, as they come out of the store."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from attrs import frozen

if TYPE_CHECKING:
    import datetime as dt

    from phoenix.model.archived import ArchivedFile, Deprecation

__all__ = ["IDPRow", "IDPStatus"]


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
