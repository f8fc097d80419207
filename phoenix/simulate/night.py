"""What a simulated night is asked for, and what it gives back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Literal

import numpy as np
from attrs import field, frozen, validators

if TYPE_CHECKING:
    from pathlib import Path

    from phoenix.model.dates import CivilDate

__all__ = ["SimulatedNight", "SimulationOptions", "night_rng", "night_time"]

Size = Literal["small", "full"]


@frozen
class SimulationOptions:
    """How a night is simulated; with the date these fix every byte of it.

    Attributes
    ----------
    size : {"small", "full"}
        Small frames run through the recipes in seconds; full ones have the real detector format.
    seed : int
        Noise, stars and cosmics follow from it.
    faults : tuple of str
        Names of the faults to build in; each instrument has a table of its own.
    setups : tuple of str
        Settings that the night has, in the instrument's own words; empty for its usual ones. An
        instrument with a single setting does not look.
    calibrations : bool
        Only the calibrations of an ordinary month, without science and historical ABs: what is
        taken every night, and every few nights what is taken less often.
    """

    size: Size = field(default="small", validator=validators.in_(("small", "full")))
    seed: int = field(default=1, validator=validators.ge(0))
    faults: tuple[str, ...] = ()
    setups: tuple[str, ...] = ()
    calibrations: bool = False


@frozen
class SimulatedNight:
    """Where a simulated night lies.

    Attributes
    ----------
    raw : tuple of Path
        Raw frames in the order of time.
    static : tuple of Path
        Static calibration tables.
    blocks : tuple of Path
        The historical ABs of the night.
    truth : Path
        Folder of the truth tables.
    logs : tuple of Path
        The night logs of the science OBs; see :mod:`phoenix.simulate.nightlog`.
    """

    raw: tuple[Path, ...]
    static: tuple[Path, ...]
    blocks: tuple[Path, ...]
    truth: Path
    logs: tuple[Path, ...] = ()


def night_rng(options: SimulationOptions, date: CivilDate, *labels: int) -> np.random.Generator:
    """Give a random generator of its own to one part of a night.

    Each frame and each field of stars draws from its own stream, so that a fault in one frame
    leaves every other frame as it was, bit by bit.
    """
    day = date.year * 10000 + date.month * 100 + date.day
    return np.random.default_rng([options.seed, day, *labels])


def night_time(date: CivilDate, hours: float) -> datetime:
    """Return the moment (UTC) so many hours after the midnight within a night."""
    midnight = datetime(date.year, date.month, date.day, tzinfo=UTC) + timedelta(days=1)
    return midnight + timedelta(hours=hours)
