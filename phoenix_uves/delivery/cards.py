"""The header cards of an IDP: values from headers and QC, comments from one table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import evolve

from phoenix.toolkit.headers import Header, number, required_number, required_text, text
from phoenix.toolkit.idpcards import COMMENTS as SHARED
from phoenix.toolkit.idpcards import (
    commented,
    copied_cards,
    group_cards,
    provenance_cards,
    qc_cards,
)
from phoenix.toolkit.spectrumcards import UNCALIBRATED, origin, reduction, resolution
from phoenix_uves.process import ARM_CHIPS
from phoenix_uves.setups import ARM_KEYS, nominal_resolution
from phoenix_uves.spectrum import STACK_CORRECTION, Spectrum

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from phoenix.model.idp import Card, Value
    from phoenix.model.qc import Measurement
    from phoenix.toolkit.exposures import Exposures

__all__ = ["COMMENTS", "cards_of", "position", "primary_cards"]

COMMENTS: Mapping[str, str] = {
    **SHARED,
    "FLUXERR": "[%] Uncertainty in flux scale (-2: unknown)",
    "SPEC_BIN": "[nm] Wavelength bin size (median)",
    "DISPELEM": "Dispersive element",
    "DETRON": "[e-] Read-out noise per output",
    "M_EPOCH": "T if exposures of several nights were combined",
    "PRODLVL": "Product level: 1 raw, 2 science grade, 3 advanced",
    "IS_FLUXD": "Flux is calibrated",
    "IS_IDP": "Product is an IDP",
    "IS_STACK": "Several exposures were combined",
    "ERRTYPE": "Where the errors come from",
    "APERTURE": "[deg] Slit width",
}
"""Keyword to its comment, in the words of the standard."""

GROUPS = (
    "ESO OBS ", "ESO TPL ", "ESO OCS ", "ESO INS ", "ESO DET ", "ESO TEL ", "ESO ADA ",
    "ESO PRO REC1 ",
)  # fmt: skip
"""Beginnings of keywords that are taken over from the product of the first chip as they are."""

ORDERS = "ESO QC ORD"
"""Beginning of the keywords that tell of one order of a chip."""

COPIED = ("PI-COI", "OBSERVER", "UTC", "LST", "PIPEFILE")
"""Keywords taken over likewise."""

DAY = 86400.0
"""Seconds."""

CALIBRATED: Mapping[str, Value] = {"FLUXCAL": "ABSOLUTE", "FLUXERR": -2.0}
"""What a calibrated spectrum says of its flux: the slit loses light that nobody has measured, so
the error is unknown (FLUXERR of the standard)."""


def cards_of(values: Mapping[str, Value]) -> tuple[Card, ...]:
    """Give every keyword its comment."""
    return commented(values, COMMENTS)


def primary_cards(
    spectrum: Spectrum, arm: str, exposures: Exposures, qc: tuple[Measurement, ...]
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
    qc : tuple of Measurement
        Of the AB; SPEC_RES, LAMRMS and LAMNLIN are looked for.
    """
    header = spectrum.header
    flux = UNCALIBRATED if spectrum.flux is None else CALIBRATED
    grating = text(header, f"ESO INS {ARM_KEYS[arm][0]} NAME")
    noise = number(header, "ESO DET OUT1 RON")
    measured = qc_cards(qc).get(0, ())
    known = {card.keyword for card in measured}
    return (
        *cards_of(origin(header, exposures)),
        *provenance_cards(exposures),
        *cards_of(reduction(header, "ECHELLE", flux)),
        *cards_of({"ERRTYPE": "ESTIMATED" if spectrum.estimated else "PIPELINE"}),
        *cards_of(resolution(qc, nominal_resolution(header, arm), decimals=9)),
        *cards_of(
            {
                **({"DISPELEM": grating} if grating else {}),
                **({} if noise is None else {"DETRON": noise}),
                "M_EPOCH": len(exposures.names) > 1 and exposures.elapsed > DAY,
                "PRODLVL": 2,
                "IS_FLUXD": "no" if spectrum.flux is None else "yes",
                "IS_IDP": "yes",
                "IS_STACK": "yes" if len(exposures.names) > 1 else "no",
            }
        ),
        *copied_cards(header, COPIED),
        *group_cards(header, GROUPS),
        *measured,
        *(card for card in _orders(spectrum, arm) if card.keyword not in known),
    )


def _orders(spectrum: Spectrum, arm: str) -> Iterator[Card]:
    """Yield what the pipeline measured in each order; the chip is named where there are two.

    The header of a stack is that of its first exposure: its orders are those of one of several.
    """
    if number(spectrum.header, STACK_CORRECTION) is not None:
        return
    for chip, header in zip(ARM_CHIPS[arm], spectrum.headers, strict=False):
        for card in group_cards(header, (ORDERS,)):
            if len(spectrum.headers) == 1:
                yield card
            else:
                yield evolve(card, keyword=card.keyword.replace("ESO QC ", f"ESO QC {chip} ", 1))


def position(header: Header) -> dict[str, Value]:
    """Return what stands in both HDUs; OBJECT is the target, not the category of the product."""
    target = text(header, "ESO OBS TARG NAME") or required_text(header, "OBJECT")
    return {
        "OBJECT": target,
        "RA": required_number(header, "RA") % 360.0,
        "DEC": required_number(header, "DEC"),
    }
