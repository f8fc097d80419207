"""What is wrong with the frames of an AB before a recipe starts: masters of another setup.

giraf takes what it is given; only where the grating table has no such setup does it fail.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from phoenix.toolkit.alike import Alike, unlike

if TYPE_CHECKING:
    from collections.abc import Iterator

    from phoenix.model.ab import AssociationBlock
    from phoenix.model.frames import SetOfFrames

__all__ = ["ALIKE", "unfit"]

_DETECTOR = ("ESO DET CHIP1 ID", "ESO DET WIN1 BINX", "ESO DET WIN1 BINY")

_READ = ("ESO DET READ CLOCK", "ESO DET READ MODE", "ESO DET READ SPEED")
"""Level and gain are those of a way to read the detector."""

ALIKE = (
    Alike(r"MASTER_BIAS|MASTER_DARK|BAD_PIXEL_MAP", (*_DETECTOR, *_READ)),
    Alike(
        r"FF_.*|MASTER_FIBER_FLAT|FIBER_PROFILE|DISPERSION_SOLUTION",
        (*_DETECTOR, "ESO INS SLIT NAME", "ESO INS EXP MODE"),
    ),
)
"""As the association rules of the pipeline (giraf.oca) have it."""


def unfit(ab: AssociationBlock, frames: SetOfFrames) -> Iterator[str]:
    """Yield a sentence for everything for which the recipe must not be started."""
    yield from unlike(ab, frames, ALIKE)
