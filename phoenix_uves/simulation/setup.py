"""Settings, chips and what a night can have of them, as rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import evolve, frozen

from phoenix.errors import SettingsError
from phoenix.model.dates import CivilDate
from phoenix.simulate.detector import Detector
from phoenix.simulate.site import mjd
from phoenix_uves.simulation.optics import ARMS, GROOVES, Optics

if TYPE_CHECKING:
    from datetime import datetime

__all__ = [
    "BINNING",
    "DEFAULT_SETUP",
    "DETECTORS",
    "FIRST_NIGHT",
    "SETTINGS",
    "Setting",
    "detector_of",
    "optics_of",
    "settings_of",
]

BINNING = {"small": 2, "full": 1}
"""Size to binning: both are in use, and 2x2 is the smallest that the recipes were tried with."""

FIRST_NIGHT = CivilDate(2004, 10, 14)
"""The blue chip CCD-44b came; red frames had an extension for each chip since April."""

NEW_RED = 55018.0
"""MJD of the new red chip, from which the pipeline's model has offsets of its own."""

DEFAULT_SETUP = "390+580"


@frozen
class Setting:
    """One row: a central wavelength.

    Attributes
    ----------
    name : str
        In nm, as in the names of products.
    arm : str
        BLUE or RED.
    disperser : str
        The cross-disperser.
    filter : str
        Below-slit filter.
    slit_length : float
        In arcsec.
    """

    name: str
    arm: str
    disperser: str
    filter: str
    slit_length: float

    @property
    def wavelength(self) -> float:
        """Central wavelength in nm."""
        return float(self.name)

    @property
    def chips(self) -> tuple[str, ...]:
        """The chips, in the order of the extensions of a raw frame."""
        return ("BLUE",) if self.arm == "BLUE" else ("REDU", "REDL")


SETTINGS = {
    row.name: row
    for row in (
        Setting("346", "BLUE", "CD#1", "HER_5", 8.0),
        Setting("390", "BLUE", "CD#2", "HER_5", 8.0),
        Setting("437", "BLUE", "CD#2", "HER_5", 8.0),
        Setting("520", "RED", "CD#3", "SHP700", 11.0),
        Setting("564", "RED", "CD#3", "SHP700", 11.0),
        Setting("580", "RED", "CD#3", "SHP700", 11.0),
        Setting("600", "RED", "CD#3", "SHP700", 11.0),
        Setting("760", "RED", "CD#4", "BK7_5", 11.0),
        Setting("860", "RED", "CD#4", "OG590", 11.0),
    )
}
"""The standard settings."""

DETECTORS = {
    "BLUE": Detector(
        id="CCD-44b",
        name="EEV CCD-44",
        columns=2048,
        rows=3000,
        conad=1.84,
        read_noise=3.8,
        bias=150.0,
    ),
    "REDL": Detector(
        id="CCD-44",
        name="EEV CCD-44",
        columns=2048,
        rows=4096,
        conad=1.47,
        read_noise=4.0,
        bias=170.0,
    ),
    "REDU": Detector(
        id="CCD-20",
        name="MIT/LL, EEV",
        columns=2048,
        rows=4096,
        conad=1.41,
        read_noise=4.0,
        bias=190.0,
    ),
}
"""Chip to its detector, unbinned: columns go across the orders, rows along the dispersion."""

OFFSETS = {
    ("BLUE", "CD#1"): (1355.0, 1030.0),
    ("BLUE", "CD#2"): (1350.0, 1023.0),
    ("REDL", "CD#3"): (1852.0, 2098.0),
    ("REDL", "CD#4"): (1835.0, 2104.0),
    ("REDU", "CD#3"): (1852.0, -52.0),
    ("REDU", "CD#4"): (1834.0, -49.0),
}
"""Chip and cross-disperser to where the camera's axis meets the chip (unbinned pixels)."""

TURNS = {"BLUE": -0.10, "REDL": 0.3, "REDU": 0.3}
"""Chip to its rotation in degrees."""

