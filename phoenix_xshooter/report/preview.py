"""The QC report of an AB: panels by raw type."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phoenix.toolkit.panels import listing
from phoenix_xshooter.process import SCIENCE_KINDS, TELLURIC_KINDS, kind_of
from phoenix_xshooter.quality.table import PARAMETERS
from phoenix_xshooter.report.calib import (
    arc_panels,
    dark_panels,
    flat_panels,
    format_panels,
    order_panels,
    standard_panels,
    wave_panels,
)
from phoenix_xshooter.report.science import science_panels

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from phoenix.model.ab import AssociationBlock
    from phoenix.model.frames import Product
    from phoenix.model.panel import Panel
    from phoenix.model.qc import Measurement

    Maker = Callable[
        [AssociationBlock, tuple[Product, ...], tuple[Measurement, ...]], Iterator[Panel]
    ]

__all__ = ["PANELS", "panels"]

_STANDARDS = ("STD_FLUX_SLIT_NOD", "STD_FLUX_SLIT_STARE", "STD_FLUX_SLIT_OFFSET")

PANELS: dict[str, Maker] = {
    "BIAS": dark_panels,
    "DARK": dark_panels,
    "FMTCHK": format_panels,
    "ORDERDEF": order_panels,
    "FLAT_SLIT": flat_panels,
    "WAVE": wave_panels,
    "ARC_SLIT": arc_panels,
    **dict.fromkeys(_STANDARDS, standard_panels),
    **dict.fromkeys((*SCIENCE_KINDS, *TELLURIC_KINDS), science_panels),
}
"""Raw type without the arm to the function that makes its panels."""


def panels(
    ab: AssociationBlock, products: tuple[Product, ...], qc: tuple[Measurement, ...]
) -> Iterator[Panel]:
    """Yield the panels of a report: those of the raw type, and the QC parameters as a list."""
    kind = kind_of(ab.raw_type)
    if kind in PANELS:
        yield from PANELS[kind](ab, products, qc)
    yield listing(qc, PARAMETERS)
