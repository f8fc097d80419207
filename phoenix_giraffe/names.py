"""Final file names: one row a product.

The codes marked *ours* are not in ESO's published list of GIRAFFE product codes, nor is the last
part of every name, the UT of the first raw file: it keeps two groups of one night apart.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from attrs import frozen

from phoenix_giraffe.setups import slit_code

if TYPE_CHECKING:
    from phoenix.model.ab import AssociationBlock
    from phoenix.model.frames import Product

__all__ = ["NAMES", "NameRow", "final_name", "science_root"]

VERSION = "A"
"""First version of a product made by this line."""

_ILLEGAL = re.compile(r"[^A-Za-z0-9.+-]", re.ASCII)


@frozen
class NameRow:
    """How a calibration product is called.

    Attributes
    ----------
    pro_catg : str
        PRO.CATG.
    code : str
        Four characters: M and P calibrations.
    setup : bool
        Whether slit and setup belong to the name; else the chip.
    ours : bool
        True if the code is not published.
    """

    pro_catg: str
    code: str
    setup: bool = True
    ours: bool = True


NAMES: tuple[NameRow, ...] = (
    NameRow("MASTER_BIAS", "MBIA", setup=False, ours=False),
    NameRow("MASTER_DARK", "MDRK", setup=False, ours=False),
    NameRow("FF_LOCWIDTH", "PLOW", ours=False),
    NameRow("FF_LOCCENTROID", "PLOC", ours=False),
    NameRow("FF_EXTSPECTRA", "PFEX", ours=False),
    NameRow("FF_EXTERRORS", "PFEE", ours=False),
    NameRow("BAD_PIXEL_MAP", "MBPM", setup=False),
    NameRow("MASTER_FIBER_FLAT", "MFFF"),
    NameRow("FF_LOCFIT", "PLOF"),
    NameRow("FF_PSFCENTROID", "PPSC"),
    NameRow("FF_PSFWIDTH", "PPSW"),
    NameRow("FF_PSFFIT", "PPSF"),
    NameRow("FIBER_PROFILE", "PPRF"),
    NameRow("SCATTERED_LIGHT_MODEL", "MSLM"),
    NameRow("DISPERSION_SOLUTION", "PDIS"),
    NameRow("LINE_DATA", "PLIN"),
    NameRow("SLIT_GEOMETRY_SETUP", "PSLG"),
    NameRow("INSTRUMENT_RESPONSE", "PRES"),
    NameRow("EFFICIENCY_CURVE", "PEFF"),
)

SCIENCE = {"SCIENCE_RBNSPECTRA": "SRBS", "SCIENCE_RBNERRORS": "SRBE"}
"""PRO.CATG of science products to their codes (ours)."""

_CALIBRATIONS = {row.pro_catg: row for row in NAMES}


def final_name(ab: AssociationBlock, product: Product) -> str | None:
    """Return the final name of a product, None for one that keeps its PIPEFILE name.

    ``GI_PLOC_200101A_Med1_L543.1_120620.935.fits`` for calibrations,
    ``GI_SRBS_<OBID>_<timestamp>_Med1_L543.1.fits`` for science.
    """
    code = SCIENCE.get(product.pro_catg)
    if code is not None:
        return f"{science_root(ab, code)}.fits"
    row = _CALIBRATIONS.get(product.pro_catg)
    if row is None or ab.date is None:
        return None
    night = str(ab.date).replace("-", "")[2:]
    time = ab.name.timestamp.partition("T")[2].replace(":", "")
    params = _setup(ab) if row.setup else _chip(ab)
    return "_".join(("GI", row.code, f"{night}{VERSION}", *params, time)) + ".fits"


def science_root(ab: AssociationBlock, code: str = "SRBS") -> str:
    """Return the name without suffix that all files of a science AB begin with."""
    return "_".join(("GI", code, str(ab.obs_id), ab.name.timestamp, *_setup(ab)))


def _setup(ab: AssociationBlock) -> tuple[str, ...]:
    keys = dict(ab.setup)
    parts = (slit_code(keys.get("INS.SLIT.NAME", "")), keys.get("INS.EXP.MODE", ""))
    return tuple(_ILLEGAL.sub("", part) for part in parts if part)


def _chip(ab: AssociationBlock) -> tuple[str, ...]:
    chip = _ILLEGAL.sub("", dict(ab.setup).get("DET.CHIP1.ID", ""))
    return (chip,) if chip else ()
