"""The header cards of an IDP: values from headers and QC, comments from one table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phoenix.toolkit.headers import Header, required_number, required_text, text
from phoenix.toolkit.idpcards import COMMENTS as SHARED
from phoenix.toolkit.idpcards import commented, copied_cards, provenance_cards
from phoenix.toolkit.spectrumcards import UNCALIBRATED, origin, reduction, resolution
from phoenix_uves.setups import nominal_resolution

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from phoenix.model.idp import Card, Value
    from phoenix.model.qc import Measurement
    from phoenix.toolkit.exposures import Exposures
    from phoenix_uves.spectrum import Spectrum

__all__ = ["COMMENTS", "COPIED", "cards_of", "position", "primary_cards"]

COMMENTS: Mapping[str, str] = {
    **SHARED,
    "FLUXERR": "[%] Uncertainty in flux scale (-2: unknown)",
    "SPEC_BIN": "[nm] Wavelength bin size (median)",
    "ERRTYPE": "Where the errors come from",
    "APERTURE": "[deg] Slit width",
}
"""Keyword to its comment, in the words of the standard."""

COPIED = (
    "PI-COI",
    "OBSERVER",
    "ESO OBS ID",
    "ESO OBS NAME",
    "ESO OBS TARG NAME",
    "ESO INS MODE",
    "ESO INS PATH",
    "ESO INS GRAT1 NAME",
    "ESO INS GRAT1 WLEN",
    "ESO INS GRAT2 NAME",
    "ESO INS GRAT2 WLEN",
    "ESO INS SLIT1 NAME",
    "ESO INS SLIT2 WID",
    "ESO INS SLIT2 LEN",
    "ESO INS SLIT3 WID",
    "ESO INS SLIT3 LEN",
    "ESO INS TEMP1 MEAN",
    "ESO INS TEMP2 MEAN",
    "ESO INS SENS26 MEAN",
    "ESO DET WIN1 BINX",
    "ESO DET WIN1 BINY",
    "ESO DET READ SPEED",
    "ESO TEL AIRM START",
    "ESO TEL AIRM END",
    "ESO TEL AMBI FWHM START",
    "ESO TEL AMBI FWHM END",
    "ESO PRO REC1 ID",
    "ESO PRO REC1 DRS ID",
    "ESO PRO REC1 PIPE ID",
)
"""Keywords taken over from the product as they are."""

CALIBRATED: Mapping[str, Value] = {"FLUXCAL": "ABSOLUTE", "FLUXERR": -2.0}
"""What a calibrated spectrum says of its flux: the slit loses light that nobody has measured, so
the error is unknown (FLUXERR of the standard)."""


def cards_of(values: Mapping[str, Value]) -> tuple[Card, ...]:
    """Give every keyword its comment."""
    return commented(values, COMMENTS)


def primary_cards(
    spectrum: Spectrum, arm: str, exposures: Exposures, qc: Iterable[Measurement]
) -> tuple[Card, ...]:
    """Cards of the primary HDU that follow from headers and QC.

    Parameters
    ----------
    spectrum : Spectrum
        As it will be written.
    arm : str
        BLUE or RED.
    exposures : Exposures
        The raw files.
    qc : iterable of Measurement
        Of the AB: SPEC_RES, LAMRMS and LAMNLIN are looked for.
    """
    header = spectrum.header
    flux = UNCALIBRATED if spectrum.flux is None else CALIBRATED
    return (
        *cards_of(origin(header, exposures)),
        *provenance_cards(exposures),
        *cards_of(reduction(header, "ECHELLE", flux)),
        *cards_of({"ERRTYPE": "ESTIMATED" if spectrum.estimated else "PIPELINE"}),
        *cards_of(resolution(qc, nominal_resolution(header, arm), decimals=9)),
        *copied_cards(header, COPIED),
    )


def position(header: Header) -> dict[str, Value]:
    """Return what stands in both HDUs; OBJECT is the target, not the category of the product."""
    target = text(header, "ESO OBS TARG NAME") or required_text(header, "OBJECT")
    return {
        "OBJECT": target,
        "RA": required_number(header, "RA") % 360.0,
        "DEC": required_number(header, "DEC"),
    }
