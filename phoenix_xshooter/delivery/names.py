"""Final file names: one row a product.

Codes of calibrations are those of ESO's list of product codes; the form of science names is that
of UVES, as those of X-shooter are not published:
``XS_SFLX_<OBID>_<timestamp>_UVB_1x2_5.0x11_NOD``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from phoenix.toolkit.headers import Header, read_header
from phoenix.toolkit.names import NameRow, calibration_name, legal
from phoenix.toolkit.names import science_root as root_of
from phoenix_xshooter.process import arm_of
from phoenix_xshooter.setups import binning_code, readout, slit_name

if TYPE_CHECKING:
    from phoenix.model.ab import AssociationBlock
    from phoenix.model.frames import Product

__all__ = ["CALIBRATIONS", "SCIENCE", "TELLURIC", "final_name", "science_root"]

PREFIX = "XS"

CALIBRATIONS: tuple[NameRow, ...] = (
    NameRow("MASTER_BIAS", "MBIA", setup=False),
    NameRow("MASTER_DARK", "MDRK", setup=False),
    NameRow("MASTER_FLAT_SLIT", "MFSL"),
    NameRow("ORDER_TAB_CENTR", "POCO"),
    NameRow("ORDER_TAB_EDGES_SLIT", "POES"),
    NameRow("ORDER_TAB_GUESS", "POGF"),
    NameRow("WAVE_TAB_GUESS", "PWTG", ours=True),
    NameRow("WAVE_TAB_2D", "PWT2", ours=True),
    NameRow("DISP_TAB", "PDSP", ours=True),
    NameRow("WAVE_MAP", "PWMS"),
    NameRow("SLIT_MAP", "PSMS", ours=True),
    NameRow("TILT_TAB_SLIT", "PTTS"),
    NameRow("RESPONSE_MERGE1D_SLIT", "PRSP", ours=True),
    NameRow("EFFICIENCY_SLIT", "PEFF", ours=True),
)

TELLURIC: tuple[NameRow, ...] = (
    NameRow("TELL_SLIT_FLUX_MERGE1D", "MTFX", ours=True),
    NameRow("TELL_SLIT_MERGE1D", "MTRD", ours=True),
)
"""Spectra of telluric standards, which are calibrations."""

SCIENCE: tuple[NameRow, ...] = (
    NameRow("SCI_SLIT_FLUX_IDP", "SIDP", ours=True),
    NameRow("SCI_SLIT_FLUX_MERGE1D", "SFM1", ours=True),
    NameRow("SCI_SLIT_FLUX_MERGE2D", "SF2D", ours=True),
    NameRow("SCI_SLIT_MERGE1D", "SRM1", ours=True),
    NameRow("SCI_SLIT_MERGE2D", "SR2D", ours=True),
    NameRow("SKY_SLIT_MERGE1D", "SSKY", ours=True),
)


MODES = {"NOD": "NOD", "STARE": "STARE", "OFFSET": "OFFS"}
"""Word of a raw type to that of a name: with an OB of ten digits a name has 68 characters at most,
as much as the standard takes; so the infrared array, which has no binning, tells none."""


def final_name(ab: AssociationBlock, product: Product) -> str | None:
    """Return the final name of a product, None for one that keeps its PIPEFILE name.

    ``XS_MFSL_200101A_100k1pthg_UVB_2x2_5.0x11_112430.128.fits`` for calibrations,
    ``XS_SFM1_<OBID>_<timestamp>_UVB_2x2_5.0x11_NOD.fits`` for science.
    """
    arm = arm_of(product.pro_catg)
    family = product.pro_catg.removesuffix(f"_{arm}")
    for row in (*CALIBRATIONS, *TELLURIC):
        if row.pro_catg == family:
            header = read_header(product.path)
            parts = (readout(header, arm), arm, binning_code(header, arm))
            slit = (legal(slit_name(header, arm)),) if row.setup else ()
            return calibration_name(PREFIX, ab, row.code, *filter(None, (*parts, *slit)))
    for row in SCIENCE:
        if row.pro_catg == family:
            return f"{science_root(ab, read_header(product.path), row.code, arm)}.fits"
    return None


def science_root(ab: AssociationBlock, header: Header, code: str, arm: str) -> str:
    """Return the name without suffix of a science file."""
    mode = next((short for word, short in MODES.items() if word in ab.raw_type), "")
    binning = "" if arm == "NIR" else binning_code(header, arm)
    return root_of(
        PREFIX, ab, code, *filter(None, (arm, binning, legal(slit_name(header, arm)), mode))
    )
