"""Units as ESO's Data Interface Control Document (chapter 8) writes them."""

from __future__ import annotations

import re
from functools import lru_cache

__all__ = ["is_unit"]

PREFIXED = ("m", "s", "g", "Hz", "eV", "J", "W", "Jy", "K", "pc", "V", "A", "N", "rad")
PREFIXES = ("", "f", "p", "n", "u", "m", "c", "d", "k", "M", "G", "T")
OTHERS = (
    "adu", "ADU", "angstrom", "Angstrom", "arcmin", "arcsec", "beam", "bin", "bit", "byte", "cd",
    "chan", "count", "ct", "d", "deg", "electron", "e-", "erg", "h", "lm", "lx", "mag", "mas",
    "micron", "min", "mol", "Pa", "ph", "photon", "pix", "pixel", "R", "sr", "Sun", "solMass",
    "voxel", "yr", "a", "%", "dex", "log", "hPa",
)  # fmt: skip

NAMES = "|".join(
    re.escape(name)
    for name in sorted(
        {*OTHERS, *(prefix + name for prefix in PREFIXES for name in PREFIXED)}, key=len
    )
)
POWER = r"(?:\*\*|\^)?(?:\([+-]?\d+(?:[./]\d+)?\)|[+-]?\d+)"
FACTOR = r"(?:10(?:\*\*|\^)(?:\([+-]?\d+\)|[+-]?\d+))"
ONE = rf"(?:{NAMES})(?:{POWER})?"
UNIT = re.compile(rf"(?:{FACTOR}[ .*]?)?\(?(?:1/)?{ONE}(?:[ ./*]+{ONE})*\)?")


@lru_cache(maxsize=1024)
def is_unit(text: str) -> bool:
    """Tell whether a text is a unit; an empty one means that there is none."""
    return not text.strip() or UNIT.fullmatch(text.strip()) is not None
