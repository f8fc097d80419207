"""What uves.oca must be told before it serves archive products: one row a change."""

from __future__ import annotations

from phoenix.model.rules import AddedSelects, RuleAdaptation

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
    )


ADAPTATIONS: tuple[RuleAdaptation, ...] = (*_rows("BLUE"), *_rows("RED"))
"""For uves 6.1.8."""
