"""The QC report of an AB: panels by raw type."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phoenix.toolkit.panels import listing
from phoenix_uves.process import SCIENCE_TAGS, STACK
from phoenix_uves.quality.table import PARAMETERS
from phoenix_uves.report.calib import (
    arc_panels,
    flat_panels,
    format_panels,
    frame_panels,
    order_panels,
    standard_panels,
)
from phoenix_uves.report.science import science_panels

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

PANELS: dict[str, Maker] = {
    "BIAS": frame_panels,
    "DARK": frame_panels,
    "ARC_LAMP_FORM": format_panels,
    "ORDER_FLAT": order_panels,
    "FLAT": flat_panels,
    "ARC_LAMP": arc_panels,
    "STANDARD": standard_panels,
    **dict.fromkeys((*SCIENCE_TAGS, STACK), science_panels),
}
"""Raw type without the arm to the function that makes its panels."""


def panels(
    ab: AssociationBlock, products: tuple[Product, ...], qc: tuple[Measurement, ...]
) -> Iterator[Panel]:
    """Yield the panels of a report: those of the raw type, and the QC parameters as a list."""
    kind = ab.raw_type.rpartition("_")[0]
    if kind in PANELS:
        yield from PANELS[kind](ab, products, qc)
    yield listing(qc, PARAMETERS)
