"""Final file names: one row a product.

Science names are those of the archive: ``UV_SFLX_<OBID>_<timestamp>_RED564d1_1x1_08.fits``. The
form of all names is that of :mod:`phoenix.toolkit.names`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from phoenix.toolkit.headers import Header, read_header
from phoenix.toolkit.names import NameRow, calibration_name
from phoenix.toolkit.names import science_root as root_of
from phoenix_uves.process import STACK, arm_of
from phoenix_uves.setups import arm_of_part, binning_code, setup_code, slit_code

if TYPE_CHECKING:
    from phoenix.model.ab import AssociationBlock
    from phoenix.model.frames import Product

__all__ = ["CALIBRATIONS", "SCIENCE", "final_name", "science_root", "spectrum_root"]

PREFIX = "UV"

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
    NameRow("ERRORBAR_WCALIB_FF", "SE2D", ours=True),
    NameRow("WCALIB_FF", "SW2D", ours=True),
    NameRow("MERGED_SKY", "SSKY", ours=True),
    NameRow("ERRORBAR", "SERD", ours=True),
    NameRow("RED", "SRED"),
    NameRow(STACK, "SOBS", ours=True),
)
"""The first row whose family a category begins with counts."""

_INTERMEDIATE = ("RED_STD",)

_ARMS = {"BLUE": "BLU"}
"""What the archive calls an arm in the name of its spectrum; its chip is BLUE in names of 2-D
files, as REDL and REDU are."""


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
        if row.pro_catg == family:
            header = read_header(product.path)
            setup = setup_code(header, part) if row.setup else part
            return calibration_name(PREFIX, ab, row.code, setup, binning_code(header))
    for row in SCIENCE:
        if family.startswith(row.pro_catg):
            return f"{science_root(ab, read_header(product.path), row.code, part)}.fits"
    return None


def science_root(ab: AssociationBlock, header: Header, code: str, part: str) -> str:
    """Return the name without suffix of a science file of a chip."""
    slit = slit_code(header, arm_of_part(part))
    return root_of(PREFIX, ab, code, setup_code(header, part), binning_code(header), slit)


def spectrum_root(ab: AssociationBlock, header: Header, code: str, arm: str) -> str:
    """Return the name without suffix of the spectrum of an arm: ``..._BLU390d1_1x1_08``."""
    setup = _ARMS.get(arm, arm) + setup_code(header, arm).removeprefix(arm)
    return root_of(PREFIX, ab, code, setup, binning_code(header), slit_code(header, arm))
