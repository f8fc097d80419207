"""Files in the Phase 3 archive."""

from __future__ import annotations

from attrs import frozen

__all__ = ["ArchivedFile"]


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
