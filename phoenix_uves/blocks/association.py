"""What uves.oca must be told before it serves archive products: one row a change."""

from __future__ import annotations

from phoenix.model.rules import AddedSelects, MadeProducts, RuleAdaptation
from phoenix_uves.process import SCIENCE_RECIPE, UVES_ECH, usual_products

__all__ = ["ADAPTATIONS"]

_ACTIONS = {"BLUE": "B", "RED": "R"}
_CHIPS = {"BLUE": ("BLUE",), "RED": ("REDL", "REDU")}
_GRATING = {"BLUE": "GRAT1", "RED": "GRAT2"}

_SAME_CHIP = """
    and inputFile.DET.WIN1.BINX==DET.WIN1.BINX
    and inputFile.DET.WIN1.BINY==DET.WIN1.BINY
    and inputFile.DET.CHIPS==DET.CHIPS"""
_SAME_SETTING = """
    and inputFile.INS.{0}.ID==INS.{0}.ID
    and inputFile.INS.{0}.WLEN==INS.{0}.WLEN"""


def _select(family: str, arm: str, *, setting: bool) -> str:
    where = _SAME_CHIP + (_SAME_SETTING.format(_GRATING[arm]) if setting else "")
    names = (f"{family}_{chip}" for chip in _CHIPS[arm])
    return "\n".join(
        "minRet = 0; maxRet = 1;\n"
        f'select file as {name} from calibFiles where DO.CATG == "{name}"{where};'
        for name in names
    )


_MAKERS = (
    ("UVES_MASTER_BIAS", "uves_cal_mbias", "BIAS"),
    ("UVES_MASTER_DARK", "uves_cal_mdark", "DARK"),
    ("UVES_CAL_PREDICT", "uves_cal_predict", "ARC_LAMP_FORM"),
    ("UVES_CAL_ORDERPOS", "uves_cal_orderpos", "ORDER_FLAT"),
    ("UVES_MASTER_FLAT", "uves_cal_mflat", "FLAT"),
    ("UVES_CAL_WAVECAL", "uves_cal_wavecal", "ARC_LAMP"),
    ("UVES_CAL_RESPONSE", "uves_cal_response", "STANDARD"),
    ("UVES_OBS_POINT", SCIENCE_RECIPE, "SCI_POINT"),
    ("UVES_OBS_SCIRED", SCIENCE_RECIPE, "SCIENCE"),
    ("UVES_OBS_EXTENDED", SCIENCE_RECIPE, "SCI_EXTND"),
    ("UVES_OBS_SLICER_SCIRED", SCIENCE_RECIPE, "SCI_SLICER"),
)
"""Action without the arm, today's recipe, and raw type without the arm."""


def _made(action: str, recipe: str, raw_type: str, arm: str) -> MadeProducts:
    row = UVES_ECH.recipe(recipe)
    names = usual_products(recipe, f"{raw_type}_{arm}")
    numbers = (row.sequence_number(name) if row else None for name in names)
    return MadeProducts(
        f"{action}_{_ACTIONS[arm]}",
        tuple((name, f"{no or 0:04d}.fits") for name, no in zip(names, numbers, strict=True)),
    )


def _rows(arm: str) -> tuple[RuleAdaptation, ...]:
    letter = _ACTIONS[arm]
    bias = _select("MASTER_BIAS", arm, setting=False)
    flat = _select("MASTER_FLAT", arm, setting=True)
    return (
        AddedSelects(f"UVES_CAL_PREDICT_{letter}", bias, "the recipe subtracts it"),
        AddedSelects(f"UVES_CAL_ORDERPOS_{letter}", bias, "the recipe subtracts it"),
        AddedSelects(f"UVES_CAL_WAVECAL_{letter}", f"{bias}\n{flat}", "the recipe uses both"),
        *(
            AddedSelects(
                f"UVES_OBS_{kind}_{letter}",
                _select("INSTR_RESPONSE_FINE", arm, setting=True),
                "without a master response that of the night calibrates the flux",
            )
            for kind in ("POINT", "SCIRED")
        ),
        *(_made(*row, arm) for row in _MAKERS),
    )


ADAPTATIONS: tuple[RuleAdaptation, ...] = (*_rows("BLUE"), *_rows("RED"))
"""For uves 6.1.8."""
