"""A file of the header pool, as it comes out of the store."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import field, frozen

if TYPE_CHECKING:
    from collections.abc import Mapping

    from phoenix.model.overlay import Overlaid

__all__ = ["FrameRow"]


@frozen
class FrameRow:
    """One file of the header pool.

    Attributes
    ----------
    path : str
        Absolute.
    kind : str
        ``raw``, ``certified`` (a master calibration) or ``static``.
    arcfile : str
        ARCFILE of a raw file, else its file name.
    date : str
        Night; empty where the header has no MJD-OBS.
    mjd_obs, exptime : float or None
        Days (UTC) and seconds.
    size, mtime_ns : int
        Bytes, and time of change in ns: a file is read again where they differ.
    keys : str
        Checksum of the set of keywords that was read, and of the overlays of the file.
    header : mapping of str to value
        The keywords that the rules read, as in the file or as they are overlaid.
    overlaid : tuple of Overlaid
        What of them is not as in the file.
    made_of : tuple of str
        Names of the files of which a product was made, as its header has them.
    fault : str
        Why it cannot be used, empty where it can.
    """

    path: str
    kind: str
    arcfile: str = ""
    date: str = ""
    mjd_obs: float | None = None
    exptime: float | None = None
    size: int = 0
    mtime_ns: int = 0
    keys: str = ""
    header: Mapping[str, str | int | float | bool] = field(factory=dict)
    overlaid: tuple[Overlaid, ...] = ()
    made_of: tuple[str, ...] = ()
    fault: str = ""
