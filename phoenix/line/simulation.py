"""Simulated nights: the hook, found by the name of the instrument."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from phoenix.errors import DataError
from phoenix.instrument import load_instrument
from phoenix.model.dates import CivilDate
from phoenix.simulate.night import SimulationOptions

if TYPE_CHECKING:
    from pathlib import Path

    from phoenix.simulate.night import SimulatedNight, Size

__all__ = ["simulate_night"]


def simulate_night(
    instrument: str,
    process: str,
    date: str,
    out: Path,
    *,
    size: str = "full",
    seed: int = 1,
    faults: tuple[str, ...] = (),
) -> SimulatedNight:
    """Make a raw night with known truth below a folder.

    Parameters
    ----------
    instrument : str
        Name of an installed plugin.
    process : str
        One of its processes; empty for the first.
    date : str
        The night, ``2020-01-01``.
    out : Path
        Folder to write below; other nights in it stay.
    size : {"small", "full"}
        Frame size.
    seed : int
        Of the noise; the same call writes the same bytes.
    faults : tuple of str
        Faults to build in; each plugin documents its own.

    Raises
    ------
    DataError
        For a size that does not exist, or a fault that the plugin does not know.
    """
    if size not in {"small", "full"}:
        raise DataError(f"found size {size!r}, expected small or full")
    plugin = load_instrument(instrument)
    wanted = plugin.process(process) if process else plugin.processes()[0]
    options = SimulationOptions(size=cast("Size", size), seed=seed, faults=faults)
    return plugin.simulate(wanted, CivilDate.parse(date), out, options)
