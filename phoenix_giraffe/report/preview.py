"""The QC report of an AB: panels by raw type."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phoenix.toolkit.panels import listing
from phoenix_giraffe.quality.table import PARAMETERS
from phoenix_giraffe.report.calib import arc_panels, bias_panels, dark_panels, flat_panels
from phoenix_giraffe.report.science import science_panels

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from phoenix.model.ab import AssociationBlock
    from phoenix.model.frames import Product
    from phoenix.model.panel import Panel
    from phoenix.model.qc import Measurement

    Maker = Callable[[tuple[Product, ...], tuple[Measurement, ...]], Iterator[Panel]]

__all__ = ["PANELS", "panels"]

PANELS: dict[str, Maker] = {
    "BIAS": bias_panels,
    "DARK": dark_panels,
    "FIBER_FLAT": flat_panels,
    "ARC_SPECTRUM": arc_panels,
    "SCIENCE": science_panels,
}
"""Raw type to the function that makes its panels."""


def panels(
    ab: AssociationBlock, products: tuple[Product, ...], qc: tuple[Measurement, ...]
) -> Iterator[Panel]:
    """Yield the panels of a report: those of the raw type, and the QC parameters as a list."""
    if ab.raw_type in PANELS:
        yield from PANELS[ab.raw_type](products, qc)
    yield listing(qc, PARAMETERS)
