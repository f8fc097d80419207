"""What a cube has from the exposures behind it: one number of the measurements of its parents."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from attrs import frozen

from phoenix.model.qc import Measurement
from phoenix_muse.quality.keywords import REDUCTIONS
from phoenix_muse.quality.table import CARRIED

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from phoenix.model.qc import QCValue

__all__ = [
    "Parent",
    "carried",
    "exposures_of",
    "faults_before",
    "measure_times",
    "of_alignment",
    "sky_resolution_of",
    "templates_of",
    "total",
]

_SAME_TEMPLATE = 1.0 / 86400.0  # days within which two begins of a template are one


@frozen
class Parent:
    """A parent AB and what was measured of the whole of it."""

    name: str
    values: Mapping[str, QCValue]

    def number(self, parameter: str) -> float | None:
        """Return a number, None where none was measured."""
        value = self.values.get(parameter)
        return float(value) if isinstance(value, int | float) else None


def _parents(parents_qc: Mapping[str, tuple[Measurement, ...]]) -> Iterator[Parent]:
    for name, rows in sorted(parents_qc.items()):
        yield Parent(name, {row.parameter: row.value for row in rows if row.element == 0})


def exposures_of(parents_qc: Mapping[str, tuple[Measurement, ...]]) -> tuple[Parent, ...]:
    """Return the parents that are exposures of the target, or cubes of one, in order of time."""
    return tuple(parent for parent in _parents(parents_qc) if parent.number("IS_OBJ") is not None)


def of_alignment(parents_qc: Mapping[str, tuple[Measurement, ...]]) -> Parent | None:
    """Return the parent that aligned the exposures."""
    aligned = (row for row in _parents(parents_qc) if "ALIGN_NOMATCH" in row.values)
    return next(aligned, None)


def faults_before(parents_qc: Mapping[str, tuple[Measurement, ...]]) -> int:
    """Count what could not be fitted of the sky before it was taken off."""
    found = (one.number("SKY_FAULTS") for one in _parents(parents_qc))
    return int(sum(value for value in found if value is not None))


def carried(exposures: tuple[Parent, ...]) -> Iterator[Measurement]:
    """Carry the rows of :data:`~phoenix_muse.quality.table.CARRIED` on."""
    for parameter, how in CARRIED:
        known = [value for one in exposures if (value := one.number(parameter)) is not None]
        yield Measurement(parameter, float(REDUCTIONS[how](known)) if known else None)


def total(exposures: tuple[Parent, ...], parameter: str) -> float | None:
    """Sum of a parameter over exposures, None where one of them does not know it."""
    values = [one.number(parameter) for one in exposures]
    known = [value for value in values if value is not None]
    return sum(known) if known and len(known) == len(values) else None


def measure_times(exposures: tuple[Parent, ...], field: int) -> Iterator[Measurement]:
    """Measure begin, end and exposure time of a cube.

    The exposure time of the mean pixel is that of all exposures, less what they do not overlap:
    each counts by its field over that of the cube. Of a cube of one exposure it is the whole.

    Parameters
    ----------
    exposures : tuple of Parent
        Those in the cube.
    field : int
        Spaxels of the cube that have light.
    """
    whole = total(exposures, "EXPTIME")
    begins = [value for one in exposures if (value := one.number("MJD_BEGIN")) is not None]
    ends = [value for one in exposures if (value := one.number("MJD_END")) is not None]
    yield Measurement("TEXPTIME", whole)
    yield Measurement("EXPTIME", _mean_time(exposures, field, whole))
    yield Measurement("MJD_BEGIN", min(begins, default=None))
    yield Measurement("MJD_END", max(ends, default=None))


def _mean_time(exposures: tuple[Parent, ...], field: int, whole: float | None) -> float | None:
    pairs = [(one.number("EXPTIME"), one.number("FIELD")) for one in exposures]
    if whole is None or len(exposures) == 1 or field <= 0:
        return whole
    known = [(time, size) for time, size in pairs if time is not None and size is not None]
    if len(known) < len(pairs):
        return whole
    return min(sum(time * size for time, size in known) / field, whole)


def sky_resolution_of(exposures: tuple[Parent, ...]) -> Iterator[Measurement]:
    """Weight the image quality of exposures by their time; the uncertainty spans their spread."""
    rows = [
        (one.number("SKY_RES"), one.number("SKY_RERR"), one.number("EXPTIME") or 0.0)
        for one in exposures
    ]
    known = [(a, b, t) for a, b, t in rows if a is not None and b is not None and t > 0]
    weight = sum(t for _, _, t in known)
    best = sum(a * t for a, _, t in known) / weight if known else None
    worst = math.sqrt(sum(b * b * t for _, b, t in known) / weight) if known else None
    yield Measurement("SKY_RES", best)
    yield Measurement("SKY_RERR", worst)
    flags = [one.number("SKY_RES_KNOWN") for one in exposures]
    yield Measurement("SKY_RES_KNOWN", int(all(flags)) if flags else None)


def templates_of(exposures: tuple[Parent, ...]) -> int:
    """Count the templates that exposures are of."""
    begins = sorted(value for one in exposures if (value := one.number("TPL_BEGIN")) is not None)
    fresh = [
        begin
        for before, begin in zip((-math.inf, *begins), begins, strict=False)
        if begin - before > _SAME_TEMPLATE
    ]
    return len(fresh)
