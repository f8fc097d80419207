"""Final file names: one row a product.

Science names are those of the archive: ``UV_SFLX_<OBID>_<timestamp>_RED564d1_1x1_08.fits``. The
codes marked *ours* are not in ESO's published list of UVES product codes, nor is the UT at the end
of calibration names: it keeps two groups of one night apart.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

from phoenix.toolkit.headers import Header, read_header
from phoenix_uves.process import STACK, arm_of
from phoenix_uves.setups import arm_of_part, binning_code, setup_code, slit_code

if TYPE_CHECKING:
    from phoenix.model.ab import AssociationBlock
    from phoenix.model.frames import Product

__all__ = ["CALIBRATIONS", "SCIENCE", "NameRow", "final_name", "science_root"]

VERSION = "A"
"""First version of a product made by this line."""


@frozen
class NameRow:
    """How a product family is called.

    Attributes
    ----------
    family : str
        PRO.CATG without tag and chip.
    code : str
        Four characters: M and P calibrations, S science.
    setup : bool
        Whether the central wavelength belongs to the name.
    ours : bool
        True if the code is not published.
    """

    family: str
    code: str
    setup: bool = True
    ours: bool = False


CALIBRATIONS: tuple[NameRow, ...] = (
    NameRow("MASTER_BIAS", "MBIA", setup=False),
    NameRow("MASTER_DARK", "MDRK", setup=False),
    NameRow("MASTER_FLAT", "MFLT"),
    NameRow("ORDER_TABLE", "PORD"),
    NameRow("ORDER_GUESS_TAB", "PGUO", ours=True),
    NameRow("LINE_GUESS_TAB", "PGUE"),
    NameRow("LINE_TABLE", "PLIN"),
    NameRow("INSTR_RESPONSE_FINE", "PRSP", ours=True),
    NameRow("EFFICIENCY_TABLE", "PEFF", ours=True),
    NameRow("BKG_FLAT", "PBKG"),
)

SCIENCE: tuple[NameRow, ...] = (
    NameRow("FLUXCAL_ERRORBAR", "SFLE", ours=True),
    NameRow("FLUXCAL", "SFLX"),
    NameRow("ERRORBAR", "SERD", ours=True),
    NameRow("RED", "SRED"),
    NameRow(STACK, "SOBS", ours=True),
)
"""The first row whose family a category begins with counts."""

_INTERMEDIATE = ("ERRORBAR_WCALIB", "RED_STD")


def final_name(ab: AssociationBlock, product: Product) -> str | None:
    """Return the final name of a product, None for one that keeps its PIPEFILE name.

    ``UV_PORD_200101A_BLUE437d2_2x2_110330.063.fits`` for calibrations,
    ``UV_SFLX_<OBID>_<timestamp>_REDL860d2_2x2_08.fits`` for science.
    """
    part = arm_of(product.pro_catg)
    if not arm_of_part(part) or product.pro_catg.startswith(_INTERMEDIATE):
        return None
    family = product.pro_catg.removesuffix(f"_{part}")
    for row in CALIBRATIONS:
        if row.family == family:
            return _calibration_name(ab, row, read_header(product.path), part)
    for row in SCIENCE:
        if family.startswith(row.family):
            return f"{science_root(ab, read_header(product.path), row.code, part)}.fits"
    return None


def _calibration_name(ab: AssociationBlock, row: NameRow, header: Header, part: str) -> str | None:
    if ab.date is None:
        return None
    night = str(ab.date).replace("-", "")[2:]
    time = ab.name.timestamp.partition("T")[2].replace(":", "")
    setup = setup_code(header, part) if row.setup else part
    return "_".join(("UV", row.code, f"{night}{VERSION}", setup, binning_code(header), time)) + (
        ".fits"
    )


def science_root(ab: AssociationBlock, header: Header, code: str, part: str) -> str:
    """Return the name without suffix of a science file of an arm or a chip."""
    slit = slit_code(header, arm_of_part(part))
    setup = (setup_code(header, part), binning_code(header), slit)
    return "_".join(("UV", code, str(ab.obs_id), ab.name.timestamp, *setup))
