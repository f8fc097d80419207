"""The two fibre tables that come with every flat, arc and science frame."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from phoenix.simulate.raw import table_hdu
from phoenix_giraffe.simulation.setup import SLIT_NAME
from phoenix_giraffe.simulation.stars import Target

if TYPE_CHECKING:
    from astropy.io import fits

    from phoenix_giraffe.simulation.plan import Frame, NightPlan
    from phoenix_giraffe.simulation.slit import Fibre

__all__ = ["fibre_tables"]


def fibre_tables(plan: NightPlan, frame: Frame) -> tuple[fits.BinTableHDU, fits.BinTableHDU]:
    """Give the OzPoz table (what the buttons look at) and the fibre table (how they are wired)."""
    targets = frame.field.targets if frame.field else _parked(plan.fibres)
    return _ozpoz(targets, plan.fibres, frame), _wiring(plan.fibres, frame.fibre_table)


def _parked(fibres: tuple[Fibre, ...]) -> tuple[Target, ...]:
    """In calibrations by day every working button is listed."""
    return tuple(
        Target(fibre.fps, f"CALIB_{fibre.button:03d}", "M", 0.0, 0.0)
        for fibre in fibres
        if not (fibre.simcal or fibre.dead)
    )


def _ozpoz(
    targets: tuple[Target, ...], fibres: tuple[Fibre, ...], frame: Frame
) -> fits.BinTableHDU:
    block = frame.exposure.block
    button = {fibre.fps: fibre.button for fibre in fibres}
    ra = np.array([target.ra for target in targets])
    dec = np.array([target.dec for target in targets])
    # Plate scale of the Nasmyth focus: 0.582 mm per arcsec; R is in micrometres.
    x = (ra - block.ra) * np.cos(np.radians(block.dec)) * 3600.0 * 0.582
    y = (dec - block.dec) * 3600.0 * 0.582
    known = frame.field is not None
    radius, theta = np.hypot(x, y) * 1000.0 * known, np.arctan2(y, x) * known
    return table_hdu(
        "OzPoz_table",
        [
            ("OBJECT", "24A", [target.name for target in targets], ""),
            ("RA", "1D", ra, "deg"),
            ("DEC", "1D", dec, "deg"),
            ("R", "1D", radius, "um"),
            ("R_ERROR", "1D", np.zeros(len(targets)), "um"),
            ("THETA", "1D", theta, "rad"),
            ("THETA_ERROR", "1D", np.zeros(len(targets)), "rad"),
            ("TYPE", "1A", [target.kind for target in targets], ""),
            ("BUTTON", "1J", [button[target.fps] for target in targets], ""),
            ("PRIORITY", "1I", [9 if target.kind == "M" else 1 for target in targets], ""),
            ("ORIENT", "1D", np.zeros(len(targets)), "rad"),
            ("IN_TOL", "1L", [True] * len(targets), ""),
            ("MAGNITUDE", "1E", [target.magnitude for target in targets], "mag"),
            # Must be double: the pipeline reads a real column as 0.
            ("B_V", "1D", [t.star.colour if t.star else 0.0 for t in targets], "mag"),
        ],
    )


def _wiring(fibres: tuple[Fibre, ...], name: str) -> fits.BinTableHDU:
    return table_hdu(
        name,
        [
            ("Slit", "8A", [SLIT_NAME] * len(fibres), ""),
            ("FPS", "5A", [str(fibre.fps) for fibre in fibres], ""),
            ("SSN", "5A", [str(fibre.ssn) for fibre in fibres], ""),
            ("PSSN", "5A", [str(fibre.pssn) for fibre in fibres], ""),
            ("RP", "5A", [str(fibre.button) for fibre in fibres], ""),
            ("Retractor", "16A", [fibre.retractor for fibre in fibres], ""),
            ("X", "5A", [""] * len(fibres), ""),
            ("Y", "5A", [""] * len(fibres), ""),
        ],
    )
