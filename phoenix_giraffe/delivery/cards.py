"""The header cards of an IDP: values from headers and QC, comments from one table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phoenix.toolkit.headers import Header, text
from phoenix.toolkit.idpcards import COMMENTS as SHARED
from phoenix.toolkit.idpcards import commented, copied_cards, provenance_cards
from phoenix.toolkit.spectrumcards import UNCALIBRATED, origin, reduction, resolution
from phoenix_giraffe.setups import RESOLVING_POWER

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from phoenix.model.idp import Card, Value
    from phoenix.model.qc import Measurement
    from phoenix.toolkit.exposures import Exposures

__all__ = ["COMMENTS", "cards_of", "shared_cards"]

COMMENTS: Mapping[str, str] = {
    **SHARED,
    "APERTURE": "[deg] Angular fibre diameter",
    "FPS": "Position of the fibre in the slit",
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
    return commented(values, COMMENTS)


def shared_cards(
    header: Header, exposures: Exposures, qc: Iterable[Measurement]
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
    """
    nominal = RESOLVING_POWER.get(text(header, "ESO INS EXP MODE"))
    return (
        *cards_of(origin(header, exposures)),
        *provenance_cards(exposures),
        *cards_of(reduction(header, "MOS", UNCALIBRATED)),
        *cards_of(resolution(qc, nominal, decimals=8)),
        *cards_of({"SPEC_SYE": SYSTEMATIC_ERROR}),
        *copied_cards(header, COPIED),
    )
