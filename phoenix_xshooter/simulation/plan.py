"""The plan of a night: every frame with all that shapes it, before a single pixel is drawn.

Faults change the plan; :mod:`phoenix_xshooter.simulation.night` carries it out. Which frames there
are, and when, stands in :mod:`phoenix_xshooter.simulation.programme`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import evolve, field, frozen

from phoenix.simulate.motion import as_seen, observer_velocity
from phoenix.simulate.site import PARANAL
from phoenix_xshooter.process import BLOCKED

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from phoenix.model.dates import CivilDate
    from phoenix.simulate.exposure import Exposure
    from phoenix.simulate.lamp import ArcLines
    from phoenix.simulate.night import SimulationOptions
    from phoenix.simulate.star import StarClass

__all__ = [
    "ARC",
    "BIAS",
    "DARK",
    "FLAT",
    "FORMAT",
    "IFU",
    "KINDS",
    "MULTI",
    "NOD",
    "OFFSET",
    "ORDERDEF",
    "STANDARD",
    "STANDARDS",
    "STARE",
    "TELLURIC",
    "TELLURICS",
    "Frame",
    "Kind",
    "NightPlan",
    "Target",
]

BIAS, DARK, FORMAT, ORDERDEF, FLAT, MULTI, ARC = (
    "bias", "dark", "format", "orderdef", "flat", "multi", "arc",
)  # fmt: skip
STANDARD, TELLURIC, NOD, STARE, OFFSET, IFU = (
    "standard", "telluric", "nod", "stare", "offset", "ifu",
)  # fmt: skip

STANDARDS = {NOD: STANDARD, STARE: "standard_stare", OFFSET: "standard_offset"}
TELLURICS = {NOD: TELLURIC, STARE: "telluric_stare", OFFSET: "telluric_offset"}
"""Mode of observing to the kind of a standard star that is observed so."""


@frozen
class Kind:
    """One row: what frames of a kind say about themselves.

    Attributes
    ----------
    category, type, technique : str
        DPR CATG, TYPE and TECH.
    tag : str
        DO category in xshoo.oca, to be followed by the arm.
    template, title : str
        Last part of TPL ID, and TPL NAME.
    exptime : float
        Seconds.
    slit : str
        Name of what is in the slit wheel; empty for the slit of the visit.
    paired : bool
        Whether the near infrared takes each lit frame with a dark one, OFF.
    """

    category: str
    type: str
    technique: str
    tag: str
    template: str
    title: str
    exptime: float
    slit: str = ""
    paired: bool = False


_MODES = (("NOD", "NODDING"), ("STARE", "STARE"), ("OFFSET", "OFFSET"))
"""What a mode is called in DO categories, and in DPR TECH."""

KINDS = {
    BIAS: Kind("CALIB", "BIAS", "IMAGE", "BIAS", "gen_cal_Bias", "Bias", 0.0, "1.0x11"),
    DARK: Kind("CALIB", "DARK", "IMAGE", "DARK", "gen_cal_Dark", "Dark", 100.0, "1.0x11"),
    FORMAT: Kind(
        "CALIB", "LAMP,FMTCHK", "ECHELLE,PINHOLE", "FMTCHK", "slt_cal_Fmtchk", "Format check",
        10.0, "Pin_0.5", paired=True,
    ),
    ORDERDEF: Kind(
        "CALIB", "LAMP,ORDERDEF", "ECHELLE,PINHOLE", "ORDERDEF", "slt_cal_Orderdef",
        "Order definition", 4.0, "Pin_0.5", paired=True,
    ),
    FLAT: Kind(
        "CALIB", "LAMP,FLAT", "ECHELLE,SLIT", "FLAT_SLIT", "slt_cal_Flat", "Flat field",
        4.0, paired=True,
    ),
    MULTI: Kind(
        "CALIB", "LAMP,WAVE", "ECHELLE,MULTI-PINHOLE", "WAVE", "slt_cal_Wave", "Multi-pinhole arc",
        10.0, "Pin_row", paired=True,
    ),
    ARC: Kind(
        "CALIB", "LAMP,WAVE", "ECHELLE,SLIT", "ARC_SLIT", "slt_cal_Arcs", "Arc", 2.0, paired=True
    ),
    **{
        kind: Kind(
            "CALIB", "STD,FLUX", f"ECHELLE,SLIT,{technique}", f"STD_FLUX_SLIT_{mode}",
            f"slt_cal_SpecphotStd{mode.title()}", "Flux standard", 100.0,
        )
        for kind, (mode, technique) in zip(STANDARDS.values(), _MODES, strict=True)
    },
    **{
        kind: Kind(
            "CALIB", "STD,TELLURIC", f"ECHELLE,SLIT,{technique}", f"STD_TELL_SLIT_{mode}",
            f"slt_cal_TelluricStd{mode.title()}", "Telluric standard", 100.0,
        )
        for kind, (mode, technique) in zip(TELLURICS.values(), _MODES, strict=True)
    },
    NOD: Kind(
        "SCIENCE", "OBJECT", "ECHELLE,SLIT,NODDING", "OBJECT_SLIT_NOD", "slt_obs_AutoNodOnSlit",
        "Nodding", 100.0,
    ),
    STARE: Kind(
        "SCIENCE", "OBJECT", "ECHELLE,SLIT,STARE", "OBJECT_SLIT_STARE", "slt_obs_Stare", "Staring",
        100.0,
    ),
    OFFSET: Kind(
        "SCIENCE", "OBJECT", "ECHELLE,SLIT,OFFSET", "OBJECT_SLIT_OFFSET",
        "slt_obs_GenericOffset", "Offset to sky", 100.0,
    ),
    IFU: Kind(
        "SCIENCE", "OBJECT", "ECHELLE,IFU,STARE", "OBJECT_IFU_STARE", "ifu_obs_Stare", "IFU",
        100.0, "1x12.6",
    ),
}  # fmt: skip
"""Kind to what it is, in the order of the cascade."""

LIT_SKY = frozenset({*STANDARDS.values(), *TELLURICS.values(), NOD, STARE, OFFSET, IFU})
"""Kinds of frames that look at the sky."""


@frozen
class Target:
    """What the slit is put on.

    Attributes
    ----------
    name : str
        OBS TARG NAME.
    ra, dec : float
        Degrees, J2000.
    magnitude : float
        V.
    star : StarClass
        Its spectrum.
    velocity : float
        km/s, barycentric.
    nebula : float
        Strength of emission lines; below 0 there is no star in the nebula.
    observer : float
        With which velocity (km/s) the telescope approaches it.
    """

    name: str
    ra: float
    dec: float
    magnitude: float
    star: StarClass
    velocity: float = 0.0
    nebula: float = 0.0
    observer: float = 0.0

    @property
    def seen(self) -> float:
        """Velocity in km/s as the telescope sees it."""
        return as_seen(self.velocity, self.observer)

    def seen_at(self, time: datetime) -> Target:
        """Return the target as the moving Earth sees it."""
        observer = float(observer_velocity(self.ra, self.dec, time, PARANAL))
        return evolve(self, observer=observer)


@frozen
class Frame:
    """One raw frame of one arm.

    Attributes
    ----------
    kind : str
        One of the kinds of :data:`KINDS`.
    arm : str
        UVB, VIS or NIR.
    exposure : Exposure
        Times, OB, template and DPR.
    stream : int
        Number of its own stream of random numbers.
    slit_name : str
        What is in the slit wheel: ``5.0x11``.
    binning : (int, int)
        Columns and rows that are read as one pixel.
    lamp : str
        D2 or QTH in UVB; OFF for the dark frame of a pair in NIR.
    target : Target or None
        What the slit is on; None in calibrations with a lamp.
    seeing : float
        FWHM in arcsec.
    nod : float
        SEQ CUMOFF Y in arcsec: the telescope moved by so much along the slit.
    place : float
        Of the target on the slit in arcsec.
    on_sky : bool
        Whether the telescope is beside the target.
    posang : float
        Position angle of the slit in degrees.
    light : float
        Factor on lamp or star; 0 where no light came.
    shift : (float, float)
        Of the format, in unbinned columns and rows of the pipeline's frame.
    cosmics : int
        Events.
    spoilt : bool
        Whether the read-out gave not-a-number.
    lost_keywords : tuple of str
        Keywords that are missing in the header.
    """

    kind: str
    arm: str
    exposure: Exposure
    stream: int
    slit_name: str
    binning: tuple[int, int] = (1, 1)
    lamp: str = ""
    target: Target | None = None
    seeing: float = 0.8
    nod: float = 0.0
    place: float = 0.0
    on_sky: bool = False
    posang: float = 0.0
    light: float = 1.0
    shift: tuple[float, float] = (0.0, 0.0)
    cosmics: int = 0
    spoilt: bool = False
    lost_keywords: tuple[str, ...] = ()

    @property
    def slit(self) -> float:
        """Width in arcsec; that of a pinhole is its diameter."""
        try:
            return float(self.slit_name.partition("x")[0])
        except ValueError:
            return 0.5

    @property
    def tag(self) -> str:
        """DO category, for example ``FLAT_D2_SLIT_UVB`` or ``WAVE_NIR_ON``."""
        row = KINDS[self.kind]
        if self.on_sky:
            return f"SKY_SLIT_{self.arm}"
        if self.arm == "NIR" and row.paired:
            return f"{row.tag}_NIR_{'OFF' if self.lamp == 'OFF' else 'ON'}"
        if self.kind == FLAT and self.lamp:
            return f"FLAT_{self.lamp}_SLIT_{self.arm}"
        lamp = f"{self.lamp}_" if self.lamp else ""
        return f"{row.tag}_{lamp}{self.arm}"

    @property
    def is_blocked(self) -> bool:
        """Whether a filter before the slit blocks the K band."""
        return BLOCKED in self.slit_name

    @property
    def raw_type(self) -> str:
        """RAW.TYPE of xshoo.oca."""
        tag = "SCIENCE_SLIT_OFFSET" if self.kind == OFFSET else KINDS[self.kind].tag
        return f"{tag}_{BLOCKED}_{self.arm}" if self.is_blocked else f"{tag}_{self.arm}"

    @property
    def is_science(self) -> bool:
        """Whether it is of a science target."""
        return self.kind in {NOD, STARE, OFFSET} and not self.on_sky


@frozen
class NightPlan:
    """All of a night.

    Attributes
    ----------
    date : CivilDate
        The night.
    options : SimulationOptions
        Size, seed, arms.
    frames : tuple of Frame
        In the order of time.
    lines : mapping of str to ArcLines
        Arm to what its lamp emits.
    standards : tuple of Target
        What the catalogue of standard stars lists.
    """

    date: CivilDate
    options: SimulationOptions
    frames: tuple[Frame, ...] = field(repr=False)
    lines: Mapping[str, ArcLines] = field(repr=False)
    standards: tuple[Target, ...] = field(repr=False)

    def of_kind(self, kind: str, arm: str = "") -> tuple[Frame, ...]:
        """Frames of one kind, and of one arm if asked, in the order of time."""
        return tuple(
            frame for frame in self.frames if frame.kind == kind and arm in {"", frame.arm}
        )
