"""What a finished recipe must show, because uves ends many a wrong run with exit code 0.

The limits come from runs of uves 6.1.8 on bad input, all of which ended with exit code 0; what
good and bad runs gave stands behind each row, and the limit between them (ours). Missing products
(a standard that is not in the table, no fit points, a science spectrum without flux) need no row
here: an AB predicts what it makes, and the core looks for it. Saturated flats and a missing
airmass are found before a recipe starts, see :mod:`phoenix_uves.recipe.fitness`.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from phoenix.model.gate import Gate
from phoenix.toolkit.fits import read_table
from phoenix.toolkit.headers import number, read_header, required_number
from phoenix.toolkit.outcomes import (
    filled_gate,
    filled_pixels,
    keyword,
    keyword_ratio,
    lit_pixels,
    repeats_gate,
)
from phoenix.toolkit.told import TOLD
from phoenix_uves.process import SCIENCE_TAGS, arm_of, chips_of
from phoenix_uves.recipe.fitness import RAW_CHIPS
from phoenix_uves.setups import nominal_resolution

if TYPE_CHECKING:
    from collections.abc import Callable

    from phoenix.model.gate import RecipeOutcome
    from phoenix.model.recipe import Recipe

    Measure = Callable[[RecipeOutcome, str], float | None]
    Worst = Callable[[list[float]], float]

__all__ = ["GATES", "gates_of", "lines_per_order", "of_chips"]


def of_chips(outcome: RecipeOutcome, family: str, measure: Measure, worst: Worst) -> float | None:
    """Measure the product of every chip and return the worst value: the largest or smallest.

    Parameters
    ----------
    family : str
        PRO.CATG without the chip.
    measure : callable
        From the outcome and a PRO.CATG to a number, None without that product.
    worst : callable
        max or min.
    """
    values = (measure(outcome, f"{family}_{chip}") for chip in chips_of(outcome.ab.raw_type))
    found = [value for value in values if value is not None]
    return worst(found) if found else None


def lines_per_order(outcome: RecipeOutcome, pro_catg: str) -> float | None:
    """Return the arc lines identified in each order."""
    product = outcome.product(pro_catg)
    if product is None:
        return None
    header = read_header(product.path)
    orders = required_number(header, "ESO QC ORDMAX") - required_number(header, "ESO QC ORDMIN")
    return required_number(header, "ESO QC NLINSEL") / (orders + 1)


def resolution(outcome: RecipeOutcome, pro_catg: str) -> float | None:
    """Return the resolving power over that of the slit width, None for an unknown slit."""
    product = outcome.product(pro_catg)
    if product is None:
        return None
    header = read_header(product.path)
    nominal = nominal_resolution(header, arm_of(outcome.ab.raw_type))
    measured = number(header, "ESO QC RESOLMED")
    return measured / nominal if nominal and measured is not None else None


def response_sign(outcome: RecipeOutcome, pro_catg: str) -> float | None:
    """Return the part of the response that is a positive number."""
    product = outcome.product(pro_catg)
    if product is None:
        return None
    values = read_table(product.path, 1)["response_smo"]
    return float(np.mean(np.isfinite(values) & (values > 0)))


def lit_spectrum(outcome: RecipeOutcome) -> float | None:
    """Return the part of a reduced spectrum that has counts, of the worst chip."""
    tag = next((tag for tag in SCIENCE_TAGS if outcome.ab.raw_type.startswith(tag)), "")
    return of_chips(outcome, f"RED_{tag}", lit_pixels, min)


def _first_chip(raw_type: str) -> int:
    (_, hdu), *_ = RAW_CHIPS[raw_type.rpartition("_")[2]]
    return hdu


_REPEATS = repeats_gate(_first_chip)


def _key(family: str, key: str, worst: Worst) -> partial[float | None]:
    return partial(of_chips, family=family, measure=partial(keyword, key=key), worst=worst)


def _ratio(family: str, part: str, whole: str) -> partial[float | None]:
    measure = partial(keyword_ratio, part=part, whole=whole)
    return partial(of_chips, family=family, measure=measure, worst=min)


def _of(family: str, measure: Measure) -> partial[float | None]:
    return partial(of_chips, family=family, measure=measure, worst=min)


GATES: dict[str, tuple[Gate, ...]] = {
    "uves_cal_mbias": (
        Gate(
            "BIAS_LEVEL",
            _key("MASTER_BIAS", "ESO PRO DATAMED", max),
            None,
            500.0,
            "ADU: a frame with light is among the biases (151 without, 1014 with a flat of five)",
        ),
        Gate(
            "BIAS_LEVEL_LOW",
            _key("MASTER_BIAS", "ESO PRO DATAMED", min),
            10.0,
            None,
            "ADU: no bias of a working detector",
        ),
        filled_gate(_of("MASTER_BIAS", filled_pixels)),
        _REPEATS,
    ),
    "uves_cal_mdark": (filled_gate(_of("MASTER_DARK", filled_pixels)), _REPEATS),
    "uves_cal_predict": (
        Gate(
            "LINES_FOUND",
            _ratio("LINE_GUESS_TAB", "ESO QC MODEL NLINSEL", "ESO QC MODEL NLINALL"),
            0.3,
            None,
            "part of the predicted lines (0.95 usual, 0.15 on a blank frame): the lamp did not "
            "burn, or the format moved",
        ),
        Gate(
            "DIFF_X",
            _key("LINE_GUESS_TAB", "ESO QC MODEL DIFFXRMS", max),
            None,
            3.0,
            "px along the dispersion, measured minus model (0.3 usual, 4.1 on a blank frame)",
        ),
        Gate(
            "DIFF_Y",
            _key("LINE_GUESS_TAB", "ESO QC MODEL DIFFYRMS", max),
            None,
            1.0,
            "px across the orders, measured minus model (0.15 usual, 3.0 for a format that moved)",
        ),
    ),
    "uves_cal_orderpos": (
        Gate(
            "ORDERS_FOUND",
            _ratio("ORDER_TABLE", "ESO QC ORD NDET", "ESO QC ORD NPRED"),
            0.8,
            1.5,
            "part of the predicted orders (1 usual, 0.1 on a blank frame): the lamp did not burn",
        ),
        Gate(
            "ORDER_RMS",
            _key("ORDER_TABLE", "ESO QC ORD RESIDRMS", max),
            None,
            1.0,
            "px around the fitted orders (0.02 usual, 6 on a blank frame)",
        ),
    ),
    "uves_cal_mflat": (
        filled_gate(_of("MASTER_FLAT", filled_pixels)),
        _REPEATS,
        Gate(
            "FLAT_LEVEL",
            _key("MASTER_FLAT", "ESO PRO DATAAVG", min),
            1.0,
            None,
            "ADU/s on the average (hundreds usual): the lamp did not burn",
        ),
    ),
    "uves_cal_wavecal": (
        Gate(
            "LINES_PER_ORDER",
            _of("LINE_TABLE", lines_per_order),
            10.0,
            None,
            "(47 usual, 5 with a wrong first guess): the dispersion solution is not that of "
            "the lamp",
        ),
        Gate(
            "RESIDUAL_RMS",
            _key("LINE_TABLE", "ESO QC LINE RESIDRMS PIX", max),
            None,
            0.2,
            "px around the dispersion solution (0.003 usual, 0.27 with a wrong first guess)",
        ),
        Gate(
            "RESOLUTION",
            _of("LINE_TABLE", resolution),
            0.5,
            2.0,
            "times the resolving power of the slit width: wrong lines, or out of focus",
        ),
    ),
    "uves_cal_response": (
        *TOLD,
        Gate(
            "RESPONSE_POSITIVE",
            _of("INSTR_RESPONSE_FINE", response_sign),
            0.8,
            None,
            "part of the response above zero: the standard star was not on the slit",
        ),
    ),
    "uves_obs_scired": (
        *TOLD,
        Gate(
            "LIT_PIXELS",
            lit_spectrum,
            0.5,
            None,
            "part of the merged spectrum with counts: the extraction missed the orders",
        ),
    ),
}
"""Recipe to its rows."""


def gates_of(recipe: Recipe) -> tuple[Gate, ...]:
    """Return what the products of a recipe must show."""
    return GATES.get(recipe.name, ())
