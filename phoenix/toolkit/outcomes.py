"""What a product of a finished recipe shows, for the rows of gates.

Each function takes an outcome and a PRO.CATG, and gives None without that product. With
``functools.partial`` it is the ``measure`` of a :class:`~phoenix.model.gate.Gate`.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from phoenix.model.gate import Gate
from phoenix.toolkit.files import raw_paths
from phoenix.toolkit.fits import read_image, read_rows
from phoenix.toolkit.headers import read_header, required_number
from phoenix.toolkit.rawframes import repeated_frames

if TYPE_CHECKING:
    from collections.abc import Callable

    from phoenix.model.gate import RecipeOutcome

__all__ = [
    "filled_gate",
    "filled_pixels",
    "finite_pixels",
    "keyword",
    "keyword_ratio",
    "lit_pixels",
    "repeats_gate",
]

_FEW_ROWS = 64  # every 64th row tells whether there is anything (ours)


def keyword(outcome: RecipeOutcome, pro_catg: str, key: str) -> float | None:
    """Return a number from the header of a product.

    Raises
    ------
    HeaderError
        If the product lacks the keyword: the recipe did not come to the end of its work.
    """
    product = outcome.product(pro_catg)
    return None if product is None else required_number(read_header(product.path), key)


def keyword_ratio(outcome: RecipeOutcome, pro_catg: str, part: str, whole: str) -> float | None:
    """Return one number from the header of a product over another, a count (at least 1).

    Raises
    ------
    HeaderError
        If the product lacks one of the keywords.
    """
    one, other = keyword(outcome, pro_catg, part), keyword(outcome, pro_catg, whole)
    return None if one is None or other is None else one / max(other, 1.0)


def finite_pixels(outcome: RecipeOutcome, pro_catg: str) -> float | None:
    """Return the part of the pixels of a product that are numbers."""
    product = outcome.product(pro_catg)
    return None if product is None else float(np.isfinite(read_image(product.path)).mean())


def lit_pixels(outcome: RecipeOutcome, pro_catg: str) -> float | None:
    """Return the part of the pixels of a product that are numbers and not zero."""
    product = outcome.product(pro_catg)
    if product is None:
        return None
    values = read_image(product.path)
    return float(np.mean(np.isfinite(values) & (values != 0)))


def filled_pixels(outcome: RecipeOutcome, pro_catg: str, hdu: int = 0) -> float | None:
    """Return the part of the pixels of a product that are numbers and not zero.

    Every 64th row is read. What a header tells was measured before the pixels were written: of a
    master of which only the header is left all keywords are good.
    """
    product = outcome.product(pro_catg)
    if product is None:
        return None
    values = read_rows(product.path, hdu, _FEW_ROWS)
    return float(np.mean(np.isfinite(values) & (values != 0)))


def filled_gate(measure: Callable[[RecipeOutcome], float | None], low: float = 0.5) -> Gate:
    """Return the gate for a master that has pixels, by a measure such as :func:`filled_pixels`.

    Parameters
    ----------
    measure : callable
        From an outcome to the part of its pixels, None where there is no such product.
    low : float
        Part below which it is empty (ours).
    """
    return Gate(
        "FILLED_PIXELS", measure, low, None,
        "part of the pixels of the master that are numbers and not zero: there is a header alone",
    )  # fmt: skip


def repeats_gate(hdu_of: Callable[[str], int]) -> Gate:
    """Return the gate for raw frames that are another one once more.

    Parameters
    ----------
    hdu_of : callable
        From a raw type to the number of the HDU to be compared.
    """
    return Gate(
        "REPEATED_FRAMES",
        partial(_repeats, hdu_of=hdu_of),
        None,
        0.0,
        "raw frames have the pixels of another one: the errors of their mean would be too small",
    )


def _repeats(outcome: RecipeOutcome, hdu_of: Callable[[str], int]) -> float:
    hdu = hdu_of(outcome.ab.raw_type)
    return float(repeated_frames(raw_paths(outcome.ab, outcome.frames), hdu))
