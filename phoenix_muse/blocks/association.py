"""What muse.oca must be told before it serves archive products: one row a change.

The shipped rules serve the telescope: cubes without sky subtraction, from pixel tables that lie
there as files. Here the AB of an exposure carries what its later steps will read, as a real one of
2015 does, and :mod:`phoenix_muse.blocks.cascade` makes the ABs of these steps.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from phoenix.model.rules import AddedRules, AddedSelects, SelectLimits

if TYPE_CHECKING:
    from phoenix.model.rules import RuleAdaptation

__all__ = ["ADAPTATIONS"]

_SCIBASIC = "muse_scibasic"
_CARRIED = "the AB of an exposure carries what its later steps read (real log of 2015)"

_SAME_MODE = " and inputFile.INS.MODE==INS.MODE"
_SAME_READ_OUT = f"{_SAME_MODE} and inputFile.DET.READ.CURID==DET.READ.CURID"
_SAME_FIELD = " and inputFile.INS.OPTI2.NAME==INS.OPTI2.NAME"

LATER = (
    ("EXTINCT_TABLE", ""),
    ("SKY_LINES", ""),
    ("FILTER_LIST", ""),
    ("STD_FLUX_TABLE", ""),
    ("LSF_PROFILE", _SAME_READ_OUT),
    ("STD_RESPONSE", _SAME_MODE),
    ("STD_TELLURIC", _SAME_MODE),
    ("ASTROMETRY_WCS", _SAME_FIELD),
)
"""PRO.CATG of what later steps read, and what it must have in common with the exposure."""


def _select(pro_catg: str, alike: str) -> str:
    return (
        "minRet = 0; maxRet = 1;\n"
        f'select file as {pro_catg} from calibFiles where PRO.CATG=="{pro_catg}"'
        f" and inputFile.INSTRUME==INSTRUME{alike};"
    )


SKIES = """
select execute(muse_scibasic) from inputFiles where SIG.FRAME == 1 and DO.CATG == "SKY";
"""

ADAPTATIONS: tuple[RuleAdaptation, ...] = (
    AddedRules(SKIES, "in the shipped rules no action takes the exposures of the sky"),
    AddedSelects(_SCIBASIC, "\n".join(_select(*row) for row in LATER), _CARRIED),
    SelectLimits(
        "muse_lsf", "MASTER_FLAT", 0, 1, "the recipe takes it, and line profiles are better for it"
    ),
)
"""The rows."""
