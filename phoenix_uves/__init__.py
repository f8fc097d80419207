"""UVES for phoenix: echelle spectra of three detectors, flux-calibrated and joined.

The hooks in the order of the work; each answers from the module that is named like its subject.
No module here may be called like a hook: once imported it would hide the hook from pluggy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from phoenix.hookspecs import hookimpl

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from phoenix.model.dates import CivilDate
    from phoenix.model.process import Process
    from phoenix.simulate.night import SimulatedNight, SimulationOptions

# ruff: noqa: PLC0415 - imports stand inside the hooks: `phoenix --help`, and a worker that only
# runs recipes, need neither numpy nor the simulator.


@hookimpl
def processes() -> Iterable[Process]:
    """Offer UVES_ECH: echelle spectra of both arms, one night at a time."""
    from phoenix_uves.process import UVES_ECH

    return (UVES_ECH,)


@hookimpl
def simulate(date: CivilDate, out: Path, options: SimulationOptions) -> SimulatedNight:
    """Simulate a night of both arms with known truth."""
    from phoenix_uves.simulation import simulate_night

    return simulate_night(date, out, options)
