"""What a GIRAFFE frame looks like: two sizes, two detectors, one grating setup, one slit."""

from __future__ import annotations

from attrs import evolve, frozen

from phoenix.model.dates import CivilDate
from phoenix.simulate.detector import Detector
from phoenix_giraffe.simulation.optics import Optics

__all__ = ["EXPOSURE_MODE", "SETUPS", "SLIT_NAME", "Setup", "detector_of"]

EXPOSURE_MODE = "L543.1"
SLIT_NAME = "Medusa1"


@frozen
class Setup:
    """One frame size.

    Attributes
    ----------
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

NEW_DETECTOR = CivilDate(2008, 4, 1)
"""From here on score bits 7 and 8 are 0 (published GIRAFFE table of score bits)."""

CARRERAS = Detector(id="Carreras", name="EEV CCD44-82", columns=2048, rows=4096)
BRUCE = evolve(CARRERAS, id="Bruce", conad=1.75, read_noise=4.3, glow=0.01)


def detector_of(date: CivilDate, optics: Optics, bad_column: int) -> Detector:
    """Give the detector of a date: the old one had a bad column and a glow."""
    if date >= NEW_DETECTOR:
        return evolve(CARRERAS, columns=optics.columns, rows=optics.rows)
    return evolve(BRUCE, columns=optics.columns, rows=optics.rows, bad_columns=(bad_column,))
