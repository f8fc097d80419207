"""What the header of a SCIENCE.SPECTRUM says, whatever instrument it is of: keywords and values.

Each function gives one group of keywords; a plugin puts the groups in order, adds its own and
gives all of them their comments (:func:`phoenix.toolkit.idpcards.commented`).
"""

from __future__ import annotations

from functools import cache
from importlib.metadata import version
from typing import TYPE_CHECKING

from phoenix.model.idp import Ancillary, Column
from phoenix.toolkit.headers import Header, number, required_text, text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    import numpy as np
    import numpy.typing as npt

    from phoenix.model.ab import AssociationBlock
    from phoenix.model.frames import Product
    from phoenix.model.idp import Value
    from phoenix.model.qc import Measurement, QCValue
    from phoenix.toolkit.exposures import Exposures

    ColumnRow = tuple[str, str, str, str]

__all__ = [
    "UNCALIBRATED",
    "columns_of",
    "logs",
    "origin",
    "reduction",
    "reports",
    "resolution",
    "software",
    "title",
    "virtual_observatory",
]

TITLE_LENGTH = 68
"""Characters of a string value (SDP standard, 3.5)."""

UNCALIBRATED: dict[str, Value] = {"FLUXCAL": "UNCALIBRATED", "FLUXERR": -1.0}
"""What a spectrum in counts says of its flux."""

# Keyword and decimals; more would be noise (ours).
_ROUNDED = (("SPEC_RES", 1), ("LAMRMS", 7))


def origin(header: Header, exposures: Exposures) -> dict[str, Value]:
    """Say who took the data, where and when.

    Parameters
    ----------
    header : Header
        Of the product.
    exposures : Exposures
        The raw files.

    Raises
    ------
    HeaderError
        If the header lacks what it must have.
    """
    return {
        "ORIGIN": "ESO",
        "TELESCOP": required_text(header, "TELESCOP"),
        "INSTRUME": required_text(header, "INSTRUME"),
        "RADESYS": text(header, "RADESYS") or text(header, "RADECSYS") or "FK5",
        "EQUINOX": number(header, "EQUINOX") or 2000.0,
        "DATE": required_text(header, "DATE"),
        "DATE-OBS": required_text(header, "DATE-OBS"),
        "MJD-OBS": exposures.begin,
        "MJD-END": exposures.end,
        "EXPTIME": exposures.exptime,
        "TEXPTIME": exposures.exptime,
        "NCOMBINE": len(exposures.names),
    }


def reduction(header: Header, technique: str, flux: Mapping[str, Value]) -> dict[str, Value]:
    """Say how the data were reduced, and what nobody has looked at.

    Parameters
    ----------
    header : Header
        Of the product.
    technique : str
        OBSTECH of a header without PRO TECH.
    flux : mapping
        FLUXCAL and FLUXERR.
    """
    return {
        "OBSTECH": text(header, "ESO PRO TECH") or technique,
        "PROCSOFT": software(header),
        "REFERENC": "",
        **flux,
        # Nobody has looked at the targets.
        "EXT_OBJ": False,
        "CONTNORM": False,
        "TOT_FLUX": False,
    }


def software(header: Header) -> str:
    """Name pipeline and line, ``giraf/2.16.10 phoenix/0.1.0``."""
    return f"{text(header, 'ESO PRO REC1 PIPE ID')} {_phoenix()}".strip()


@cache
def _phoenix() -> str:
    return f"phoenix/{version('phoenix-idp')}"


def resolution(
    qc: Iterable[Measurement], nominal: float | None, decimals: int
) -> dict[str, Value]:
    """Say what the arc tells of resolving power and wavelength scale.

    Parameters
    ----------
    qc : iterable of Measurement
        Of the AB: SPEC_RES, LAMRMS (nm) and LAMNLIN are looked for.
    nominal : float or None
        SPEC_RES where none was measured.
    decimals : int
        Of SPEC_ERR (nm), which is LAMRMS over the root of LAMNLIN.
    """
    known: dict[str, QCValue] = {"SPEC_RES": nominal}
    known |= {row.parameter: row.value for row in qc if row.element == 0 and row.value is not None}
    values: dict[str, Value] = {}
    for name, places in _ROUNDED:
        if isinstance(value := known.get(name), int | float):
            values[name] = round(float(value), places)
    if isinstance(lines := known.get("LAMNLIN"), int) and lines > 0:
        values["LAMNLIN"] = lines
        if "LAMRMS" in values:
            values["SPEC_ERR"] = round(float(values["LAMRMS"]) / lines**0.5, decimals)
    return values


def virtual_observatory() -> dict[str, Value]:
    """Say in the extension which data model its table follows, and who publishes it."""
    return {"VOCLASS": "SPECTRUM v2.0", "VOPUB": "ESO/SAF"}


def title(*words: str) -> str:
    """Return a TITLE of these words, as long as it may be."""
    return " ".join(words)[:TITLE_LENGTH]


def columns_of(
    rows: Sequence[ColumnRow], vectors: Sequence[npt.NDArray[np.generic]]
) -> tuple[Column, ...]:
    """Return columns from rows of (name, unit, utype, UCD) and their values."""
    return tuple(
        Column(name, vector, unit, utype, ucd)
        for (name, unit, utype, ucd), vector in zip(rows, vectors, strict=True)
    )


def reports(ab: AssociationBlock, products: Iterable[Product]) -> Iterator[Ancillary]:
    """Yield the QC report, known among the products by its suffix, as an ancillary."""
    found = [product.path for product in products if product.path.suffix == ".png"]
    for path in found[:1]:
        yield Ancillary(f"r.{ab.root}.png", "ANCILLARY.PREVIEW", path)


def logs(ab: AssociationBlock, products: Iterable[Product]) -> Iterator[Ancillary]:
    """Yield the log of the recipe, known among the products by its suffix, as a read-me.

    The archive has the logs of MUSE under this category and form of name.
    """
    found = [product.path for product in products if product.path.suffix == ".log"]
    for path in found[:1]:
        yield Ancillary(f"r.{ab.root}.log", "ANCILLARY.README", path)
