"""Simulated nights: the hook, found by the name of the instrument."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import evolve

from phoenix.errors import DataError
from phoenix.instrument import load_instrument
from phoenix.model.dates import nights_of
from phoenix.simulate.night import SimulationOptions

if TYPE_CHECKING:
    from pathlib import Path

    from phoenix.simulate.night import SimulatedNight

__all__ = ["simulate_month", "simulate_night"]


def simulate_night(
    instrument: str,
    process: str,
    date: str,
    out: Path,
    **options: Any,  # noqa: ANN401 - the fields of SimulationOptions
) -> SimulatedNight:
    """Make a raw night with known truth below a folder; see :func:`simulate_month`."""
    (night,) = simulate_month(instrument, process, date, out, **options)
    return night


def simulate_month(
    instrument: str,
    process: str,
    pool: str,
    out: Path,
    **options: Any,  # noqa: ANN401 - the fields of SimulationOptions
) -> tuple[SimulatedNight, ...]:
    """Make the nights of a pool: one, a month, or from one to another.

    Parameters
    ----------
    instrument : str
        Name of an installed plugin.
    process : str
        One of its processes; empty for the first.
    pool : str
        ``2020-01-01``, ``2020-01`` or ``2020-01-01..2020-01-09``.
    out : Path
        Folder to write below; other nights in it stay.
    **options
        Fields of :class:`~phoenix.simulate.night.SimulationOptions`. Among the faults,
        ``noisy_bias@2020-01-04`` is built into one night, ``noisy_bias`` into all.

    Raises
    ------
    DataError
        For options that do not exist, a fault or setup that the plugin does not know, or the
        fault of a night that is not of the pool.
    """
    try:
        asked = SimulationOptions(**options)
    except (TypeError, ValueError) as error:
        raise DataError(f"simulation: {error.args[0]}") from error
    plugin = load_instrument(instrument)
    wanted = plugin.process(process) if process else plugin.processes()[0]
    nights = nights_of(pool)
    faults = [fault.partition("@") for fault in asked.faults]
    strangers = {night for _, _, night in faults if night} - set(map(str, nights))
    if strangers:
        raise DataError(
            f"found faults for {', '.join(sorted(strangers))}, expected nights of {pool}"
        )
    return tuple(
        plugin.simulate(
            wanted,
            date,
            out,
            evolve(
                asked,
                faults=tuple(name for name, _, night in faults if night in {"", str(date)}),
            ),
        )
        for date in nights
    )
