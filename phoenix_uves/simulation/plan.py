"""The plan of a night: every frame with all that shapes it, before a single pixel is drawn.

Faults change the plan; :mod:`phoenix_uves.simulation.night` carries it out. Which frames there
are, and when, stands in :mod:`phoenix_uves.simulation.programme`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import field, frozen

if TYPE_CHECKING:
    from phoenix.model.dates import CivilDate
    from phoenix.simulate.exposure import Exposure
    from phoenix.simulate.lamp import ArcLines
    from phoenix.simulate.night import SimulationOptions
    from phoenix_uves.simulation.setup import Setting
    from phoenix_uves.simulation.stars import Target

__all__ = [
    "ARC",
    "BIAS",
    "FLAT",
    "FORMAT",
    "KINDS",
    "ORDERDEF",
    "SCIENCE",
    "SLICER",
    "STANDARD",
    "Frame",
    "Kind",
    "NightPlan",
]

BIAS, FORMAT, ORDERDEF, FLAT = "bias", "format", "orderdef", "flat"
ARC, STANDARD, SCIENCE, SLICER = "arc", "standard", "science", "slicer"


@frozen
class Kind:
    """One row: what frames of a kind say about themselves and how they are taken.

    Attributes
    ----------
    category, type, technique : str
        DPR CATG, TYPE and TECH.
    tag : str
        DO category in uves.oca, to be followed by the arm.
    template, title : str
        Last part of TPL ID, and TPL NAME.
    exptime : float
        Seconds.
    slit : float
        Width in arcsec.
    length : float
        Of the slit in arcsec; 0 = that of the setting.
    """

    category: str
    type: str
    technique: str
    tag: str
    template: str
    title: str
    exptime: float
    slit: float = 0.8
    length: float = 0.0


KINDS = {
    BIAS: Kind("CALIB", "BIAS", "IMAGE", "BIAS", "cal_bias", "Bias", 0.0),
    FORMAT: Kind(
        "CALIB",
        "LAMP,FMTCHK",
        "ECHELLE",
        "ARC_LAMP_FORM",
        "cal_fmtchk",
        "Format check",
        10.0,
        0.6,
        0.5,
    ),
    ORDERDEF: Kind(
        "CALIB",
        "LAMP,ORDERDEF",
        "ECHELLE",
        "ORDER_FLAT",
        "cal_orderdef",
        "Order def.",
        1.0,
        0.8,
        0.5,
    ),
    FLAT: Kind("CALIB", "LAMP,FLAT", "ECHELLE", "FLAT", "cal_flatfree", "Flat field", 2.0),
    ARC: Kind("CALIB", "LAMP,WAVE", "ECHELLE", "ARC_LAMP", "cal_wavefree", "ThAr", 10.0),
    STANDARD: Kind(
        "CALIB", "STD", "ECHELLE", "STANDARD", "cal_specstd", "Standard star", 300.0, 10.0
    ),
    SCIENCE: Kind(
        "SCIENCE", "OBJECT,POINT", "ECHELLE", "SCI_POINT", "obs_exp", "Observation", 900.0
    ),
    SLICER: Kind(
        "SCIENCE",
        "OBJECT,POINT",
        "ECHELLE,SLICER",
        "SCI_SLICER",
        "obs_expsli",
        "Slicer",
        900.0,
        0.7,
    ),
}
"""Kind to what it is, in the order of the cascade."""


@frozen
class Frame:
    """One raw frame of one arm.

    Attributes
    ----------
    kind : str
        One of the kinds of :data:`KINDS`.
    setting : Setting
        Of the arm; that of a bias does not matter.
    mode : str
        INS MODE: BLUE, RED, DICHR#1 or DICHR#2.
    exposure : Exposure
        Times, OB, template and DPR.
    stream : int
        Number of its own stream of random numbers.
    slit : float
        Width in arcsec.
    target : Target or None
        What the slit is on; None in calibrations with a lamp.
    seeing : float
        FWHM in arcsec.
    iodine : bool
        Whether the iodine cell is in the beam.
    light : float
        Factor on lamp or star; 0 where no light came.
    lit_as : str
        Kind of light that fell on the chip; empty = that of its own kind.
    shift : (float, float)
        Of the spectra, x and y in binned pixels.
    cosmics : int
        Events on an unbinned chip.
    lost_keywords : tuple of str
        Keywords that are missing in the header.
    """

    kind: str
    setting: Setting
    mode: str
    exposure: Exposure
    stream: int
    slit: float
    target: Target | None = None
    seeing: float = 0.8
    iodine: bool = False
    light: float = 1.0
    lit_as: str = ""
    shift: tuple[float, float] = (0.0, 0.0)
    cosmics: int = 0
    lost_keywords: tuple[str, ...] = ()

    @property
    def tag(self) -> str:
        """DO category, for example ``FLAT_BLUE``."""
        return f"{KINDS[self.kind].tag}_{self.setting.arm}"

    @property
    def is_science(self) -> bool:
        """Whether it is of a science target."""
        return self.kind in {SCIENCE, SLICER}


@frozen
class NightPlan:
    """All of a night.

    Attributes
    ----------
    date : CivilDate
        The night.
    options : SimulationOptions
        Size, seed, setups.
    binning : int
        1 or 2.
    frames : tuple of Frame
        In the order of time.
    lines : ArcLines
        What the lamp emits, and what the reference table says.
    standards : tuple of Target
        What the table of standard stars lists.
    """

    date: CivilDate
    options: SimulationOptions
    binning: int
    frames: tuple[Frame, ...] = field(repr=False)
    lines: ArcLines = field(repr=False)
    standards: tuple[Target, ...] = field(repr=False)

    def of_kind(self, kind: str, arm: str = "") -> tuple[Frame, ...]:
        """Frames of one kind, and of one arm if asked, in the order of time."""
        return tuple(
            frame for frame in self.frames if frame.kind == kind and arm in {"", frame.setting.arm}
        )
