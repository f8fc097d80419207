"""What a night is asked for by its setups: arms, modes, binning, the filter of the K band."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

from phoenix.errors import SettingsError
from phoenix_xshooter.process import ARMS, BLOCKED
from phoenix_xshooter.simulation.plan import NOD, OFFSET, STARE

if TYPE_CHECKING:
    from phoenix.simulate.night import SimulationOptions

__all__ = ["MODES", "Asked", "binning_of"]

MODES = {"NOD": NOD, "STARE": STARE, "OFFSET": OFFSET}
"""Word to the mode in which standards and a star are observed."""

BINNINGS = {"1x2": (1, 2)}
"""Word to the columns and rows of a pixel of UVB and VIS."""

USUAL_BINNINGS = {"small": (2, 2), "full": (1, 1)}
"""Size to the same, where no word is said."""


@frozen
class Asked:
    """What a night is to have.

    Attributes
    ----------
    arms : tuple of str
        UVB, VIS, NIR.
    modes : tuple of str
        Modes in which standards and a star are observed in every arm; empty for the usual
        programme.
    blocked : bool
        Whether stars and targets stand behind a slit with the filter that blocks the K band.
    """

    arms: tuple[str, ...]
    modes: tuple[str, ...] = ()
    blocked: bool = False

    @classmethod
    def of(cls, setups: tuple[str, ...]) -> Asked:
        """Read setups; all arms and the usual programme where none is given.

        Raises
        ------
        SettingsError
            For another word.
        """
        words = (*ARMS, *MODES, *BINNINGS, BLOCKED)
        for name in setups:
            if name not in words:
                raise SettingsError(f"setup: found {name!r}, expected one of {', '.join(words)}")
        arms = tuple(arm for arm in ARMS if arm in setups)
        modes = tuple(mode for word, mode in MODES.items() if word in setups)
        return cls(arms or ARMS, modes, BLOCKED in setups)


def binning_of(options: SimulationOptions) -> tuple[int, int]:
    """Return the columns and rows that are read as one pixel in UVB and VIS."""
    asked = (pixel for word, pixel in BINNINGS.items() if word in options.setups)
    return next(asked, USUAL_BINNINGS[options.size])
