"""Final file names: one row a product.

Codes of calibrations are those of the names in the log of a real cube; science names are those of
the archive: ``MU_SCBC_<OBID>_<timestamp>_WFM-NOAO-N_OBJ``, ``MU_SIMC_...`` its white light.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from phoenix.toolkit.headers import Header, read_header, text
from phoenix.toolkit.names import NameRow, calibration_name, legal
from phoenix.toolkit.names import science_root as root_of
from phoenix_muse.process import COMBINE

if TYPE_CHECKING:
    from phoenix.model.ab import AssociationBlock
    from phoenix.model.frames import Product

__all__ = ["CALIBRATIONS", "CUBE", "IMAGE", "final_name", "science_root"]

PREFIX = "MU"

CALIBRATIONS: tuple[NameRow, ...] = (
    NameRow("MASTER_BIAS", "MBIA", setup=False),
    NameRow("MASTER_DARK", "MDRK", setup=False, ours=True),
    NameRow("MASTER_FLAT", "MFLA"),
    NameRow("TRACE_TABLE", "PFTT"),
    NameRow("WAVECAL_TABLE", "PWCT"),
    NameRow("LSF_PROFILE", "PLSP", ours=True),
    NameRow("ILLUM", "MILL", ours=True),
    NameRow("TWILIGHT_CUBE", "MTWC"),
    NameRow("STD_RESPONSE", "MSDR"),
    NameRow("STD_TELLURIC", "MSDT"),
)
"""``setup``: whether the filter wheel is in the name, as in the log of 2015."""

CUBE, IMAGE = "SCB", "SIM"
"""Codes of cubes and of their images; the fourth letter says of what."""

_WHITE = "white"
_FILTER = re.compile(r"\(([^()]+)\)\Z")


def final_name(ab: AssociationBlock, product: Product) -> str | None:
    """Return the final name of a product, None for one that keeps its PIPEFILE name.

    ``MU_MFLA_150111A_WFM-NOAO-N_Blue_SCI1.0_104900.831.fits`` for calibrations,
    ``MU_SCBC_1134385_2015-01-12T00:54:04.379_WFM-NOAO-N_OBJ.fits`` for science.
    """
    for row in CALIBRATIONS:
        if row.pro_catg == product.pro_catg:
            header = read_header(product.path)
            parts = (
                legal(text(header, "ESO INS MODE")),
                legal(text(header, "ESO INS OPTI1 NAME")) if row.setup else "",
                legal(text(header, "ESO DET READ CURNAME")),
                _channel(header),
            )
            return calibration_name(PREFIX, ab, row.code, *filter(None, parts))
    if product.pro_catg == "DATACUBE_FINAL":
        return f"{science_root(ab, read_header(product.path), CUBE)}.fits"
    if product.pro_catg == "IMAGE_FOV":
        header = read_header(product.path)
        band = filter_of(header)
        more = "" if band == _WHITE else f"_{legal(band)}"
        return f"{science_root(ab, header, IMAGE)}{more}.fits"
    return None


def _channel(header: Header) -> str:
    """Return the channel of a file of one IFU, empty for one of all."""
    name = text(header, "EXTNAME")
    return name if name.startswith("CHAN") else ""


def filter_of(header: Header) -> str:
    """Return the filter of an image of the field: it stands behind the object in brackets."""
    found = _FILTER.search(text(header, "OBJECT"))
    return found[1] if found else _WHITE


def science_root(ab: AssociationBlock, header: Header, code: str) -> str:
    """Return the name without suffix of a cube or its image.

    The fourth letter of its code is C for an OB, S for one exposure and X for the sky. The S is
    ours: the archive has no cubes of single exposures among those that were seen.
    """
    is_sky = any(raw.tag == "SKY" for raw in ab.associated_raws)
    kind = "X" if is_sky else "C" if ab.recipe == COMBINE else "S"
    of = "SKY" if is_sky else "OBJ"
    return root_of(PREFIX, ab, f"{code}{kind}", legal(text(header, "ESO INS MODE")), of)
