"""What giraf.oca must be told before it serves archive products: one row a change."""

from __future__ import annotations

from phoenix.model.rules import AddedSelects, RuleAdaptation, SelectLimits

__all__ = ["ADAPTATIONS"]

_GUESS = "a first month has no first guesses; the recipe starts from GRATING_DATA without them"
_APERTURE = (
    "FF_EXTSPECTRA is summed over the fitted profile: the mask of FF_LOC* is wider, 2 % flux"
)
_SIMCAL = "the SIMCAL correction needs the windows of its lines, where the lamp burnt"

_SAME_SETUP = """where DO.CATG == "{0}"
    and inputFile.INSTRUME==INSTRUME
    and inputFile.INS.SLIT.NAME==INS.SLIT.NAME
    and inputFile.INS.EXP.MODE==INS.EXP.MODE
    and inputFile.DET.CHIP1.ID==DET.CHIP1.ID
    and inputFile.DET.WIN1.BINX==DET.WIN1.BINX
    and inputFile.DET.WIN1.BINY==DET.WIN1.BINY
    and inputFile.DET.READ.CLOCK==DET.READ.CLOCK
    and inputFile.DET.READ.MODE==DET.READ.MODE
    and inputFile.DET.READ.SPEED==DET.READ.SPEED;"""


def _select(category: str, least: int) -> str:
    head = f"minRet = {least}; maxRet = 1;\nselect file as {category} from calibFiles "
    return head + _SAME_SETUP.format(category) + "\n"


_FITTED = _select("FF_PSFCENTROID", 1) + _select("FF_PSFWIDTH", 1)

_MASK = """minRet = 0; maxRet = 1;
select file as LINE_MASK from calibFiles where DO.CATG == "LINE_MASK"
    and inputFile.INS.LAMP5.ST == T
    and inputFile.INSTRUME==INSTRUME
    and inputFile.INS.SLIT.NAME==INS.SLIT.NAME
    and inputFile.INS.EXP.MODE==INS.EXP.MODE;
"""

_ATTACHED = """minRet = 0; maxRet = 9;
select file as SIMCAL_ARC_RASSOC from rawFiles where DO.CATG == "SIMCAL_ARC"
    and inputFile.OBS.ID==OBS.ID
    and inputFile.INS.EXP.MODE==INS.EXP.MODE;
"""

ADAPTATIONS: tuple[RuleAdaptation, ...] = (
    SelectLimits("gimasterflat", "FF_LOCCENTROID", 0, 1, _GUESS),
    SelectLimits("giwavecalibration", "DISPERSION_SOLUTION", 0, 1, _GUESS),
    SelectLimits("giscience", "FF_LOCCENTROID", 0, 0, _APERTURE),
    SelectLimits("giscience", "FF_LOCWIDTH", 0, 0, _APERTURE),
    AddedSelects("giscience", _FITTED, _APERTURE),
    AddedSelects(
        "giscience", _select("FF_EXTERRORS", 0), "with it the errors include those of the flat"
    ),
    AddedSelects("giscience", _MASK, _SIMCAL),
    AddedSelects("giscience", _ATTACHED, "QCFLAG tells whether attached SIMCAL arcs exist"),
)
"""For giraf 2.16.10."""
