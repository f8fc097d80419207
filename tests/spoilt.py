"""A simulated night with some frames or ABs changed: what recipes say nothing about."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

from astropy.io import fits
from attrs import evolve

from phoenix.model.cascade import Cascade
from phoenix.model.workspace import Workspace
from phoenix.testing.night import reduce_like

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from phoenix.model.ab import AssociationBlock
    from phoenix.testing.night import PreparedNight, ReducedBlock, ReducedNight

    # Raw type, number of the AB, number of the frame in it.
    Frame = tuple[str, int, int]


def of_type(night: PreparedNight, raw_type: str, which: int = 0) -> AssociationBlock:
    """Return an AB by its raw type and number."""
    return [ab for ab in night.prepared.cascade if ab.raw_type == raw_type][which]


def raw_path(night: PreparedNight, frame: Frame) -> Path:
    """Return where a raw frame of the repository is."""
    raw_type, which, number = frame
    ab = of_type(night, raw_type, which)
    return Workspace(night.folder).resolve(ab.raw_files[number].path, ab.date)


def with_frames(
    night: PreparedNight, folder: Path, changes: Mapping[Frame, Callable[[fits.HDUList], None]]
) -> PreparedNight:
    """Copy a night and change some of its raw frames; the others are linked.

    Pixels are changed as they are stored, before BZERO: a card that is written in another way is
    another frame to some recipes.
    """
    shutil.copytree(night.folder, folder, copy_function=os.link)
    copy = evolve(night, folder=folder)
    for frame, change in changes.items():
        path = raw_path(copy, frame)
        with fits.open(path, do_not_scale_image_data=True) as hdus:
            change(hdus)
            path.unlink()
            hdus.writeto(path)
    return copy


def with_block(night: PreparedNight, changed: AssociationBlock) -> PreparedNight:
    """Put an AB in the place of that of the same name."""
    blocks = (changed if ab.name == changed.name else ab for ab in night.prepared.cascade)
    return evolve(night, prepared=evolve(night.prepared, cascade=Cascade(blocks)))


def reduced(
    night: PreparedNight, good: ReducedNight, workspace: Path, *names: object
) -> list[ReducedBlock]:
    """Reduce some ABs, and what they need, as far as that is another than in the good night."""
    wanted = [str(name) for name in names]
    cascade = night.prepared.cascade.with_parents(wanted)
    short = evolve(night, prepared=evolve(night.prepared, cascade=cascade))
    done = reduce_like(short, good, workspace)
    return [next(one for one in done.blocks if str(one.ab.name) == name) for name in wanted]
