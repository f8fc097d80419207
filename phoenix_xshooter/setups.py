"""What the header of a frame says of the setup: arm, slit, binning, codes for names."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING

from phoenix.toolkit.headers import integer, number, text
from phoenix.toolkit.names import legal
from phoenix_xshooter.process import BLOCKED, arm_of

if TYPE_CHECKING:
    from phoenix.toolkit.headers import Header

__all__ = [
    "DISPERSION",
    "RESOLVING_POWER",
    "SATURATION",
    "SLIT_WHEEL",
    "WIDE",
    "binning_code",
    "exposure_time",
    "nominal_resolution",
    "orders_of",
    "readout",
    "slit_name",
    "slit_width",
]

SLIT_WHEEL = {"UVB": "OPTI3", "VIS": "OPTI4", "NIR": "OPTI5"}
"""Arm to the part of the keyword of its slit, INS <part> NAME."""

ORDERS = {"UVB": 12, "VIS": 15, "NIR": 16}
"""Arm to the orders that the pipeline has hard-wired."""

BLOCKED_ORDERS = 14
"""Orders that the pipeline has hard-wired for slits with the filter that blocks the K band."""

DISPERSION = {"UVB": 0.02, "VIS": 0.02, "NIR": 0.06}
"""Arm to nm a pixel, of the middle order (X-shooter user manual)."""

SATURATION = {"UVB": 65000.0, "VIS": 65000.0, "NIR": 45000.0}
"""Arm to the ADU from which a raw pixel is saturated: the end of the converters of the CCDs, and
where the infrared array is full (ours)."""

WIDE = 4.5
"""Width in arcsec from which a slit loses no light: the slit 5.0x11 (ours)."""

RESOLVING_POWER = {
    "UVB": {0.5: 9700, 0.8: 6700, 1.0: 5400, 1.3: 4100, 1.6: 3200, 5.0: 1900},
    "VIS": {0.4: 18400, 0.7: 11400, 0.9: 8900, 1.2: 6500, 1.5: 5000, 5.0: 3200},
    "NIR": {0.4: 11600, 0.6: 8100, 0.9: 5600, 1.2: 4300, 1.5: 3500, 5.0: 2600},
}
"""Arm and slit width in arcsec to the resolving power: X-shooter user manual; those of 5.0 as the
recipes of xshoo 3.5.0 write them."""


def orders_of(raw_type: str) -> int:
    """Return how many orders the frames of a raw type have."""
    if f"_{BLOCKED}_" in raw_type:
        return BLOCKED_ORDERS
    return ORDERS[arm_of(raw_type)]


def slit_name(header: Header, arm: str) -> str:
    """Return ``1.0x11``, or empty."""
    return text(header, f"ESO INS {SLIT_WHEEL.get(arm, 'OPTI3')} NAME")


def slit_width(header: Header, arm: str) -> float | None:
    """Return the width of the slit in arcsec, None for a pinhole and for what is no width."""
    try:
        width = float(slit_name(header, arm).partition("x")[0])
    except ValueError:
        return None
    return width if 0.0 < width < inf else None


def nominal_resolution(header: Header, arm: str) -> float | None:
    """Return the resolving power that slit and arm usually have."""
    width = slit_width(header, arm)
    return None if width is None else float(RESOLVING_POWER[arm].get(width, 0)) or None


def exposure_time(header: Header, arm: str) -> float | None:
    """Return the seconds of an exposure: in the near infrared DIT times NDIT."""
    exptime = number(header, "EXPTIME")
    if arm != "NIR":
        return exptime
    dit, repeated = number(header, "ESO DET DIT"), number(header, "ESO DET NDIT")
    return dit * repeated if dit is not None and repeated else exptime


def binning_code(header: Header, arm: str) -> str:
    """Return ``1x2``; the infrared array has no binning."""
    if arm == "NIR":
        return "1x1"
    sizes = (integer(header, f"ESO DET WIN1 BIN{axis}") or 1 for axis in "XY")
    return "x".join(map(str, sizes))


def readout(header: Header, arm: str) -> str:
    """Return the mode of the read-out as a part of a name: ``100k1pthg``, or the DIT in NIR."""
    if arm == "NIR":
        dit = number(header, "ESO DET DIT")
        return "" if dit is None else legal(f"{dit:g}s")
    return legal(text(header, "ESO DET READ CLOCK").removesuffix(binning_code(header, arm)))
