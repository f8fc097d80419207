"""Simulated nights: the hook, found by the name of the instrument."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from phoenix.errors import DataError
from phoenix.instrument import load_instrument
from phoenix.model.dates import CivilDate, nights_of
from phoenix.simulate.night import SimulationOptions

if TYPE_CHECKING:
    from pathlib import Path

    from phoenix.simulate.night import SimulatedNight, Size

__all__ = ["simulate_month", "simulate_night"]


def simulate_night(
    instrument: str,
    process: str,
    date: str,
    out: Path,
    *,
    size: str = "full",
    seed: int = 1,
    faults: tuple[str, ...] = (),
    calibrations: bool = False,
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
    calibrations : bool
        Only calibrations, as in an ordinary month, and no historical ABs.

    Raises
    ------
    DataError
        For a size that does not exist, or a fault that the plugin does not know.
    """
    if size not in {"small", "full"}:
        raise DataError(f"found size {size!r}, expected small or full")
    plugin = load_instrument(instrument)
    wanted = plugin.process(process) if process else plugin.processes()[0]
    options = SimulationOptions(
        size=cast("Size", size), seed=seed, faults=faults, calibrations=calibrations
    )
    return plugin.simulate(wanted, CivilDate.parse(date), out, options)


def simulate_month(
    instrument: str,
    process: str,
    pool: str,
    out: Path,
    *,
    size: str = "full",
    seed: int = 1,
    faults: tuple[str, ...] = (),
    calibrations: bool = False,
) -> tuple[SimulatedNight, ...]:
    """Make the nights of a month, or from one to another, ``2020-01-01..2020-01-09``.

    Parameters
    ----------
    faults : tuple of str
        ``noisy_bias@2020-01-04`` builds a fault into one night, without a night into all.
    instrument, process, out, size, seed, calibrations
        As for :func:`simulate_night`.

    Raises
    ------
    DataError
        For a night that is not of the pool; else as :func:`simulate_night`.
    """
    nights = nights_of(pool)
    wanted = [fault.partition("@") for fault in faults]
    strangers = {night for _, _, night in wanted if night} - set(map(str, nights))
    if strangers:
        raise DataError(
            f"found faults for {', '.join(sorted(strangers))}, expected nights of {pool}"
        )
    return tuple(
        simulate_night(
            instrument,
            process,
            str(date),
            out,
            size=size,
            seed=seed,
            faults=tuple(name for name, _, night in wanted if night in {"", str(date)}),
            calibrations=calibrations,
        )
        for date in nights
    )
