"""Calibrations of the later steps, which the AB of an exposure carries for them.

A real AB of muse_scibasic of 2015 lists in its set of frames what standard star, sky subtraction
and flux calibration will read. The recipe does not; here they are MASSOC, and the cascade hands
them on.
"""

from __future__ import annotations

from phoenix_muse.process import CREATE_SKY, SCIPOST, STANDARD

__all__ = ["READ_BY", "READ_BY_SCIBASIC"]

READ_BY_SCIBASIC = (
    "MASTER_BIAS",
    "MASTER_DARK",
    "MASTER_FLAT",
    "TRACE_TABLE",
    "WAVECAL_TABLE",
    "GEOMETRY_TABLE",
    "TWILIGHT_CUBE",
    "BADPIX_TABLE",
    "ILLUM",
)
"""PRO.CATG of what muse_scibasic reads beside raw frames (esorex --man-page, muse 2.8.7)."""

READ_BY: dict[str, tuple[str, ...]] = {
    STANDARD: ("EXTINCT_TABLE", "STD_FLUX_TABLE", "TELLURIC_REGIONS", "FILTER_LIST"),
    CREATE_SKY: ("EXTINCT_TABLE", "STD_RESPONSE", "STD_TELLURIC", "SKY_LINES", "LSF_PROFILE"),
    SCIPOST: (
        "EXTINCT_TABLE",
        "STD_RESPONSE",
        "STD_TELLURIC",
        "SKY_LINES",
        "LSF_PROFILE",
        "FILTER_LIST",
        "ASTROMETRY_WCS",
    ),
}
"""Recipe of a later step to what it takes of the calibrations of an exposure, in the order of the
real log."""
