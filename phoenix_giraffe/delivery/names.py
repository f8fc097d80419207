"""Final file names: one row a product.

Science and calibration names have the form of :mod:`phoenix.toolkit.names`; where no setup belongs
to a name, the chip stands in its place.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from phoenix.toolkit.names import NameRow, calibration_name, legal
from phoenix.toolkit.names import science_root as root_of
from phoenix_giraffe.setups import slit_code

if TYPE_CHECKING:
    from phoenix.model.ab import AssociationBlock
    from phoenix.model.frames import Product

__all__ = ["NAMES", "final_name", "science_root"]

PREFIX = "GI"

NAMES: tuple[NameRow, ...] = (
    NameRow("MASTER_BIAS", "MBIA", setup=False),
    NameRow("MASTER_DARK", "MDRK", setup=False),
    NameRow("FF_LOCWIDTH", "PLOW"),
    NameRow("FF_LOCCENTROID", "PLOC"),
    NameRow("FF_EXTSPECTRA", "PFEX"),
    NameRow("FF_EXTERRORS", "PFEE"),
    NameRow("BAD_PIXEL_MAP", "MBPM", setup=False, ours=True),
    NameRow("MASTER_FIBER_FLAT", "MFFF", ours=True),
    NameRow("FF_LOCFIT", "PLOF", ours=True),
    NameRow("FF_PSFCENTROID", "PPSC", ours=True),
    NameRow("FF_PSFWIDTH", "PPSW", ours=True),
    NameRow("FF_PSFFIT", "PPSF", ours=True),
    NameRow("FIBER_PROFILE", "PPRF", ours=True),
    NameRow("SCATTERED_LIGHT_MODEL", "MSLM", ours=True),
    NameRow("DISPERSION_SOLUTION", "PDIS", ours=True),
    NameRow("LINE_DATA", "PLIN", ours=True),
    NameRow("SLIT_GEOMETRY_SETUP", "PSLG", ours=True),
    NameRow("INSTRUMENT_RESPONSE", "PRES", ours=True),
    NameRow("EFFICIENCY_CURVE", "PEFF", ours=True),
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
    if row is None:
        return None
    return calibration_name(PREFIX, ab, row.code, *(_setup(ab) if row.setup else _chip(ab)))


def science_root(ab: AssociationBlock, code: str = "SRBS") -> str:
    """Return the name without suffix that all files of a science AB begin with."""
    return root_of(PREFIX, ab, code, *_setup(ab))


def _setup(ab: AssociationBlock) -> tuple[str, ...]:
    keys = dict(ab.setup)
    parts = (slit_code(keys.get("INS.SLIT.NAME", "")), keys.get("INS.EXP.MODE", ""))
    return tuple(legal(part) for part in parts if part)


def _chip(ab: AssociationBlock) -> tuple[str, ...]:
    chip = legal(dict(ab.setup).get("DET.CHIP1.ID", ""))
    return (chip,) if chip else ()
