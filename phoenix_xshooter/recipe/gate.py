"""What a finished recipe must show, because xshoo ends many a wrong run with exit code 0.

The limits come from runs of xshoo 3.5.0 on good and bad input; what both gave stands behind each
row, and the limit between them (ours). Missing products (no response of a standard that is not in
the catalogue, no flux without the extinction, the joined flat of UVB) need no row here: an AB
predicts what it makes, and the core looks for it.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from phoenix.model.gate import Gate
from phoenix.toolkit.fits import read_image, read_table
from phoenix.toolkit.headers import number, read_header, required_number
from phoenix.toolkit.outcomes import (
    filled_gate,
    filled_pixels,
    finite_pixels,
    keyword,
    lit_pixels,
    repeats_gate,
)
from phoenix.toolkit.told import TOLD
from phoenix_xshooter.process import (
    RESPONSE,
    RESPONSE_RECIPES,
    SCIENCE_RECIPES,
    arm_of,
    spectrum_catg,
)
from phoenix_xshooter.recipe.shutter import frame_light, order_light
from phoenix_xshooter.setups import orders_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from phoenix.model.gate import RecipeOutcome
    from phoenix.model.recipe import Recipe

    Measure = Callable[[RecipeOutcome, str], float | None]

__all__ = ["GATES", "found_part", "gates_of", "missing_orders", "residual"]


def _of_arm(outcome: RecipeOutcome, family: str, measure: Measure) -> float | None:
    return measure(outcome, f"{family}_{arm_of(outcome.ab.raw_type)}")


def found_part(outcome: RecipeOutcome, pro_catg: str) -> float | None:
    """Return the arc lines that serve over those that were looked for.

    Whatever its name says, NLINE FOUND is the number of places at which a line was looked for
    (once an order and pinhole), and stays what it is when none is there; NLINE FOUND CLEAN of the
    tables of residuals counts those that were found and kept.
    """
    product = outcome.product(pro_catg)
    if product is None:
        return None
    header = read_header(product.path)
    wanted = required_number(header, "ESO QC NLINE FOUND")
    return required_number(header, "ESO QC NLINE FOUND CLEAN") / max(wanted, 1.0)


def missing_orders(outcome: RecipeOutcome, pro_catg: str) -> float | None:
    """Return how many of the orders of the arm an order table lacks."""
    product = outcome.product(pro_catg)
    if product is None:
        return None
    orders = len(next(iter(read_table(product.path).values()), ()))
    return float(orders_of(outcome.ab.raw_type) - orders)


def residual(outcome: RecipeOutcome, pro_catg: str) -> float | None:
    """Return the larger rms of a table of residuals in pixels, of both directions."""
    product = outcome.product(pro_catg)
    if product is None:
        return None
    header = read_header(product.path)
    values = (number(header, f"ESO QC POLY RES{axis}_RMS") for axis in "XY")
    known = [value for value in values if value is not None]
    return max(known) if known else None


def bright_level(outcome: RecipeOutcome, pro_catg: str) -> float | None:
    """Return the level of the brightest tenth of a frame.

    A flat is divided by a median that lies in the dark between the orders where it is binned:
    without scattered light that is noise around zero, and the flat comes out negative.
    """
    product = outcome.product(pro_catg)
    return None if product is None else float(np.nanpercentile(read_image(product.path), 90.0))


def positive_part(outcome: RecipeOutcome, pro_catg: str) -> float | None:
    """Return the part of a response that is a positive number."""
    product = outcome.product(pro_catg)
    if product is None:
        return None
    values = read_table(product.path)["RESPONSE"]
    return float(np.mean(np.isfinite(values) & (values > 0)))


def _primary(_raw_type: str) -> int:
    return 0


_REPEATS = repeats_gate(_primary)


def _of(family: str, measure: Measure) -> partial[float | None]:
    return partial(_of_arm, family=family, measure=measure)


def merged(outcome: RecipeOutcome, measure: Measure) -> float | None:
    """Measure the merged spectrum, of science or of a telluric standard."""
    return measure(outcome, spectrum_catg("SLIT_MERGE1D", outcome.ab.raw_type))


_FINITE = Gate(
    "FINITE",
    partial(merged, measure=finite_pixels),
    0.99,
    None,
    "part of the spectrum that are numbers",
)

GATES: dict[str, tuple[Gate, ...]] = {
    "xsh_mbias": (
        Gate(
            "BIAS_STRUCTURE",
            _of("MASTER_BIAS", partial(keyword, key="ESO QC MBIASRMS")),
            None,
            20.0,
            "ADU rms of the master (1.3 usual): a frame with light is among the biases",
        ),
        filled_gate(_of("MASTER_BIAS", filled_pixels)),
        _REPEATS,
    ),
    "xsh_mdark": (filled_gate(_of("MASTER_DARK", filled_pixels)), _REPEATS),
    "xsh_predict": (
        Gate(
            "LINES_FOUND",
            _of("FMTCHK_RESID_TAB_LINES_GFIT", found_part),
            0.5,
            None,
            "part of the lines looked for (0.8 usual): the lamp did not burn, or the format moved",
        ),
        Gate(
            "RESIDUAL",
            _of("FMTCHK_RESID_TAB_LINES_GFIT", residual),
            None,
            0.5,
            "px around the fitted format (0.005 usual)",
        ),
    ),
    "xsh_orderpos": (
        Gate(
            "ORDERS_MISSING",
            _of("ORDER_TAB_CENTR", missing_orders),
            None,
            0.0,
            "orders of the arm that were not traced: the lamp did not burn, or the format moved",
        ),
        Gate(
            "ORDER_RMS",
            _of("ORDER_TAB_CENTR", partial(keyword, key="ESO QC ORD ORDERPOS RESIDRMS")),
            None,
            1.0,
            "px around the fitted orders (0.007 to 0.3 usual)",
        ),
    ),
    "xsh_mflat": (
        # Of a small window the orders are a part.
        filled_gate(_of("MASTER_FLAT_SLIT", filled_pixels), 0.05),
        _REPEATS,
        Gate(
            "ORDERS_MISSING",
            _of("ORDER_TAB_EDGES_SLIT", missing_orders),
            None,
            0.0,
            "orders of the arm without edges: in UVB that of one lamp alone has eight or four",
        ),
        Gate(
            "FLAT_LEVEL",
            _of("MASTER_FLAT_SLIT", bright_level),
            0.0,
            None,
            "of the brightest tenth of the master: below zero it was divided by a negative median",
        ),
    ),
    "xsh_2dmap": (
        Gate(
            "LINES_FOUND",
            _of("WAVE_RESID_TAB_LINES", found_part),
            0.5,
            None,
            "part of the lines looked for (1 usual, 0.31 with a lamp of 0.3 %, exit code 0)",
        ),
        Gate(
            "RESIDUAL",
            _of("WAVE_RESID_TAB_LINES", residual),
            None,
            0.2,
            "px around the dispersion solution (0.006 usual)",
        ),
    ),
    **dict.fromkeys(
        RESPONSE_RECIPES,
        (
            *TOLD,
            _REPEATS,
            Gate(
                "RESPONSE_POSITIVE",
                _of(RESPONSE, positive_part),
                0.8,
                None,
                "part of the response above zero: the standard star was not on the slit, or star "
                "and sky have changed places",
            ),
        ),
    ),
    **dict.fromkeys(
        SCIENCE_RECIPES,
        (
            *TOLD,
            _REPEATS,
            Gate(
                "FRAME_LIGHT",
                frame_light,
                0.04,
                None,
                "is what neighbouring rows of a raw frame have in common: not even the lines of "
                "the night sky are there, the shutter stayed closed (0.65 and more usual, below "
                "0.025 in biases and darks)",
            ),
            Gate(
                "ORDER_LIGHT",
                order_light,
                4.0,
                None,
                "times its noise is the light of a raw frame of UVB where the flat has light: not "
                "even the sky is there, the shutter stayed closed (7 for a sky 27 times fainter "
                "than that of a dark night, -2 to 0 in biases)",
            ),
            _FINITE,
            Gate(
                "LIT_PIXELS",
                partial(merged, measure=lit_pixels),
                0.05,
                None,
                "part of the merged spectrum with counts: the extraction missed the orders, or "
                "every pixel is saturated (0.15 of a spectrum whose middle is)",
            ),
        ),
    ),
}
"""Recipe to its rows."""


def gates_of(recipe: Recipe) -> tuple[Gate, ...]:
    """Return what the products of a recipe must show."""
    return GATES.get(recipe.name, ())
