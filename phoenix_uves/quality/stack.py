"""QC of stacks: the mean spectrum, and how the exposures agree."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phoenix.model.qc import Measurement
from phoenix.toolkit.files import find, raw_paths
from phoenix.toolkit.headers import number, read_header
from phoenix_uves.process import arm_of
from phoenix_uves.quality.science import measure_conditions, measure_merged
from phoenix_uves.spectrum import STACK_CORRECTION, read_stack

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from phoenix.model.ab import AssociationBlock
    from phoenix.model.frames import Product, SetOfFrames

__all__ = ["measure_stack"]

KEYS = (
    ("STACK_NEXP", "NEXP"),
    ("STACK_MISSING", "MISSING"),
    ("STACK_DEV", "DEV"),
    ("STACK_LOST", "LOST"),
)
"""QC parameter to the end of its keyword in OB_STACK_<arm>."""

INHERITED: tuple[tuple[str, bool], ...] = (
    ("SPEC_RES", False),
    ("SPEC_RES_RATIO", False),
    ("LAMRMS", True),
    ("LAMNLIN", False),
    ("STD_SLIT", False),
)
"""What all exposures have of the same calibrations, and whether the largest is the worst."""


def measure_stack(
    ab: AssociationBlock,
    frames: SetOfFrames,
    products: tuple[Product, ...],
    parents_qc: Mapping[str, tuple[Measurement, ...]],
) -> Iterator[Measurement]:
    """Measure the mean spectrum; what follows from calibrations is that of the worst exposure."""
    path = find(products, f"OB_STACK_{arm_of(ab.raw_type)}")
    yield from measure_merged(read_stack(path) if path else None)
    header = read_header(path) if path else {}
    for name, key in KEYS:
        yield Measurement(name, number(header, f"ESO QC STACK {key}"))
    yield Measurement("BARYCORR", number(header, STACK_CORRECTION))
    yield from measure_conditions([read_header(raw) for raw in raw_paths(ab, frames)])
    for name, largest in INHERITED:
        values = _of_parents(parents_qc, name)
        yield Measurement(name, (max if largest else min)(values, default=None))


def _of_parents(parents_qc: Mapping[str, tuple[Measurement, ...]], name: str) -> list[float]:
    rows = (row for rows in parents_qc.values() for row in rows)
    return [
        row.value
        for row in rows
        if row.parameter == name and row.element == 0 and isinstance(row.value, int | float)
    ]