NEW_RED_SHIFTS = {
    # binning, chip, setting: x and y in binned pixels, degrees
    (1, "REDL", "520"): (3.0703, 6.8252, -0.338),
    (1, "REDL", "564"): (2.2151, 0.1092, -0.319),
    (1, "REDL", "580"): (1.7116, -0.4874, -0.321),
    (1, "REDL", "600"): (0.1581, 5.3308, -0.344),
    (1, "REDL", "760"): (8.1006, -1.0859, -0.335),
    (1, "REDL", "860"): (6.8385, -3.0247, -0.35),
    (1, "REDU", "520"): (3.5471, 14.6995, -0.131),
    (1, "REDU", "564"): (3.8134, 8.066, -0.161),
    (1, "REDU", "580"): (2.2649, 7.5163, -0.106),
    (1, "REDU", "600"): (2.3765, 12.9146, -0.112),
    (1, "REDU", "760"): (10.5357, 10.1393, -0.16),
    (1, "REDU", "860"): (10.9306, 7.8155, -0.176),
    (2, "REDL", "520"): (1.0304, 4.4927, -0.338),
    (2, "REDL", "564"): (0.5659, 1.2151, -0.319),
    (2, "REDL", "580"): (0.4406, 0.7901, -0.321),
    (2, "REDL", "600"): (0.255, 3.7476, -0.315),
    (2, "REDL", "760"): (4.5392, 0.4414, -0.335),
    (2, "REDL", "860"): (3.1362, -0.6278, -0.35),
    (2, "REDU", "520"): (1.3965, 6.2855, -0.131),
    (2, "REDU", "564"): (1.3329, 2.9888, -0.161),
    (2, "REDU", "580"): (0.9856, 2.5873, -0.106),
    (2, "REDU", "600"): (0.9223, 5.5208, -0.112),
    (2, "REDU", "760"): (5.6659, 3.9673, -0.16),
    (2, "REDU", "860"): (4.5923, 2.6809, -0.176),
}
"""What the pipeline adds for red frames after NEW_RED: without it REDL 580 is 6 pixels off."""


def settings_of(setups: tuple[str, ...]) -> tuple[tuple[Setting, ...], ...]:
    """Read setups: ``390+580`` is both arms behind a dichroic, ``437`` or ``860`` one arm.

    Raises
    ------
    SettingsError
        For anything else.
    """
    return tuple(_settings(setup) for setup in setups or (DEFAULT_SETUP,))


def _settings(setup: str) -> tuple[Setting, ...]:
    known = [SETTINGS.get(name) for name in setup.split("+")]
    rows = tuple(row for row in known if row is not None)
    if len(rows) != len(known) or [row.arm for row in rows] not in (
        ["BLUE"],
        ["RED"],
        ["BLUE", "RED"],
    ):
        raise SettingsError(
            f"setup: found {setup!r}, expected a central wavelength ({', '.join(SETTINGS)}) or "
            "a blue and a red one joined by +, as in 390+580"
        )
    return rows


def detector_of(chip: str, binning: int) -> Detector:
    """Give a chip as it is read out: all its pixels are binned, those of the margins too."""
    chip_itself = DETECTORS[chip]
    return evolve(
        chip_itself,
        columns=chip_itself.columns // binning,
        rows=chip_itself.rows // binning,
        prescan=chip_itself.prescan // binning,
        overscan=chip_itself.overscan // binning,
    )


def optics_of(setting: Setting, chip: str, binning: int, time: datetime) -> Optics:
    """Give the optical model of a chip in a setting at a time."""
    detector = detector_of(chip, binning)
    shift_x, shift_y, turn = 0.0, 0.0, 0.0
    if setting.arm == "RED" and mjd(time) > NEW_RED:
        shift_x, shift_y, turn = NEW_RED_SHIFTS[binning, chip, setting.name]
    return Optics(
        arm=ARMS[setting.arm],
        grooves=GROOVES[setting.disperser],
        wavelength=setting.wavelength,
        columns=detector.rows,
        rows=detector.columns,
        binning=binning,
        offset=OFFSETS[chip, setting.disperser],
        turn=TURNS[chip] + turn,
        shift=(shift_x, shift_y),
    )
