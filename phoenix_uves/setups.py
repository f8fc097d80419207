"""What the header of a frame says of the setup: arm, central wavelength, slit, codes for names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phoenix.toolkit.headers import integer, number, text
from phoenix.toolkit.names import legal
from phoenix_uves.process import ARM_CHIPS

if TYPE_CHECKING:
    from phoenix.toolkit.headers import Header

__all__ = [
    "ARM_KEYS",
    "RESOLVING_PRODUCT",
    "arm_of_part",
    "binning_code",
    "central_wavelength",
    "dichroic",
    "is_sliced",
    "nominal_resolution",
    "setup_code",
    "slit_code",
    "slit_width",
]

ARM_KEYS = {"BLUE": ("GRAT1", "SLIT2"), "RED": ("GRAT2", "SLIT3")}
"""Arm to the parts of the keywords of its grating and its slit."""

RESOLVING_PRODUCT = {"BLUE": 41400.0, "RED": 38700.0}
"""Arm to resolving power times slit width in arcsec (UVES user manual)."""

SLICER_WIDTHS = {"SLIC#1": 0.68, "SLIC#2": 0.44, "SLIC#3": 0.30}
"""Slicer to the width of its slices in arcsec (UVES user manual)."""


def arm_of_part(part: str) -> str:
    """Return the arm of an arm or a chip."""
    return next((arm for arm, chips in ARM_CHIPS.items() if part == arm or part in chips), "")


def central_wavelength(header: Header, arm: str) -> float | None:
    """Return the central wavelength of an arm in nm."""
    return number(header, f"ESO INS {ARM_KEYS[arm][0]} WLEN")


def is_sliced(header: Header) -> bool:
    """Whether an image slicer was in the beam."""
    return text(header, "ESO INS SLIT1 NAME").startswith("SLIC")


def slit_width(header: Header, arm: str) -> float | None:
    """Return the width of slit or slices in arcsec."""
    sliced = SLICER_WIDTHS.get(text(header, "ESO INS SLIT1 NAME"))
    return sliced or number(header, f"ESO INS {ARM_KEYS[arm][1]} WID")


def nominal_resolution(header: Header, arm: str) -> float | None:
    """Return the resolving power that slit and arm usually have."""
    width = slit_width(header, arm)
    return RESOLVING_PRODUCT[arm] / width if width else None


def dichroic(header: Header) -> str:
    """Return ``d1`` or ``d2``, empty for an arm alone."""
    mode = text(header, "ESO INS MODE")
    return f"d{mode[-1]}" if mode.startswith("DICHR#") else ""


def setup_code(header: Header, part: str) -> str:
    """Return ``RED564d1`` for an arm or ``REDL564d1`` for a chip, as in names of the archive."""
    wavelength = central_wavelength(header, arm_of_part(part))
    middle = f"{wavelength:.0f}" if wavelength is not None else ""
    return legal(f"{part}{middle}{dichroic(header)}")


def binning_code(header: Header) -> str:
    """Return ``2x2``."""
    sizes = (integer(header, f"ESO DET WIN1 BIN{axis}") or 1 for axis in "XY")
    return "x".join(map(str, sizes))


def slit_code(header: Header, arm: str) -> str:
    """Return the slit width times ten, ``08`` for 0.8 arcsec; ``s1`` for slicer 1 (ours)."""
    if is_sliced(header):
        return f"s{text(header, 'ESO INS SLIT1 NAME')[-1]}"
    width = slit_width(header, arm)
    return "00" if width is None else f"{round(10 * width):02d}"
