"""What xshoo.oca must be told before it serves archive products: one row a change.

The shipped rules are those of the physical model of the instrument; what the polynomial mode needs
instead stands there as comments. No rule knows the response that the night itself makes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from phoenix.model.rules import AddedSelects, MadeProducts, SelectLimits
from phoenix_xshooter.process import (
    ARMS,
    NOD,
    OFFSET,
    RESPONSE,
    RESPONSE_NOD,
    RESPONSE_OFFSET,
    RESPONSE_STARE,
    STARE,
    XSHOOTER_ECH,
    usual_products,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from phoenix.model.rules import RuleAdaptation

__all__ = ["ADAPTATIONS", "OWN_SELECTS"]

_SLIT_WHEEL = {"UVB": "OPTI3", "VIS": "OPTI4", "NIR": "OPTI5"}

_SAME_BINNING = """
    and inputFile.DET.READ.CLOCK==DET.READ.CLOCK
    and inputFile.DET.WIN1.BINX==DET.WIN1.BINX
    and inputFile.DET.WIN1.BINY==DET.WIN1.BINY"""
_SAME_SLIT = "\n    and inputFile.INS.{0}.NAME==INS.{0}.NAME"

MAKERS = (
    ("MBIAS", "xsh_mbias", "BIAS"),
    ("MDARK", "xsh_mdark", "DARK"),
    ("PREDICT", "xsh_predict", "FMTCHK"),
    ("ORDERPOS", "xsh_orderpos", "ORDERDEF"),
    ("MFLAT_SLIT", "xsh_mflat", "FLAT_SLIT"),
    ("2DMAP", "xsh_2dmap", "WAVE"),
    ("WAVECAL_SLIT", "xsh_wavecal", "ARC_SLIT"),
    ("RESPONSE_SLIT_NOD", RESPONSE_NOD, "STD_FLUX_SLIT_NOD"),
    ("RESPONSE_SLIT_STARE", RESPONSE_STARE, "STD_FLUX_SLIT_STARE"),
    ("RESPONSE_SLIT_OFFSET", RESPONSE_OFFSET, "STD_FLUX_SLIT_OFFSET"),
    ("SCIRED_SLIT_NOD", NOD, "OBJECT_SLIT_NOD"),
    ("SCIRED_SLIT_STARE", STARE, "OBJECT_SLIT_STARE"),
    ("SCIRED_SLIT_OFFSET", OFFSET, "SCIENCE_SLIT_OFFSET"),
)
"""Action without the arm, its recipe, and raw type without the arm."""

POLYNOMIAL = {
    "PREDICT": ("THEO_TAB_SING",),
    "2DMAP": ("THEO_TAB_MULT", "WAVE_TAB_GUESS"),
    "WAVECAL_SLIT": ("WAVE_TAB_2D", "DISP_TAB", "THEO_TAB_SING"),
    **dict.fromkeys(
        (name for name, *_ in MAKERS if name.startswith(("RESPONSE", "SCIRED"))),
        ("WAVE_TAB_2D", "DISP_TAB"),
    ),
}
"""Action without the arm to what the polynomial mode needs, PRO.CATG without the arm."""

BINNED = ("MFLAT_SLIT", "RESPONSE_", "SCIRED_")
"""Beginnings of the actions whose frames may be binned, and whose calibrations must be alike."""

OWN_SELECTS = ("MASTER_BIAS", "MASTER_FLAT_SLIT", "ORDER_TAB_EDGES_SLIT")
"""Calibrations for which the rules forget to compare the binning."""


def _select(family: str, arm: str, where: str = "", least: int = 1) -> str:
    name = f"{family}_{arm}"
    return (
        f"minRet = {least}; maxRet = 1;\n"
        f'select file as {name} from calibFiles where PRO.CATG=="{name}"{where};'
    )


def _polynomial(action: str, arm: str) -> Iterator[RuleAdaptation]:
    """Yield the rows that turn an action from the physical model to polynomials."""
    families = POLYNOMIAL.get(action, ())
    if not families:
        return
    name = f"ACTION_{action}_{arm}"
    # The response of the near infrared has its own DISP_TAB; a second one does no harm.
    selects = "\n".join(_select(family, arm) for family in families)
    yield AddedSelects(name, selects, "polynomial mode: there is no optimised physical model")
    why = "the physical model takes the place of the polynomials where it is given"
    yield SelectLimits(name, f"XSH_MOD_CFG_TAB_{arm}", 0, 0, why)


def _alike(action: str, arm: str) -> Iterator[RuleAdaptation]:
    """Yield the rows by which a binned frame gets calibrations of the same binning."""
    name, slit = f"ACTION_{action}_{arm}", _SAME_SLIT.format(_SLIT_WHEEL[arm])
    why = "the rules compare READ.CLOCK but not the binning"
    if arm == "NIR" or not action.startswith(BINNED):
        return
    rows = [("MASTER_BIAS", "")]
    if action != "MFLAT_SLIT":
        rows += [("MASTER_FLAT_SLIT", slit), ("ORDER_TAB_EDGES_SLIT", slit)]
    for family, same_slit in rows:
        yield SelectLimits(name, f"{family}_{arm}", 0, 0, why)
        yield AddedSelects(name, _select(family, arm, _SAME_BINNING + same_slit), why)


def _unbinned(action: str, arm: str) -> Iterator[RuleAdaptation]:
    """Yield the rows of what is always unbinned, and serves frames of any binning."""
    name = f"ACTION_{action}_{arm}"
    if arm == "NIR" or action not in {"PREDICT", "ORDERPOS", "2DMAP", "WAVECAL_SLIT"}:
        return
    why = (
        "these frames are unbinned, and the overscan has their bias; a binned master would stop it"
    )
    yield SelectLimits(name, f"MASTER_BIAS_{arm}", 0, 0, why)
    if action == "2DMAP":
        why = "the edges of a binned flat serve: they are told in unbinned pixels"
        yield SelectLimits(name, f"ORDER_TAB_EDGES_SLIT_{arm}", 0, 0, why)
        yield AddedSelects(name, _select("ORDER_TAB_EDGES_SLIT", arm), why)


def _order_trace(action: str, arm: str) -> Iterator[RuleAdaptation]:
    """Yield the rows that choose the order definition with the deuterium lamp.

    Both lamps make an ORDER_TAB_CENTR_UVB; xsh_orderpos traces all twelve orders on that one.
    """
    if (action, arm) == ("MFLAT_SLIT", "UVB"):
        name = f"ACTION_{action}_{arm}"
        why = "of two order definitions that with the deuterium lamp, whatever lies nearer in time"
        yield SelectLimits(name, "ORDER_TAB_CENTR_UVB", 0, 0, why)
        yield AddedSelects(name, _select("ORDER_TAB_CENTR", arm, "\n    and INS.LAMP3.ST==T"), why)


def _night_response(action: str, arm: str) -> Iterator[RuleAdaptation]:
    if action.startswith("SCIRED"):
        yield AddedSelects(
            f"ACTION_{action}_{arm}",
            _select(RESPONSE, arm, least=0),
            "without a master response that of the night calibrates the flux",
        )


def _made(action: str, recipe: str, raw_type: str, arm: str) -> MadeProducts:
    row = XSHOOTER_ECH.recipe(recipe)
    names = usual_products(recipe, f"{raw_type}_{arm}")
    numbers = (row.sequence_number(name) if row else None for name in names)
    return MadeProducts(
        f"ACTION_{action}_{arm}",
        tuple((name, f"{no or 0:04d}.fits") for name, no in zip(names, numbers, strict=True)),
    )


def _rows(arm: str) -> Iterator[RuleAdaptation]:
    for action, recipe, raw_type in MAKERS:
        if (raw_type, arm) == ("BIAS", "NIR"):
            continue
        yield from _polynomial(action, arm)
        yield from _alike(action, arm)
        yield from _unbinned(action, arm)
        yield from _order_trace(action, arm)
        yield from _night_response(action, arm)
        yield _made(action, recipe, raw_type, arm)


ADAPTATIONS: tuple[RuleAdaptation, ...] = tuple(row for arm in ARMS for row in _rows(arm))
"""For xshoo 3.5.0."""
