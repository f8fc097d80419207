"""Checks of spectra: times, ranges and titles that follow from other keywords (SDP, 5.6)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phoenix.phase3.product import number_of, tables_of, text_of
from phoenix.phase3.report import Fault

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from phoenix.phase3.product import Product

__all__ = ["elapsed", "spec_bw", "spec_val", "spectral_error", "telapse", "title", "tmid"]

DAY = 86400.0
"""Seconds."""

TIMES = ("MJD-OBS", "MJD-END")
RANGE = ("WAVELMIN", "WAVELMAX")


def telapse(product: Product) -> Iterator[Fault]:
    """Check that TELAPSE is the time from MJD-OBS to MJD-END."""
    yield from _follows(product, "TELAPSE", 0.1, TIMES, lambda start, end: (end - start) * DAY)


def tmid(product: Product) -> Iterator[Fault]:
    """Check that TMID is in the middle of them."""
    yield from _follows(product, "TMID", 1e-4, TIMES, lambda start, end: (start + end) / 2)


def spec_val(product: Product) -> Iterator[Fault]:
    """Check that SPEC_VAL is in the middle of the range."""
    yield from _follows(product, "SPEC_VAL", 1e-3, RANGE, lambda low, high: (low + high) / 2)


def spec_bw(product: Product) -> Iterator[Fault]:
    """Check that SPEC_BW is its width."""
    yield from _follows(product, "SPEC_BW", 1e-3, RANGE, lambda low, high: high - low)


def _follows(
    product: Product,
    keyword: str,
    tolerance: float,
    sources: tuple[str, str],
    formula: Callable[[float, float], float],
) -> Iterator[Fault]:
    one, other = (number_of(product.primary, source) for source in sources)
    for hdu in tables_of(product):
        found = number_of(hdu.header, keyword)
        if found is None or one is None or other is None:
            continue
        expected = formula(one, other)
        if abs(found - expected) > tolerance:
            yield Fault(hdu.index, keyword, found, f"{expected:.8f} from {' and '.join(sources)}")


def elapsed(product: Product) -> Iterator[Fault]:
    """Check that TELAPSE is not below TEXPTIME."""
    total = number_of(product.primary, "TEXPTIME")
    for hdu in tables_of(product):
        found = number_of(hdu.header, "TELAPSE")
        if found is not None and total is not None and found < total - 0.1:
            yield Fault(hdu.index, "TELAPSE", found, f"at least TEXPTIME = {total}")


def title(product: Product) -> Iterator[Fault]:
    """Check that TITLE names OBJECT."""
    target = text_of(product.primary, "OBJECT")
    for hdu in tables_of(product):
        found = text_of(hdu.header, "TITLE")
        if found and target not in found:
            yield Fault(hdu.index, "TITLE", found, f"a title with {target} in it")


def spectral_error(product: Product) -> Iterator[Fault]:
    """Check that SPEC_ERR is not below what LAMRMS and LAMNLIN give."""
    keys = ("SPEC_ERR", "LAMRMS", "LAMNLIN")
    error, rms, lines = (number_of(product.primary, key) for key in keys)
    if error is None or rms is None or lines is None or lines < 1:
        return
    least = rms / lines**0.5
    if error < 0.99 * least:
        yield Fault(0, "SPEC_ERR", error, f"at least LAMRMS / sqrt(LAMNLIN) = {least:.3g}")
