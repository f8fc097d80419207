"""Header cards that the IDPs of all instruments have: comments, provenance, QC."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

from phoenix.formats.fits.standard import CARD
from phoenix.model.idp import Card
from phoenix.model.plain import plain_ascii

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from phoenix.model.idp import Value
    from phoenix.model.qc import Measurement
    from phoenix.toolkit.exposures import Exposures
    from phoenix.toolkit.headers import Header

__all__ = [
    "COMMENTS",
    "commented",
    "copied_cards",
    "group_cards",
    "numbered_cards",
    "one_or_many",
    "provenance_cards",
    "qc_cards",
]

COMMENTS: Mapping[str, str] = {
    "OBJECT": "Target designation",
    "RA": "[deg] Spectroscopic target position (J2000)",
    "DEC": "[deg] Spectroscopic target position (J2000)",
    "RADESYS": "Coordinate frame",
    "EQUINOX": "[yr] Standard FK5",
    "ORIGIN": "European Southern Observatory",
    "TELESCOP": "ESO Telescope Name",
    "INSTRUME": "Instrument used",
    "DATE": "Date of the reduction (UT)",
    "DATE-OBS": "Start of observations (UT)",
    "MJD-OBS": "[d] Start of observations",
    "MJD-END": "[d] End of observations",
    "EXPTIME": "[s] Total integration time per pixel",
    "TEXPTIME": "[s] Total integration time of all exposures",
    "NCOMBINE": "No. of combined raw science data files",
    "PROG_ID": "ESO programme identification",
    "OBSTECH": "Technique for observation",
    "PROCSOFT": "Reduction software and line",
    "REFERENC": "Reference publication",
    "FLUXCAL": "Type of flux calibration",
    "FLUXERR": "[%] Uncertainty in flux scale",
    "EXT_OBJ": "TRUE if extended (not examined)",
    "CONTNORM": "TRUE if normalised to the continuum",
    "TOT_FLUX": "TRUE if all source flux is captured",
    "SPECSYS": "Reference frame for spectral coordinates",
    "WAVELMIN": "[nm] Minimum wavelength",
    "WAVELMAX": "[nm] Maximum wavelength",
    "SPEC_BIN": "[nm] Wavelength bin size",
    "SPEC_RES": "Spectral resolving power, of the arc",
    "SPEC_ERR": "[nm] Statistical error in spectral coordinate",
    "SPEC_SYE": "[nm] Systematic error in spectral coordinate",
    "LAMRMS": "[nm] RMS of the residuals of the wavel. solution",
    "LAMNLIN": "Number of arc lines used for the wavel. solution",
    "SNR": "Median signal to noise ratio per pixel",
    "QCFLAG": "Quality flags, 0 = good; first is bit 0",
    "GEOCORR": "[km/s] Geocentric RV correction (not applied)",
    "HELICORR": "[km/s] Heliocentric RV correction (not applied)",
    "BARYCORR": "[km/s] Barycentric RV correction (applied)",
    "VOCLASS": "VO Data Model",
    "VOPUB": "VO Publishing Authority",
    "TITLE": "Dataset title",
    "APERTURE": "[deg] Aperture",
    "TELAPSE": "[s] Total elapsed time",
    "TMID": "[d] MJD mid exposure",
    "SPEC_VAL": "[nm] Mean wavelength",
    "SPEC_BW": "[nm] Bandpass width = Wmax - Wmin",
}
"""Keyword to its comment, in the words of the standard; a plugin adds and replaces rows."""


_LINES = re.compile(r"[\t\n]")
"""What plain text keeps and no header may have."""


def commented(values: Mapping[str, Value], comments: Mapping[str, str]) -> tuple[Card, ...]:
    """Give every keyword its comment; texts are written as far as a header can hold them."""
    return tuple(
        Card(keyword, _as_headers_want(keyword, value), comments[keyword])
        for keyword, value in values.items()
    )


def copied_cards(header: Header, keywords: Iterable[str]) -> tuple[Card, ...]:
    """Take cards over from the header of a product, with their comments, where they are there.

    Names of persons have letters beyond ASCII: they are written without their accents. Numbers
    that are none stay away.
    """
    return tuple(
        Card(keyword, _as_headers_want(keyword, value), _plain_line(header.comment(keyword)))
        for keyword in keywords
        if isinstance(value := header.get(keyword), str | int | float) and _is_finite(value)
    )


def group_cards(header: Header, groups: tuple[str, ...]) -> tuple[Card, ...]:
    """Take over all cards whose keyword begins with one of these, as far as they can be written.

    Parameters
    ----------
    header : Header
        Of a product; what stands in it comes from outside.
    groups : tuple of str
        Beginnings of keywords; with the blank behind a whole word: ``"ESO INS "``.
    """
    return tuple(
        Card(keyword, value, _plain_line(comment))
        for keyword, value, comment in header.beginning(groups)
        if isinstance(value, str | int | float) and _is_writable(keyword, value)
    )


def _is_writable(keyword: str, value: str | float) -> bool:
    """Tell whether a card of 80 plain characters can hold it (SDP standard, 3.5 and 5.13)."""
    if not isinstance(value, str):
        return _is_finite(value)
    return value.isascii() and value.isprintable() and _length(value) <= _room(keyword)


def _is_finite(value: Value) -> bool:
    return not isinstance(value, float) or math.isfinite(value)


def _as_headers_want(keyword: str, value: Value) -> Value:
    """Return a text of outside in ASCII, in one line, and as long as the card has room."""
    if not isinstance(value, str):
        return value
    text = value if value.isascii() and value.isprintable() else _plain_line(value)
    while _length(text) > _room(keyword):
        text = text[:-1]
    return text


def _plain_line(text: str) -> str:
    return plain_ascii(_LINES.sub(" ", text))


def _length(text: str) -> int:
    """Characters of a text in its card, where a quote is two."""
    return len(text) + text.count("'")


def _room(keyword: str) -> int:
    return CARD - len(f"HIERARCH {keyword} = ''" if " " in keyword else "KEYWORD = ''")


def provenance_cards(exposures: Exposures) -> tuple[Card, ...]:
    """Give PROG_ID, OBIDi and PROVi: programmes, OBs and raw files (SDP standard, 5.1)."""
    return (
        *one_or_many("PROG_ID", "PROGID", exposures.programmes, COMMENTS["PROG_ID"]),
        *numbered_cards("OBID", exposures.blocks, "Observation block ID"),
        *numbered_cards("PROV", exposures.names, "Originating raw science file"),
    )


def one_or_many(keyword: str, root: str, values: Sequence[str], comment: str) -> tuple[Card, ...]:
    """Write one value, or MULTI and the values one by one (SDP standard, 5.1)."""
    if len(values) == 1:
        return (Card(keyword, _as_headers_want(keyword, values[0]), comment),)
    return (Card(keyword, "MULTI", comment), *numbered_cards(root, values, comment))


def numbered_cards(root: str, values: Sequence[Value], comment: str) -> tuple[Card, ...]:
    """Write ``PROV1``, ``PROV2`` and so on."""
    return tuple(
        Card(f"{root}{i}", _as_headers_want(root, value), comment)
        for i, value in enumerate(values, 1)
    )


def qc_cards(qc: Iterable[Measurement]) -> dict[int, tuple[Card, ...]]:
    """Give ESO QC cards by element; 0 are those of the AB that no element has its own of."""
    rows = [row for row in qc if row.value is not None]
    of_elements = {row.parameter for row in rows if row.element}
    cards: dict[int, list[Card]] = {}
    for row in rows:
        if row.element or row.parameter not in of_elements:
            keyword = f"ESO QC {row.parameter.replace('_', ' ')}"
            cards.setdefault(row.element, []).append(Card(keyword, _rounded(row.value)))
    return {element: tuple(found) for element, found in cards.items()}


def _rounded(value: Value | None) -> Value:
    """Eight significant digits: more is noise, and cards stay short."""
    return float(f"{value:.8g}") if isinstance(value, float) else value or 0
