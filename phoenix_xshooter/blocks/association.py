"""What xshoo.oca must be told before it serves archive products: one row a change.

The shipped rules are those of the physical model of the instrument; what the polynomial mode needs
instead stands there as comments. No rule knows the response that the night itself makes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from phoenix.model.rules import AddedRules, AddedSelects, MadeProducts, SelectLimits
from phoenix_xshooter.process import (
    BLOCKED,
    NOD,
    OFFSET,
    RESPONSE,
    RESPONSE_NOD,
    RESPONSE_OFFSET,
    RESPONSE_STARE,
    STARE,
    THROUGH_SLITS,
    XSHOOTER_ECH,
    arm_of,
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
_UNBLOCKED = """
    and INS.OPTI5.NAME!="0.9x11JH" and INS.OPTI5.NAME!="0.6x11JH\""""
_BLOCKED = '\n    and INS.OPTI5.NAME like "%JH%"'
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


def _polynomial(action: str, ending: str) -> Iterator[RuleAdaptation]:
    """Yield the rows that turn an action from the physical model to polynomials."""
    families = POLYNOMIAL.get(action, ())
    if not families:
        return
    name, arm = f"ACTION_{action}_{ending}", arm_of(ending)
    # The response of the near infrared has its own DISP_TAB; a second one does no harm.
    selects = "\n".join(_select(family, arm) for family in families)
    yield AddedSelects(name, selects, "polynomial mode: there is no optimised physical model")
    why = "the physical model takes the place of the polynomials where it is given"
    yield SelectLimits(name, f"XSH_MOD_CFG_TAB_{arm}", 0, 0, why)


def _alike(action: str, arm: str) -> Iterator[RuleAdaptation]:
    """Yield the rows by which a binned frame gets calibrations of the same binning."""
    if arm_of(arm) == "NIR" or not action.startswith(BINNED):
        return
    name, slit = f"ACTION_{action}_{arm}", _SAME_SLIT.format(_SLIT_WHEEL[arm])
    why = "the rules compare READ.CLOCK but not the binning"
    rows = [("MASTER_BIAS", "")]
    if action != "MFLAT_SLIT":
        rows += [("MASTER_FLAT_SLIT", slit), ("ORDER_TAB_EDGES_SLIT", slit)]
    for family, same_slit in rows:
        yield SelectLimits(name, f"{family}_{arm}", 0, 0, why)
        yield AddedSelects(name, _select(family, arm, _SAME_BINNING + same_slit), why)


def _unbinned(action: str, arm: str) -> Iterator[RuleAdaptation]:
    """Yield the rows of what is always unbinned, and serves frames of any binning."""
    name = f"ACTION_{action}_{arm}"
    if arm_of(arm) == "NIR" or action not in {"PREDICT", "ORDERPOS", "2DMAP", "WAVECAL_SLIT"}:
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


def _night_response(action: str, ending: str) -> Iterator[RuleAdaptation]:
    """Yield the row that takes the response of the night.

    Flats are divided by their median over all orders, which are fewer behind the blocking filter:
    a response from this side of it is 18 % off on the other.
    """
    if action.startswith("SCIRED"):
        same_side = {"NIR": _UNBLOCKED, f"{BLOCKED}_NIR": _BLOCKED}.get(ending, "")
        yield AddedSelects(
            f"ACTION_{action}_{ending}",
            _select(RESPONSE, arm_of(ending), same_side, least=0),
            "without a master response that of the night calibrates the flux",
        )


def _blocked_edges(action: str, ending: str) -> Iterator[RuleAdaptation]:
    """Yield the rows that give an arc behind the blocking filter the edges of its own flat."""
    if (action, ending) == ("WAVECAL_SLIT", f"{BLOCKED}_NIR"):
        name = f"ACTION_{action}_{ending}"
        why = "the recipe wants the orders of the filter; the rule takes those of other slits"
        yield SelectLimits(name, "ORDER_TAB_EDGES_SLIT_NIR", 0, 0, why)
        same = _SAME_SLIT.format(_SLIT_WHEEL["NIR"])
        yield AddedSelects(name, _select("ORDER_TAB_EDGES_SLIT", "NIR", same), why)


def _made(action: str, recipe: str, raw_type: str) -> MadeProducts:
    row = XSHOOTER_ECH.recipe(recipe)
    names = usual_products(recipe, raw_type)
    numbers = (row.sequence_number(name) if row else None for name in names)
    return MadeProducts(
        action,
        tuple((name, f"{no or 0:04d}.fits") for name, no in zip(names, numbers, strict=True)),
    )


def _rows(ending: str) -> Iterator[RuleAdaptation]:
    have = {row.name for row in XSHOOTER_ECH.raw_types}
    for action, recipe, kind in MAKERS:
        if f"{kind}_{ending}" not in have:
            continue
        yield from _polynomial(action, ending)
        yield from _alike(action, ending)
        yield from _unbinned(action, ending)
        yield from _order_trace(action, ending)
        yield from _blocked_edges(action, ending)
        yield from _night_response(action, ending)
        yield _made(f"ACTION_{action}_{ending}", recipe, f"{kind}_{ending}")


BEHIND_THE_FILTER = """
if DPR.CATG like "%CALIB%" and DPR.TYPE like "%STD,FLUX%"
and DPR.TECH like "%ECHELLE,SLIT,NODDING%" and SEQ.ARM like "%NIR%"
and INS.OPTI5.NAME like "%JH%" then
{
  DO.CATG = "STD_FLUX_SLIT_NOD_NIR";
  RAW.TYPE = "STD_FLUX_SLIT_NOD_JH_NIR";
}
select execute(ACTION_SCIRED_SLIT_STARE_JH_NIR) from inputFiles
  where SIG.FRAME == 1 and RAW.TYPE == "STD_TELL_SLIT_STARE_JH_NIR";
"""

_SKY_BESIDE = """
if DPR.CATG like "%CALIB%" and DPR.TYPE like "%STD,SKY%"
and DPR.TECH like "%ECHELLE,SLIT,OFFSET%" and SEQ.ARM like "%{arm}%"
and TPL.ID like "%TelluricStdOffset%"{where} then
{{
  DO.CATG = "SKY_SLIT_{arm}";
  RAW.TYPE = "STD_TELL_SLIT_OFFSET_{ending}";
}}
"""

SKY_BESIDE_TELLURIC = "".join(
    _SKY_BESIDE.format(
        arm=arm_of(ending),
        ending=ending,
        where='\nand INS.OPTI5.NAME like "%JH%"' if ending.startswith(BLOCKED) else "",
    )
    for ending in THROUGH_SLITS
)

ADAPTATIONS: tuple[RuleAdaptation, ...] = (
    AddedRules(
        BEHIND_THE_FILTER,
        "the rules forget that a nodded standard may stand behind the filter of the K band, and "
        "give no action to a telluric one that stares",
    ),
    AddedRules(
        SKY_BESIDE_TELLURIC,
        "the rules take the sky beside a telluric standard for that of a flux standard (those of "
        "the IFU tell them apart by TPL.ID)",
    ),
    *(row for ending in THROUGH_SLITS for row in _rows(ending)),
)
"""For xshoo 3.5.0."""
