"""Checks of spectra: what the vectors hold (SDP, section 8)."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from phoenix.phase3.checks.check import Check
from phoenix.phase3.product import number_of
from phoenix.phase3.report import Fault, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

    from phoenix.phase3.product import Product

__all__ = ["CHECKS"]

SPECTRA = ("SCIENCE.SPECTRUM",)
NANOMETRES = {"nm": 1.0, "angstrom": 0.1, "Angstrom": 0.1, "um": 1000.0}


def _vector(product: Product, number: int) -> npt.NDArray[Any] | None:
    """Return the vector of spectral axis (0), flux (1) or error (2)."""
    column = product.main[number]
    return None if column is None else product.vectors.get(column.index)


def _name(product: Product, number: int, stem: str = "TTYPE") -> str:
    """Return the keyword that tells of spectral axis, flux or error: ``TTYPE5``."""
    column = product.main[number]
    return f"{stem}{number + 1 if column is None else column.index}"


def _spectral(product: Product) -> npt.NDArray[Any] | None:
    """Return the first vector if it can be compared with keywords: finite, two or more."""
    values = _vector(product, 0)
    if values is None or values.size < 2 or not np.isfinite(values).all():  # noqa: PLR2004 (a step needs two)
        return None
    return values


def _wave(product: Product) -> npt.NDArray[np.float64] | None:
    """Return the wavelengths in nm; None where the axis is another or its unit unknown."""
    values, column = _spectral(product), product.main[0]
    if values is None or column is None or column.name != "WAVE" or column.unit not in NANOMETRES:
        return None
    return values.astype(np.float64) * NANOMETRES[column.unit]


def _ascending(product: Product) -> Iterator[Fault]:
    values = _vector(product, 0)
    if values is None or values.size < 2:  # noqa: PLR2004 (a step needs two)
        return
    falls = np.flatnonzero(~(values[1:] > values[:-1]))
    if falls.size:
        place = int(falls[0])
        found = f"{values[place]} then {values[place + 1]} at element {place + 1}"
        yield Fault(product.table_index, _name(product, 0), found, "strictly increasing values")


def _finite(product: Product) -> Iterator[Fault]:
    for index, values in product.vectors.items():
        if values.dtype.kind == "f" and np.isinf(values).any():
            count = int(np.isinf(values).sum())
            yield Fault(
                product.table_index,
                f"TTYPE{index}",
                f"{count} infinite values",
                "finite values or NaN",
            )


def _quality(product: Product) -> Iterator[Fault]:
    for column in product.columns:
        if column.name != "QUAL":
            continue
        if column.code not in {"B", "I", "J", "K"}:
            yield Fault(
                product.table_index, f"TFORM{column.index}", column.code, "integers (B, I, J or K)"
            )
        elif (product.vectors.get(column.index, np.zeros(1)) < 0).any():
            yield Fault(
                product.table_index,
                f"TTYPE{column.index}",
                "negative values",
                "0 good, 1 bad, 2, 4, 8 ...",
            )


def _errors_positive(product: Product) -> Iterator[Fault]:
    values = _vector(product, 2)
    if values is not None and (values < 0).any():
        yield Fault(
            product.table_index,
            _name(product, 2),
            f"{int((values < 0).sum())} negative errors",
            "no negative error",
        )


def _some_error(product: Product) -> Iterator[Fault]:
    values = _vector(product, 2)
    if values is not None and values.size and not (values >= 0).any():
        found = "negative values" if np.isfinite(values).any() else "no finite value"
        yield Fault(product.table_index, _name(product, 2), found, "errors from 0 upwards")


def _some_flux(product: Product) -> Iterator[Fault]:
    values = _vector(product, 1)
    if values is not None and values.dtype.kind == "f" and not np.isfinite(values).any():
        yield Fault(product.table_index, _name(product, 1), "no finite value", "some flux")


def _limits(product: Product) -> Iterator[Fault]:
    values = _spectral(product)
    if values is None or product.table is None:
        return
    tolerance = float(np.diff(values).max()) / 2
    for stem, value in (("TDMIN", float(values[0])), ("TDMAX", float(values[-1]))):
        keyword = _name(product, 0, stem)
        found = number_of(product.table.header, keyword)
        if found is None:
            yield Fault(product.table.index, keyword, "nothing", value)
        elif abs(found - value) > abs(tolerance):
            yield Fault(product.table.index, keyword, found, value)


def _range(product: Product) -> Iterator[Fault]:
    wave = _wave(product)
    if wave is None:
        return
    tolerance = abs(float(np.diff(wave).max())) / 2
    low, high = number_of(product.primary, "WAVELMIN"), number_of(product.primary, "WAVELMAX")
    if low is not None and low < wave[0] - tolerance:
        yield Fault(0, "WAVELMIN", low, f"at least {wave[0]:.6g} nm, the first WAVE")
    if high is not None and high > wave[-1] + tolerance:
        yield Fault(0, "WAVELMAX", high, f"at most {wave[-1]:.6g} nm, the last WAVE")


def _bin(product: Product) -> Iterator[Fault]:
    wave, found = _wave(product), number_of(product.primary, "SPEC_BIN")
    if wave is None or found is None:
        return
    step = float(np.median(np.diff(wave)))
    if not step / 2 <= found <= step * 3 / 2:
        yield Fault(0, "SPEC_BIN", found, f"0.5 to 1.5 times the median step of {step:.4g} nm")


_row = partial(Check, categories=SPECTRA)
_warning = partial(_row, severity=Severity.WARNING)

CHECKS = (
    _row("ascending", "8.1", "the spectral coordinate increases strictly", _ascending),
    _row("infinite", "8.2", "no vector holds Inf", _finite),
    _row("quality", "8.2", "QUAL holds integers from 0", _quality),
    _row("limits", "8.1", "TDMIN1 and TDMAX1 are the ends of the spectral axis", _limits),
    _row("wavelength-range", "5.6", "WAVELMIN and WAVELMAX lie within the data", _range),
    _row("spectral-bin", "5.6", "SPEC_BIN is near the median step", _bin),
    _row("no-error", "8.2", "not all errors are NaN or negative", _some_error),
    _warning("negative-error", "8.2", "errors are not negative", _errors_positive),
    _warning("no-flux", "8.2", "there is some flux", _some_flux),
)
"""The checks of this module, in the order they are made."""
