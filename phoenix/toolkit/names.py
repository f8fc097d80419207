"""Final file names as ESO has them: prefix of the instrument, product code, night or OB, setup.

What is *ours* is the UT of the first raw file at the end of a calibration's name: it keeps two
groups of one night apart.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from attrs import frozen

if TYPE_CHECKING:
    from phoenix.model.ab import AssociationBlock

__all__ = ["NameRow", "calibration_name", "legal", "science_root"]

VERSION = "A"
"""ESO tells versions of one day, type and setup apart by letters from A on (UVES product codes, on
date of origin and version); with the UT no two have one name, so ours is always the first."""

_ILLEGAL = re.compile(r"[^A-Za-z0-9.+-]", re.ASCII)


@frozen
class NameRow:
    """How a product is called.

    Attributes
    ----------
    pro_catg : str
        PRO.CATG; without tag and chip where one row is for all of them.
    code : str
        Four characters: M and P calibrations, S science.
    setup : bool
        Whether the setup belongs to the name.
    ours : bool
        True if the code is not in ESO's published list of the instrument's product codes.
    """

    pro_catg: str
    code: str
    setup: bool = True
    ours: bool = False


def calibration_name(prefix: str, ab: AssociationBlock, code: str, *setup: str) -> str | None:
    """Return ``GI_PLOC_200101A_Med1_L543.1_120620.935.fits``, None for an AB without a night."""
    if ab.date is None:
        return None
    night = str(ab.date).replace("-", "")[2:]
    time = ab.name.timestamp.partition("T")[2].replace(":", "")
    return "_".join((prefix, code, f"{night}{VERSION}", *setup, time)) + ".fits"


def science_root(prefix: str, ab: AssociationBlock, code: str, *setup: str) -> str:
    """Return ``GI_SRBS_<OBID>_<timestamp>_Med1_L543.1``: the name of a science file, no suffix."""
    return "_".join((prefix, code, str(ab.obs_id), ab.name.timestamp, *setup))


def legal(part: str) -> str:
    """Leave out what may not stand in a part of a file name."""
    return _ILLEGAL.sub("", part)
