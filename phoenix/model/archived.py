"""Files in the Phase 3 archive, and what a person took out of its offer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

from phoenix.errors import DataError

if TYPE_CHECKING:
    import datetime as dt

__all__ = ["ArchivedFile", "Deprecation"]


@frozen
class ArchivedFile:
    """One file in the archive.

    Attributes
    ----------
    name : str
        File name.
    path : str
        Below the archive.
    category : str
        PRODCATG, or ASSOCi of a file that is not FITS.
    size : int
        Bytes.
    md5 : str
        Checksum.
    """

    name: str
    path: str
    category: str
    size: int
    md5: str


@frozen
class Deprecation:
    """Why a version is no longer offered.

    Attributes
    ----------
    why, by : str
        What a person said, and who.
    at : datetime
        UTC.
    deleted : bool
        Whether its files are gone too.

    Raises
    ------
    DataError
        If there is no reason, or nobody gives it.
    """

    why: str
    by: str
    at: dt.datetime
    deleted: bool = False

    def __attrs_post_init__(self) -> None:
        if not self.why.strip():
            raise DataError("a deprecation needs a reason: say what is wrong with the product")
        if not self.by.strip():
            raise DataError("a deprecation needs a name: say who takes the product back")
