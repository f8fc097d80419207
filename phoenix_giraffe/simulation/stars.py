"""The targets of an OB: which fibre looks at what."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from attrs import evolve, field, frozen

from phoenix.simulate.motion import as_seen, observer_velocity
from phoenix.simulate.site import PARANAL
from phoenix.simulate.star import STAR_CLASSES, StarClass

if TYPE_CHECKING:
    from datetime import datetime

    from phoenix.simulate.exposure import ObservationBlock
    from phoenix_giraffe.simulation.setup import Setup
    from phoenix_giraffe.simulation.slit import Fibre

__all__ = ["Field", "Target", "seen_at", "star_field"]

BRIGHT, FAINT = 14.5, 17.0  # V magnitudes of the stars


@frozen
class Target:
    """What one fibre looks at.

    Attributes
    ----------
    fps : int
        The fibre.
    name : str
        OBJECT of the OzPoz table.
    kind : str
        M for a target, S for the sky.
    ra, dec : float
        Degrees (J2000).
    magnitude : float
        V; 0 for the sky.
    star : StarClass or None
        None for the sky.
    velocity : float
        Radial velocity in km/s, barycentric.
    observer : float
        With which velocity (km/s) the telescope approaches it.
    """

    fps: int
    name: str
    kind: str
    ra: float
    dec: float
    magnitude: float = 0.0
    star: StarClass | None = None
    velocity: float = 0.0
    observer: float = 0.0

    @property
    def seen(self) -> float:
        """Radial velocity in km/s as the telescope sees it."""
        return as_seen(self.velocity, self.observer)


@frozen
class Field:
    """An OB and its targets, one per allocated fibre, in the order of the slit."""

    block: ObservationBlock
    targets: tuple[Target, ...] = field(repr=False)


def star_field(
    block: ObservationBlock, setup: Setup, fibres: tuple[Fibre, ...], rng: np.random.Generator
) -> Field:
    """Draw the stars of a cluster and put the working fibres on them, some on the sky."""
    usable = [f.fps for f in fibres if not (f.simcal or f.dead)]
    order = rng.permutation(usable)[setup.idle :].tolist()
    sky = set(order[: setup.sky])
    system = rng.uniform(-60.0, 120.0)
    targets = []
    for fps in sorted(order):
        ra, dec = _place(block, rng)
        star = _star(f"{block.target}_{fps:03d}", fps, ra, dec, system, rng)
        targets.append(Target(fps, f"SKY_{fps:03d}", "S", ra, dec) if fps in sky else star)
    return Field(block, tuple(targets))


def seen_at(field: Field, time: datetime) -> Field:
    """Return a field as the moving Earth sees it."""
    ra, dec = ([getattr(target, name) for target in field.targets] for name in ("ra", "dec"))
    observer = observer_velocity(ra, dec, time, PARANAL).tolist()
    return evolve(
        field,
        targets=tuple(
            evolve(target, observer=velocity)
            for target, velocity in zip(field.targets, observer, strict=True)
        ),
    )


def _place(block: ObservationBlock, rng: np.random.Generator) -> tuple[float, float]:
    """Draw a place within the 25 arcmin of the plate."""
    radius, angle = 0.2 * float(np.sqrt(rng.uniform())), float(rng.uniform(0, 2 * np.pi))
    dec = block.dec + radius * np.sin(angle)
    return block.ra + radius * np.cos(angle) / np.cos(np.radians(block.dec)), dec


def _star(
    name: str, fps: int, ra: float, dec: float, system: float, rng: np.random.Generator
) -> Target:
    share = np.array([star.share for star in STAR_CLASSES])
    return Target(
        fps=fps,
        name=name,
        kind="M",
        ra=ra,
        dec=dec,
        magnitude=round(float(rng.uniform(BRIGHT, FAINT)), 3),
        star=STAR_CLASSES[int(rng.choice(len(STAR_CLASSES), p=share / share.sum()))],
        velocity=round(float(rng.normal(system, 8.0)), 4),
    )
