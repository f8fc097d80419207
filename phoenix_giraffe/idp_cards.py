"""The header cards of an IDP: values from headers and QC, comments from one table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phoenix.model.idp import Card
from phoenix.toolkit.headers import Header, number, required_text, text
from phoenix.toolkit.idpcards import Exposures, numbered_cards, one_or_many, qc_cards
from phoenix_giraffe.setups import RESOLVING_POWER

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from phoenix.model.idp import Value
    from phoenix.model.qc import Measurement, QCValue

__all__ = ["COMMENTS", "Exposures", "cards_of", "qc_cards", "shared_cards"]

COMMENTS = {
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
    "FPS": "Position of the fibre in the slit",
    "GEOCORR": "[km/s] Geocentric RV correction (not applied)",
    "HELICORR": "[km/s] Heliocentric RV correction (not applied)",
    "BARYCORR": "[km/s] Barycentric RV correction (applied)",
    "VOCLASS": "VO Data Model",
    "VOPUB": "VO Publishing Authority",
    "TITLE": "Dataset title",
    "APERTURE": "[deg] Angular fibre diameter",
    "TELAPSE": "[s] Total elapsed time",
    "TMID": "[d] MJD mid exposure",
    "SPEC_VAL": "[nm] Mean wavelength",
    "SPEC_BW": "[nm] Bandpass width = Wmax - Wmin",
}
"""Keyword to its comment, in the words of the standard and of giscience."""

COPIED = (
    "PI-COI",
    "OBSERVER",
    "ESO OBS ID",
    "ESO OBS NAME",
    "ESO OBS TARG NAME",
    "ESO INS SLIT NAME",
    "ESO INS EXP MODE",
    "ESO INS FILT NAME",
    "ESO INS GRAT NAME",
    "ESO INS GRAT WLEN",
    "ESO INS GRAT ORDER",
    "ESO INS TEMP1 VAL",
    "ESO DET CHIP1 ID",
    "ESO DET OUT1 CONAD",
    "ESO DET OUT1 RON",
    "ESO TEL AIRM START",
    "ESO TEL AIRM END",
    "ESO TEL AMBI FWHM START",
    "ESO TEL AMBI FWHM END",
    "ESO PRO REC1 ID",
    "ESO PRO REC1 DRS ID",
    "ESO PRO SLIT NFIBRES",
    "ESO PRO EXTR METHOD",
)
"""Keywords taken over from the product as they are."""

SYSTEMATIC_ERROR = 0.002
"""nm; what giscience 2.16.10 writes as SPEC_SYE into its SDP files."""


def cards_of(values: Mapping[str, Value]) -> tuple[Card, ...]:
    """Give every keyword its comment."""
    return tuple(Card(keyword, value, COMMENTS[keyword]) for keyword, value in values.items())


def shared_cards(
    header: Header, exposures: Exposures, qc: Iterable[Measurement], software: str
) -> tuple[Card, ...]:
    """Cards of the primary HDU that are the same for all fibres of a product.

    Parameters
    ----------
    header : Header
        Of SCIENCE_RBNSPECTRA.
    exposures : Exposures
        The raw files.
    qc : iterable of Measurement
        Of the AB: SPEC_RES, LAMRMS and LAMNLIN are looked for.
    software : str
        PROCSOFT.
    """
    return (
        *cards_of(_origin(header, exposures)),
        *one_or_many("PROG_ID", "PROGID", exposures.programmes, COMMENTS["PROG_ID"]),
        *numbered_cards("OBID", exposures.blocks, "Observation block ID"),
        *numbered_cards("PROV", exposures.names, "Originating raw science file"),
        *cards_of(_quality(header, qc, software)),
        *(
            Card(keyword, value, header.comment(keyword))
            for keyword in COPIED
            if isinstance(value := header.get(keyword), str | int | float)
        ),
    )


def _origin(header: Header, exposures: Exposures) -> dict[str, Value]:
    return {
        "ORIGIN": "ESO",
        "TELESCOP": required_text(header, "TELESCOP"),
        "INSTRUME": required_text(header, "INSTRUME"),
        "RADESYS": text(header, "RADECSYS") or text(header, "RADESYS") or "FK5",
        "EQUINOX": number(header, "EQUINOX") or 2000.0,
        "DATE": required_text(header, "DATE"),
        "DATE-OBS": required_text(header, "DATE-OBS"),
        "MJD-OBS": exposures.begin,
        "MJD-END": exposures.end,
        "EXPTIME": exposures.exptime,
        "TEXPTIME": exposures.exptime,
        "NCOMBINE": len(exposures.names),
    }


def _quality(header: Header, qc: Iterable[Measurement], software: str) -> dict[str, Value]:
    nominal = RESOLVING_POWER.get(text(header, "ESO INS EXP MODE"))
    known: dict[str, QCValue] = {"SPEC_RES": nominal}
    known |= {row.parameter: row.value for row in qc if row.element == 0 and row.value is not None}
    values: dict[str, Value] = {
        "OBSTECH": text(header, "ESO PRO TECH") or "MOS",
        "PROCSOFT": software,
        "REFERENC": "",
        "FLUXCAL": "UNCALIBRATED",
        "FLUXERR": -1.0,
        # What giscience says of Medusa fibres; nobody has looked at the targets.
        "EXT_OBJ": False,
        "CONTNORM": False,
        "TOT_FLUX": False,
    }
    for name, decimals in (("SPEC_RES", 1), ("LAMRMS", 7)):
        if isinstance(value := known.get(name), int | float):
            values[name] = round(float(value), decimals)
    if isinstance(lines := known.get("LAMNLIN"), int) and lines > 0:
        values["LAMNLIN"] = lines
        if "LAMRMS" in values:
            values["SPEC_ERR"] = round(float(values["LAMRMS"]) / lines**0.5, 8)
    return {**values, "SPEC_SYE": SYSTEMATIC_ERROR}
