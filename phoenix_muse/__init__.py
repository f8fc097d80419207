"""MUSE for phoenix: cubes of the integral-field spectrograph, one OB a cube.

The hooks in the order of the work; each answers from the module that is named like its subject.
No module here may be called like a hook: once imported it would hide the hook from pluggy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from phoenix.hookspecs import hookimpl

if TYPE_CHECKING:
    from collections.abc import Iterable

    from phoenix.model.process import Process

# ruff: noqa: PLC0415 - imports stand inside the hooks: `phoenix --help`, and a worker that only
# runs recipes, need neither numpy nor the simulator.


@hookimpl
def processes() -> Iterable[Process]:
    """Offer MUSE_IFU: cubes, one night at a time."""
    from phoenix_muse.process import MUSE_IFU

    return (MUSE_IFU,)
