"""The plan of a night: every frame with all that shapes it, before a single pixel is drawn.

Faults change the plan; :mod:`phoenix_muse.simulation.night` carries it out. Which frames there
are, and when, stands in :mod:`phoenix_muse.simulation.programme`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import field, frozen

if TYPE_CHECKING:
    from phoenix.model.dates import CivilDate
    from phoenix.simulate.exposure import Exposure
    from phoenix.simulate.night import SimulationOptions
    from phoenix_muse.simulation.layout import Layout
    from phoenix_muse.simulation.scene import Scene

__all__ = [
    "ARC",
    "BIAS",
    "DARK",
    "FLAT",
    "ILLUM",
    "KINDS",
    "OBJECT",
    "ON_SKY",
    "SKY",
    "STANDARD",
    "TWILIGHT",
    "Frame",
    "Kind",
    "NightPlan",
]

BIAS, DARK, FLAT, ARC, ILLUM = "bias", "dark", "flat", "arc", "illum"
TWILIGHT = "twilight"
STANDARD, SKY, OBJECT = "standard", "sky", "object"


@frozen
class Kind:
    """One row: what frames of a kind say about themselves.

    Attributes
    ----------
    category, type : str
        DPR CATG and TYPE; DPR TECH is IFU for all.
    tag : str
        DO category of muse.oca; that of the illumination flat is how muse_scibasic takes it raw.
    template, title : str
        TPL ID and TPL NAME.
    exptime : float
        Seconds.
    """

    category: str
    type: str
    tag: str
    template: str
    title: str
    exptime: float


KINDS = {
    BIAS: Kind("CALIB", "BIAS", "BIAS", "MUSE_gen_cal_bias", "Bias", 0.0),
    DARK: Kind("CALIB", "DARK", "DARK", "MUSE_gen_cal_dark", "Dark", 1800.0),
    FLAT: Kind("CALIB", "FLAT,LAMP", "FLAT", "MUSE_wfm_cal_specflat", "Flat", 3.0),
    ARC: Kind("CALIB", "WAVE", "ARC", "MUSE_wfm_cal_wavecal", "Arc", 20.0),
    ILLUM: Kind("CALIB", "FLAT,LAMP,ILLUM", "ILLUM", "MUSE_wfm_cal_illum", "Illumination", 1.0),
    TWILIGHT: Kind("CALIB", "FLAT,SKY", "SKYFLAT", "MUSE_wfm_cal_skyflat", "Sky flat", 5.0),
    STANDARD: Kind("CALIB", "STD", "STD", "MUSE_wfm_cal_specphot", "Flux standard", 30.0),
    SKY: Kind("SCIENCE", "SKY", "SKY", "MUSE_wfm-noao_obs_genericoffset", "Offset", 300.0),
    OBJECT: Kind(
        "SCIENCE", "OBJECT", "OBJECT", "MUSE_wfm-noao_obs_genericoffset", "Offset", 900.0
    ),
}
"""Kind to what it is, in the order of the cascade."""

ON_SKY = frozenset({STANDARD, SKY, OBJECT})
"""Kinds of frames that look at the sky at night."""


@frozen
class Frame:
    """One raw frame.

    Attributes
    ----------
    kind : str
        One of the kinds of :data:`KINDS`.
    exposure : Exposure
        Times, OB, template and DPR; its OB points where the telescope was told to.
    stream : int
        Number of its own stream of random numbers.
    scene : Scene or None
        What it looks at; None for lamps, twilight and empty sky.
    lamp : str
        What burns in an arc: Ne, Xe or HgCd.
    seeing : float
        FWHM in arcsec.
    posang : float
        INS DROT POSANG in degrees.
    pointing : (float, float)
        arcsec to the east and north by which the telescope missed what its header says.
    observer : float
        km/s with which it approaches the target.
    light : float
        Factor on everything that shines.
    sky : float
        Factor on the continuum of the sky, which the coming day raises.
    airglow : tuple of (int, float)
        Group of lines to the factor on it.
    shift : float
        Angstrom by which all wavelengths are off the solution.
    slit_light : tuple of float
        Factor of each slice, which the illumination flat shows as well.
    cosmics : int
        Events in each CCD.
    lost_ifus : tuple of int
        IFUs that the file does not have.
    lost_keywords : tuple of str
        Keywords that are missing in the header.
    is_cut : bool
        Whether the end of the file is missing.
    """

    kind: str
    exposure: Exposure
    stream: int
    scene: Scene | None = field(default=None, repr=False)
    lamp: str = ""
    seeing: float = 0.8
    posang: float = 0.0
    pointing: tuple[float, float] = (0.0, 0.0)
    observer: float = 0.0
    light: float = 1.0
    sky: float = 1.0
    airglow: tuple[tuple[int, float], ...] = ()
    shift: float = 0.0
    slit_light: tuple[float, ...] = field(default=(), repr=False)
    cosmics: int = 0
    lost_ifus: tuple[int, ...] = ()
    lost_keywords: tuple[str, ...] = ()
    is_cut: bool = False

    @property
    def is_science(self) -> bool:
        """Whether it is of a science target."""
        return self.kind == OBJECT


@frozen
class NightPlan:
    """All of a night.

    Attributes
    ----------
    date : CivilDate
        The night.
    options : SimulationOptions
        Size, seed, setups.
    layout : Layout
        The spectrograph.
    frames : tuple of Frame
        In the order of time.
    arc_age : int
        Nights by which the arc behind the wavelength solution is older, where that is a table.
    """

    date: CivilDate
    options: SimulationOptions
    layout: Layout
    frames: tuple[Frame, ...] = field(repr=False)
    arc_age: int = 0

    def of_kind(self, kind: str) -> tuple[Frame, ...]:
        """Frames of one kind in the order of time."""
        return tuple(frame for frame in self.frames if frame.kind == kind)
