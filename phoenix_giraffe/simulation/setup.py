"""What a GIRAFFE frame looks like: two sizes, two detectors, three grating settings, one slit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import evolve, frozen

from phoenix.errors import SettingsError
from phoenix.model.dates import CivilDate
from phoenix.simulate.detector import Detector
from phoenix_giraffe.simulation.optics import Optics

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["SETTINGS", "SETUPS", "SLIT_NAME", "Setting", "Setup", "detector_of", "setup_of"]

SLIT_NAME = "Medusa1"


@frozen
class Setting:
    """One setting of a grating.

    Attributes
    ----------
    name : str
        INS EXP MODE; also the name of the filter.
    grating, grating_id : str
        INS GRAT NAME and ID.
    number : int
        Its place on the wheel.
    optics : dict
        Constants of :class:`Optics` that differ from its defaults.
    blaze : float
        Width of the blaze in nm.
    spacing : float
        Distance of arc lines in nm, as many on a frame in each setting.
    sigma : float
        Of the line spread in rows: what gives the nominal resolving power.
    """

    name: str
    grating: str
    grating_id: str
    number: int
    optics: Mapping[str, Any]
    blaze: float
    spacing: float
    sigma: float

    @property
    def code(self) -> str:
        """Name of an OB in this setting: ``LR_543``."""
        return f"{self.grating}_{self.name[1:4]}"


LOW, HIGH = ("LR", "#602", 2), ("HR", "#601", 1)

SETTINGS = {
    row.name: row
    for row in (
        Setting("L543.1", *LOW, optics={}, blaze=75.0, spacing=1.0, sigma=2.0),
        # Littrow: sin(theta) is order x grooves x wavelength / 2.
        Setting(
            "L881.7",
            *LOW,
            optics={"wavelength": 881.7, "order": 2, "theta": 0.55749},
            blaze=120.0,
            spacing=1.5,
            sigma=2.0,
        ),
        Setting(
            "H525.8B",
            *HIGH,
            optics={"wavelength": 525.8, "order": 11, "grooves": 316.0, "theta": 1.15243},
            blaze=20.0,
            spacing=0.25,
            sigma=1.6,
        ),
    )
}
"""What can be simulated."""


@frozen
class Setup:
    """One frame size in one setting.

    Attributes
    ----------
    setting : Setting
        Of the grating.
    optics : Optics
        The truth; the static table GRATING_DATA knows `sdx` only to 0.02 mm.
    sub_slits : tuple of int
        Numbers (1 to 15) of the sub-slits of nine fibres that fall on the frame.
    low, high : float
        Range of the rebinned spectra in nm (WLMIN, WLMAX).
    psf_binsize : int
        Rows per bin of the profile fit; gimasterflat refuses 64 on 2112 rows.
    science : tuple of int
        Exposures of each OB.
    sky, idle, dead : int
        Fibres on the sky, without a target in an OB, and broken.
    """

    setting: Setting
    optics: Optics
    sub_slits: tuple[int, ...]
    low: float
    high: float
    psf_binsize: int
    science: tuple[int, ...]
    sky: int
    idle: int
    dead: int


SETUPS = {
    "small": Setup(
        setting=SETTINGS["L543.1"],
        optics=Optics(columns=1040, rows=2112, sdx=0.12),
        # Among them the fibres 23, 24 and 109 to 117 that had trouble before April 2008.
        sub_slits=(1, 3, 4, 8, 12, 13, 15),
        low=523.0,
        high=563.0,
        psf_binsize=48,
        science=(2, 1),
        sky=10,
        idle=2,
        dead=1,
    ),
    "full": Setup(
        setting=SETTINGS["L543.1"],
        optics=Optics(columns=2048, rows=4096, sdx=0.12),
        sub_slits=tuple(range(1, 16)),
        low=502.0,
        high=582.0,
        psf_binsize=64,
        science=(2, 2),
        sky=14,
        idle=4,
        dead=2,
    ),
}

_PART = 0.47
"""Part of the rows on either side of the middle that the rebinned spectra reach."""


def setup_of(size: str, settings: tuple[str, ...]) -> Setup:
    """Return the setup of a night.

    Parameters
    ----------
    size : str
        ``small`` or ``full``.
    settings : tuple of str
        One name of :data:`SETTINGS`; none for the first.

    Raises
    ------
    SettingsError
        If there are several, or one that is not known.
    """
    setup = SETUPS[size]
    if not settings:
        return setup
    known = ", ".join(SETTINGS)
    if len(settings) > 1 or settings[0] not in SETTINGS:
        found = ", ".join(settings)
        raise SettingsError(f"setups of GIRAFFE: found {found}, expected one of {known} a night")
    setting = SETTINGS[settings[0]]
    if setting is setup.setting:
        return setup
    optics = evolve(setup.optics, **setting.optics)
    reach = _PART * optics.rows * optics.dispersion
    low, high = (round(optics.wavelength + side * reach, 1) for side in (-1, 1))
    return evolve(setup, setting=setting, optics=optics, low=low, high=high)


NEW_DETECTOR = CivilDate(2008, 4, 1)
"""From here on score bits 7 and 8 are 0 (published GIRAFFE table of score bits)."""

CARRERAS = Detector(id="Carreras", name="EEV CCD44-82", columns=2048, rows=4096)
BRUCE = evolve(CARRERAS, id="Bruce", conad=1.75, read_noise=4.3, glow=0.01)


def detector_of(date: CivilDate, optics: Optics, bad_column: int) -> Detector:
    """Give the detector of a date: the old one had a bad column and a glow."""
    if date >= NEW_DETECTOR:
        return evolve(CARRERAS, columns=optics.columns, rows=optics.rows)
    return evolve(BRUCE, columns=optics.columns, rows=optics.rows, bad_columns=(bad_column,))
