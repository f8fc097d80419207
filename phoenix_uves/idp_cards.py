"""The header cards of an IDP: values from headers and QC, comments from one table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phoenix.model.idp import Card
from phoenix.toolkit.headers import Header, number, required_number, required_text, text
from phoenix.toolkit.idpcards import numbered_cards, one_or_many
from phoenix_uves.setups import nominal_resolution

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from phoenix.model.idp import Value
    from phoenix.model.qc import Measurement, QCValue
    from phoenix.toolkit.idpcards import Exposures
    from phoenix_uves.spectrum import Spectrum

__all__ = ["COMMENTS", "COPIED", "cards_of", "position", "primary_cards"]

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
    "FLUXERR": "[%] Uncertainty in flux scale (-2: unknown)",
    "EXT_OBJ": "TRUE if extended (not examined)",
    "CONTNORM": "TRUE if normalised to the continuum",
    "TOT_FLUX": "TRUE if all source flux is captured",
    "SPECSYS": "Reference frame for spectral coordinates",
    "WAVELMIN": "[nm] Minimum wavelength",
    "WAVELMAX": "[nm] Maximum wavelength",
    "SPEC_BIN": "[nm] Wavelength bin size (median)",
    "SPEC_RES": "Spectral resolving power, of the arc",
    "SPEC_ERR": "[nm] Statistical error in spectral coordinate",
    "SPEC_SYE": "[nm] Systematic error in spectral coordinate",
    "LAMRMS": "[nm] RMS of the residuals of the wavel. solution",
    "LAMNLIN": "Number of arc lines used for the wavel. solution",
    "SNR": "Median signal to noise ratio per pixel",
    "QCFLAG": "Quality flags, 0 = good; first is bit 0",
    "BARYCORR": "[km/s] Barycentric RV correction (applied)",
    "HELICORR": "[km/s] Heliocentric RV correction (not applied)",
    "ERRTYPE": "Where the errors come from",
    "VOCLASS": "VO Data Model",
    "VOPUB": "VO Publishing Authority",
    "TITLE": "Dataset title",
    "NELEM": "Number of pixels",
    "APERTURE": "[deg] Slit width",
    "TELAPSE": "[s] Total elapsed time",
    "TMID": "[d] MJD mid exposure",
    "SPEC_VAL": "[nm] Mean wavelength",
    "SPEC_BW": "[nm] Bandpass width = Wmax - Wmin",
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

UNKNOWN_FLUX_ERROR = -2.0
"""FLUXERR of the standard: the slit loses light that nobody has measured."""


def cards_of(values: Mapping[str, Value]) -> tuple[Card, ...]:
    """Give every keyword its comment."""
    return tuple(Card(keyword, value, COMMENTS[keyword]) for keyword, value in values.items())


def primary_cards(
    spectrum: Spectrum,
    arm: str,
    exposures: Exposures,
    qc: Iterable[Measurement],
    software: str,
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
    software : str
        PROCSOFT.
    """
    header = spectrum.header
    return (
        *cards_of(_origin(header, exposures)),
        *one_or_many("PROG_ID", "PROGID", exposures.programmes, COMMENTS["PROG_ID"]),
        *numbered_cards("OBID", exposures.blocks, "Observation block ID"),
        *numbered_cards("PROV", exposures.names, "Originating raw science file"),
        *cards_of(_calibration(spectrum, software)),
        *cards_of(_resolution(spectrum, arm, qc)),
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


def _calibration(spectrum: Spectrum, software: str) -> dict[str, Value]:
    calibrated = spectrum.flux is not None
    return {
        "OBSTECH": text(spectrum.header, "ESO PRO TECH") or "ECHELLE",
        "PROCSOFT": software,
        "REFERENC": "",
        "FLUXCAL": "ABSOLUTE" if calibrated else "UNCALIBRATED",
        "FLUXERR": UNKNOWN_FLUX_ERROR if calibrated else -1.0,
        # Nobody has looked at the targets.
        "EXT_OBJ": False,
        "CONTNORM": False,
        "TOT_FLUX": False,
        "ERRTYPE": "ESTIMATED" if spectrum.estimated else "PIPELINE",
    }


def _resolution(spectrum: Spectrum, arm: str, qc: Iterable[Measurement]) -> dict[str, Value]:
    known: dict[str, QCValue] = {"SPEC_RES": nominal_resolution(spectrum.header, arm)}
    known |= {row.parameter: row.value for row in qc if row.element == 0 and row.value is not None}
    values: dict[str, Value] = {}
    for name, decimals in (("SPEC_RES", 1), ("LAMRMS", 7)):
        if isinstance(value := known.get(name), int | float):
            values[name] = round(float(value), decimals)
    if isinstance(lines := known.get("LAMNLIN"), int) and lines > 0:
        values["LAMNLIN"] = lines
        if "LAMRMS" in values:
            values["SPEC_ERR"] = round(float(values["LAMRMS"]) / lines**0.5, 9)
    return values


def position(header: Header) -> dict[str, Value]:
    """Return what stands in both HDUs; OBJECT is the target, not the category of the product."""
    target = text(header, "ESO OBS TARG NAME") or required_text(header, "OBJECT")
    return {
        "OBJECT": target,
        "RA": required_number(header, "RA") % 360.0,
        "DEC": required_number(header, "DEC"),
    }
