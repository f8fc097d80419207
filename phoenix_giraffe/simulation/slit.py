"""The Medusa1 slit: 15 sub-slits of nine fibres, 130 of them on the sky and five on lamps.

Positions, buttons and the layout are invented; the formats of the tables are the real ones.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from attrs import frozen

if TYPE_CHECKING:
    import numpy.typing as npt

    from phoenix_giraffe.simulation.setup import Setup

__all__ = ["SIMCAL_BUTTON", "Fibre", "positions", "slit"]

FIBRES = 9  # in a sub-slit
PITCH = 11.6  # px between fibres
GAP = 26.0  # px between the last fibre of a sub-slit and the first of the next
SIMCAL = {5: 1, 36: 2, 68: 3, 100: 4, 131: 5}  # FPS of the fibres that see the lamps only
SIMCAL_BUTTON = -1
HARDWARE = 135  # seed of the small differences between fibres
CURVATURE = 2e-5  # of the slit, mm per mm^2


@frozen
class Fibre:
    """One fibre of the slit.

    Attributes
    ----------
    fps : int
        Position in the slit, 1 to 135.
    ssn, pssn : int
        Sub-slit, counted without holes, and position in it.
    button : int
        Its button on the plate (RP), -1 for a SIMCAL fibre.
    retractor : str
        ``Medusa 69`` or ``Calibration 2``.
    x, y : float
        Position in the slit in mm; y falls with FPS.
    transmission : float
        Share of the light that it lets through.
    dead : bool
        Broken: no light, and its button is never allocated.
    """

    fps: int
    ssn: int
    pssn: int
    button: int
    retractor: str
    x: float
    y: float
    transmission: float
    dead: bool

    @property
    def simcal(self) -> bool:
        """Whether it sees the simultaneous calibration lamps and not the sky."""
        return self.button == SIMCAL_BUTTON


def slit(setup: Setup) -> tuple[Fibre, ...]:
    """Lay out the fibres of a frame, in the order of their columns; the same in every night."""
    rng = np.random.default_rng(HARDWARE)
    numbers = [(ssn, pssn) for ssn in range(len(setup.sub_slits)) for pssn in range(FIBRES)]
    step = PITCH * (FIBRES - 1) + GAP
    pixels = np.array([ssn * step + pssn * PITCH for ssn, pssn in numbers])
    y = (pixels[-1] / 2 - pixels) * setup.optics.pixel / setup.optics.camera
    x = CURVATURE * y**2 + rng.normal(0.0, 0.004, len(y))
    light = np.clip(rng.normal(0.88, 0.06, len(y)), 0.70, 1.0)
    fps = [FIBRES * (setup.sub_slits[ssn] - 1) + pssn + 1 for ssn, pssn in numbers]
    medusa = [number for number in fps if number not in SIMCAL]
    dead = set(rng.choice(medusa, setup.dead, replace=False).tolist())
    return tuple(
        Fibre(
            fps=number,
            ssn=ssn + 1,
            pssn=pssn + 1,
            button=_button(number),
            retractor=_retractor(number),
            x=round(float(x[i]), 5),
            y=round(float(y[i]), 5),
            transmission=0.0 if number in dead else float(light[i]),
            dead=number in dead,
        )
        for i, (number, (ssn, pssn)) in enumerate(zip(fps, numbers, strict=True))
    )


def positions(
    fibres: tuple[Fibre, ...],
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Positions in the slit in mm, shape (fibres,) each."""
    return np.array([f.x for f in fibres]), np.array([f.y for f in fibres])


def _button(fps: int) -> int:
    if fps in SIMCAL:
        return SIMCAL_BUTTON
    rank = fps - sum(lamp < fps for lamp in SIMCAL)
    # 131 is prime: every rank from 1 to 130 gets a button of its own, in no visible order.
    return rank * 37 % 131


def _retractor(fps: int) -> str:
    return f"Calibration {SIMCAL[fps]}" if fps in SIMCAL else f"Medusa {_button(fps)}"
