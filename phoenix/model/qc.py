"""QC parameters: declared quantities and their measured values."""

from __future__ import annotations

import math
import re

from attrs import frozen

from phoenix.errors import DataError

__all__ = ["Measurement", "QCParameter", "QCValue"]

QCValue = float | int | str | None
_NAME = re.compile(r"[A-Z][A-Z0-9_]*\Z", re.ASCII)


@frozen
class QCParameter:
    """A declared quantity: a column of the QC1 table, of the monitor and of the docs.

    Attributes
    ----------
    name : str
        Upper case with underscores, ``SNR``.
    unit : str
        As astropy.units reads it, empty for a plain number.
    meaning : str
        One line.
    raw_types : tuple of str
        The raw types for which it is measured; empty for all.
    per_element : bool
        True if it has one value per element of the product (fibre, order, IFU), not one per AB.
    """

    name: str
    unit: str
    meaning: str
    raw_types: tuple[str, ...] = ()
    per_element: bool = False

    def __attrs_post_init__(self) -> None:
        if _NAME.match(self.name) is None:
            raise DataError(f"QC parameter {self.name!r}: expected upper case like NUM_SAT")
        if not self.meaning:
            raise DataError(f"QC parameter {self.name}: expected a meaning, found none")


@frozen
class Measurement:
    """One value of a QC parameter.

    Attributes
    ----------
    parameter : str
        Name of the declared :class:`QCParameter`.
    value : float, int, str or None
        In the declared unit; None where it could not be measured (nan is refused).
    element : int
        Fibre, order or IFU number from 1; 0 for a value of the whole AB.
    """

    parameter: str
    value: QCValue
    element: int = 0

    def __attrs_post_init__(self) -> None:
        if isinstance(self.value, float) and not math.isfinite(self.value):
            raise DataError(
                f"{self.parameter}: found {self.value}, expected a finite number or None"
            )
