"""What a finished recipe must show, because uves ends many a wrong run with exit code 0.

The limits come from runs of uves 6.1.8 on bad input, all of which ended with exit code 0; what
good and bad runs gave stands behind each row. Missing products (a standard that is not in the
table, no fit points, a science spectrum without flux) need no row here: an AB predicts what it
makes, and the core looks for it. Saturated flats and a missing airmass are found before a recipe
starts, see :mod:`phoenix_uves.fitness`.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from phoenix.model.gate import Gate
from phoenix.toolkit.fits import read_image, read_table
from phoenix.toolkit.headers import number, read_header, required_number
from phoenix_uves.process import SCIENCE_TAGS, chips_of
from phoenix_uves.setups import nominal_resolution

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from phoenix.model.frames import Product
    from phoenix.model.gate import RecipeOutcome

__all__ = ["GATES", "keyword", "lines_per_order", "ratio"]


def keyword(outcome: RecipeOutcome, family: str, key: str, worst: str) -> float | None:
    """Return a number from the headers of the products of all chips, the largest or smallest.

    Raises
    ------
    HeaderError
        If a product lacks the keyword: the recipe did not come to the end of its work.
    """
    return _worst(
        (required_number(read_header(one.path), key) for one in _of_chips(outcome, family)), worst
    )


def ratio(outcome: RecipeOutcome, family: str, key: str, whole: str) -> float | None:
    """Return the smallest ratio of two keywords in the headers of the products of all chips."""
    headers = (read_header(one.path) for one in _of_chips(outcome, family))
    return _worst(
        (
            required_number(header, key) / max(required_number(header, whole), 1.0)
            for header in headers
        ),
        "min",
    )


def lines_per_order(outcome: RecipeOutcome) -> float | None:
    """Return the arc lines identified in each order, of the chip with the fewest."""
    return _worst(map(_lines_per_order, _of_chips(outcome, "LINE_TABLE")), "min")


def _lines_per_order(product: Product) -> float:
    header = read_header(product.path)
    orders = required_number(header, "ESO QC ORDMAX") - required_number(header, "ESO QC ORDMIN")
    return required_number(header, "ESO QC NLINSEL") / (orders + 1)


def resolution(outcome: RecipeOutcome) -> float | None:
    """Return the resolving power over that of the slit width, of the worst chip."""
    found = []
    for product in _of_chips(outcome, "LINE_TABLE"):
        header = read_header(product.path)
        arm = outcome.ab.raw_type.rpartition("_")[2]
        nominal = nominal_resolution(header, arm)
        measured = number(header, "ESO QC RESOLMED")
        if nominal and measured is not None:
            found.append(measured / nominal)
    return min(found, default=None)


def response_sign(outcome: RecipeOutcome) -> float | None:
    """Return the part of the response that is a positive number, of the worst chip."""
    return _worst(map(_positive, _of_chips(outcome, "INSTR_RESPONSE_FINE")), "min")


def _positive(product: Product) -> float:
    values = read_table(product.path, 1)["response_smo"]
    return float(np.mean(np.isfinite(values) & (values > 0)))


def lit_pixels(outcome: RecipeOutcome) -> float | None:
    """Return the part of a reduced spectrum that has counts, of the worst chip."""
    tag = next((tag for tag in SCIENCE_TAGS if outcome.ab.raw_type.startswith(tag)), "")
    found = _of_chips(outcome, f"RED_{tag}")
    return _worst((float(np.mean(_finite(product))) for product in found), "min")


def _finite(product: Product) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    values = read_image(product.path)
    return np.asarray(np.isfinite(values) & (values != 0))


def _of_chips(outcome: RecipeOutcome, family: str) -> Iterator[Product]:
    for chip in chips_of(outcome.ab.raw_type):
        product = outcome.product(f"{family}_{chip}")
        if product is not None:
            yield product


_CHOICES: dict[str, Callable[[list[float]], float]] = {"max": max, "min": min}


def _worst(values: Iterator[float], worst: str) -> float | None:
    found = list(values)
    return _CHOICES[worst](found) if found else None


_BIAS_LEVEL = partial(keyword, family="MASTER_BIAS", key="ESO PRO DATAMED")
_GUESS = partial(keyword, family="LINE_GUESS_TAB", worst="max")

GATES: dict[str, tuple[Gate, ...]] = {
    "uves_cal_mbias": (
        Gate(
            "BIAS_LEVEL",
            partial(_BIAS_LEVEL, worst="max"),
            None,
            500.0,
            "ADU: a frame with light is among the biases (151 without, 1014 with a flat of five)",
        ),
        Gate(
            "BIAS_LEVEL_LOW",
            partial(_BIAS_LEVEL, worst="min"),
            10.0,
            None,
            "ADU: no bias of a working detector",
        ),
    ),
    "uves_cal_predict": (
        Gate(
            "LINES_FOUND",
            partial(
                ratio,
                family="LINE_GUESS_TAB",
                key="ESO QC MODEL NLINSEL",
                whole="ESO QC MODEL NLINALL",
            ),
            0.3,
            None,
            "part of the predicted lines (0.95 usual, 0.15 on a blank frame): the lamp did not "
            "burn, or the format moved",
        ),
        Gate(
            "DIFF_X",
            partial(_GUESS, key="ESO QC MODEL DIFFXRMS"),
            None,
            3.0,
            "px along the dispersion, measured minus model (0.3 usual, 4.1 on a blank frame)",
        ),
        Gate(
            "DIFF_Y",
            partial(_GUESS, key="ESO QC MODEL DIFFYRMS"),
            None,
            1.0,
            "px across the orders, measured minus model (0.15 usual, 3.0 for a format that moved)",
        ),
    ),
    "uves_cal_orderpos": (
        Gate(
            "ORDERS_FOUND",
            partial(ratio, family="ORDER_TABLE", key="ESO QC ORD NDET", whole="ESO QC ORD NPRED"),
            0.8,
            1.5,
            "part of the predicted orders (1 usual, 0.1 on a blank frame): the lamp did not burn",
        ),
        Gate(
            "ORDER_RMS",
            partial(keyword, family="ORDER_TABLE", key="ESO QC ORD RESIDRMS", worst="max"),
            None,
            1.0,
            "px around the fitted orders (0.02 usual, 6 on a blank frame)",
        ),
    ),
    "uves_cal_mflat": (
        Gate(
            "FLAT_LEVEL",
            partial(keyword, family="MASTER_FLAT", key="ESO PRO DATAAVG", worst="min"),
            1.0,
            None,
            "ADU/s on the average (hundreds usual): the lamp did not burn",
        ),
    ),
    "uves_cal_wavecal": (
        Gate(
            "LINES_PER_ORDER",
            lines_per_order,
            10.0,
            None,
            "(47 usual, 5 with a wrong first guess): the dispersion solution is not that of "
            "the lamp",
        ),
        Gate(
            "RESIDUAL_RMS",
            partial(keyword, family="LINE_TABLE", key="ESO QC LINE RESIDRMS PIX", worst="max"),
            None,
            0.2,
            "px around the dispersion solution (0.003 usual, 0.27 with a wrong first guess)",
        ),
        Gate(
            "RESOLUTION",
            resolution,
            0.5,
            2.0,
            "times the resolving power of the slit width: wrong lines, or out of focus",
        ),
    ),
    "uves_cal_response": (
        Gate(
            "RESPONSE_POSITIVE",
            response_sign,
            0.8,
            None,
            "part of the response above zero: the standard star was not on the slit",
        ),
    ),
    "uves_obs_scired": (
        Gate(
            "LIT_PIXELS",
            lit_pixels,
            0.5,
            None,
            "part of the merged spectrum with counts: the extraction missed the orders",
        ),
    ),
}
"""Recipe to its rows."""
