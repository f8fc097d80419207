"""The QC report of an AB: panels by raw type."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phoenix.model.panel import Listing
from phoenix_uves.panels_calib import (
    arc_panels,
    flat_panels,
    format_panels,
    frame_panels,
    order_panels,
    standard_panels,
)
from phoenix_uves.panels_science import science_panels
from phoenix_uves.process import SCIENCE_TAGS, STACK
from phoenix_uves.qc import PARAMETERS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from phoenix.model.ab import AssociationBlock
    from phoenix.model.frames import Product
    from phoenix.model.panel import Panel
    from phoenix.model.qc import Measurement, QCValue

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
    yield listing(qc)


def listing(qc: tuple[Measurement, ...]) -> Listing:
    """List the declared QC parameters of the whole AB with their units."""
    units = {row.name: row.unit for row in PARAMETERS}
    rows = (
        (row.parameter, _text(row.value, units[row.parameter]))
        for row in qc
        if row.element == 0 and row.parameter in units
    )
    return Listing("QC parameters", tuple(rows))


def _text(value: QCValue, unit: str) -> str:
    if value is None:
        return "not measured"
    number = f"{value:.5g}" if isinstance(value, float) else str(value)
    return f"{number} {unit}".strip()
