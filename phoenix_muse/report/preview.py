"""The QC report of an AB: panels by raw type."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import evolve

from phoenix.toolkit.panels import listing
from phoenix_muse.quality.table import ALIGNMENT, CUBES, EXPOSURES, PARAMETERS
from phoenix_muse.report.calib import (
    bias_panels,
    exposure_panels,
    flat_panels,
    sky_panels,
    standard_panels,
    twilight_panels,
    wave_panels,
)
from phoenix_muse.report.science import align_panels, cube_panels

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
    "BIAS": bias_panels,
    "DARK": bias_panels,
    "FLAT": flat_panels,
    "ARC": wave_panels,
    "ARC_LSF": wave_panels,
    "SKYFLAT": twilight_panels,
    **dict.fromkeys(EXPOSURES, exposure_panels),
    "PIXTABLE_STD": standard_panels,
    "PIXTABLE_SKY": sky_panels,
    ALIGNMENT: align_panels,
    **dict.fromkeys(CUBES, cube_panels),
}
"""Raw type to the function that makes its panels."""


def panels(
    ab: AssociationBlock, products: tuple[Product, ...], qc: tuple[Measurement, ...]
) -> Iterator[Panel]:
    """Yield the panels of a report: those of the raw type, and the QC parameters as a list."""
    if ab.raw_type in PANELS:
        yield from PANELS[ab.raw_type](ab, products, qc)
    yield evolve(listing(qc, PARAMETERS), wide=True)
