"""What is observed in a night without faults, and when."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np
from attrs import evolve, frozen

from phoenix.errors import SettingsError
from phoenix.model.dates import CivilDate
from phoenix.simulate.exposure import ObservationBlock, calibration_block, observing_period
from phoenix.simulate.lamp import ArcLines
from phoenix.simulate.motion import place_on_sky
from phoenix.simulate.night import night_rng, night_time
from phoenix.simulate.site import PARANAL, horizontal
from phoenix.simulate.star import STAR_CLASSES, StarClass
from phoenix_xshooter.process import BLOCKED
from phoenix_xshooter.simulation.arms import SPECTROGRAPHS
from phoenix_xshooter.simulation.asked import Asked
from phoenix_xshooter.simulation.plan import (
    ARC,
    BIAS,
    DARK,
    FLAT,
    FORMAT,
    IFU,
    KINDS,
    MULTI,
    NOD,
    OFFSET,
    ORDERDEF,
    STARE,
    TELLURICS,
    Frame,
    NightPlan,
    Target,
)
from phoenix_xshooter.simulation.plan import STANDARDS as STANDARD_KINDS
from phoenix_xshooter.simulation.series import Visit, series

if TYPE_CHECKING:
    from phoenix.simulate.night import SimulationOptions

__all__ = ["plan_night"]

FIRST_NIGHT = CivilDate(2009, 3, 1)
"""Begin of the commissioning."""

WIDE = "5.0x11"
NARROW = {"UVB": "1.0x11", "VIS": "0.9x11", "NIR": "0.9x11"}
"""Arm to the slit of most programmes."""

BIAS_HOUR, DARK_HOUR = 10.1, 10.5
DAY_PROGRAMME = ((11.0, FORMAT, 2), (11.1, ORDERDEF, 2), (11.2, MULTI, 2), (11.4, FLAT, 3))
"""Hours after midnight UTC, kind, and every how many nights in a month of calibrations only."""

ARC_HOUR, NARROW_STEP = 12.4, 0.4
STANDARD_HOUR, STANDARD_NIGHTS = 0.3, 4
TELLURIC_HOUR, STAR_HOUR = 4.0, 1.2
MODE_STEP = 0.25
"""Hours from one mode of observing to the next, in a night that has several."""

LINE_STEPS = 34  # arc lines in an order

DWARF = StarClass("DA", 20000, -0.1, hydrogen=0.6, metals=0.0, broadening=30.0, share=0)
GIANT = next(star for star in STAR_CLASSES if star.name == "G8III")
HOT = StarClass("A0p", 9700, 0.0, hydrogen=0.3, metals=0.03, broadening=60.0, share=0)
"""Next to no lines: what is off in its spectrum is off in the flux."""

STANDARDS = (
    # The stars that the pipeline knows by name (J2000); their spectra here are invented.
    Target("GD71", 88.115083, 15.886306, 13.0, DWARF),
    Target("Feige110", 349.993333, -5.165556, 11.8, DWARF),
    Target("GD153", 194.259583, 22.031306, 13.3, DWARF),
    Target("LTT3218", 130.388333, -32.943056, 11.9, DWARF),
    Target("LTT7987", 302.738458, -30.219306, 12.2, DWARF),
    Target("EG274", 245.890861, -39.228833, 11.0, DWARF),
)


@frozen
class Programme:
    """One row: an OB.

    Attributes
    ----------
    kind : str
        NOD, STARE, OFFSET or IFU.
    hour : float
        After midnight UTC.
    target : Target
        What it is of; place and velocity are drawn.
    arms : tuple of str
        Which take part.
    exposures : int
        Of each arm.
    sizes : tuple of str
        Sizes of nights that have it.
    narrow : bool
        Whether the slit is that of most programmes, not the wide one.
    """

    kind: str
    hour: float
    target: Target
    arms: tuple[str, ...] = ("UVB", "VIS", "NIR")
    exposures: int = 2
    sizes: tuple[str, ...] = ("small", "full")
    narrow: bool = False


STAR = Target("STAR", 0, 0, 12.0, HOT)

PROGRAMMES = (
    Programme(NOD, STAR_HOUR, STAR),
    Programme(STARE, 2.0, Target("NEBULA", 0, 0, 14.0, GIANT, nebula=-0.4), ("NIR",), 1),
    Programme(OFFSET, 2.6, Target("GALAXY", 0, 0, 12.0, GIANT, nebula=0.1), ("NIR",), 2),
    Programme(IFU, 3.2, Target("CLUSTER", 0, 0, 13.0, GIANT), ("NIR",), 1),
    Programme(
        NOD, 5.0, Target("QUASAR", 0, 0, 13.2, GIANT, nebula=0.5), exposures=4, sizes=("full",),
        narrow=True,
    ),
    Programme(STARE, 6.0, Target("DWARF", 0, 0, 12.8, GIANT), exposures=1, sizes=("full",)),
)  # fmt: skip
"""A star nodded along the slit, a nebula without a star, an extended source with sky beside it."""


def plan_night(date: CivilDate, options: SimulationOptions) -> NightPlan:
    """Plan a night without faults.

    Raises
    ------
    SettingsError
        For a setup that does not exist and for a night before the instrument came.
    """
    if date < FIRST_NIGHT:
        raise SettingsError(f"date: found {date}, expected {FIRST_NIGHT} or later")
    asked = Asked.of(options.setups)
    frames = [frame for arm in asked.arms for frame in _day(date, options, asked, arm)]
    for number, mode in enumerate(asked.modes or (NOD,)):
        frames += _standard(date, options, asked, (number, mode))
        if not options.calibrations and (asked.modes or options.size == "full"):
            frames += _telluric(date, options, asked, (number, mode))
    if not options.calibrations:
        for number, programme in enumerate(_programmes(asked)):
            frames += _observations(date, options, asked, number, programme)
    return NightPlan(
        date=date,
        options=options,
        frames=tuple(sorted(frames, key=lambda frame: frame.exposure.start)),
        lines={arm: _arc_lines(arm) for arm in SPECTROGRAPHS},
        standards=STANDARDS,
    )


def _arc_lines(arm: str) -> ArcLines:
    """Lines of the lamp, as many in every order and none too near its neighbour.

    Wavelengths are rounded to float32: the tables of the pipeline must have the very same.
    """
    row = SPECTROGRAPHS[arm]
    rng = np.random.default_rng([9018, *arm.encode()])
    places: list[float] = []
    for number in row.orders[::-1]:
        low, high = row.free(number)
        step = (high - low) / LINE_STEPS
        cells = low + step * (np.arange(LINE_STEPS) + rng.uniform(0.25, 0.75, LINE_STEPS))
        places += cells.tolist()
    wavelength = np.asarray(places, dtype=np.float32).astype(np.float64)
    return ArcLines(wavelength, 10.0 ** (-0.7 * rng.uniform(0, 1, wavelength.size)))


def _is_due(date: CivilDate, options: SimulationOptions, every: int) -> bool:
    """Tell what is taken: all in a night with science, else what comes every so many nights."""
    return not options.calibrations or round(date.mjd) % every == 0


def _programmes(asked: Asked) -> tuple[Programme, ...]:
    """Return the usual programme, or a star in every mode that is asked for."""
    if not asked.modes:
        return PROGRAMMES
    return tuple(
        Programme(mode, STAR_HOUR + MODE_STEP * number, STAR, exposures=1 if mode == STARE else 2)
        for number, mode in enumerate(asked.modes)
    )


def _slit(asked: Asked, arm: str, *, narrow: bool) -> str:
    """Return the slit of a target: behind the filter the narrow one."""
    if arm == "NIR" and asked.blocked:
        return f"{NARROW[arm]}{BLOCKED}"
    return NARROW[arm] if narrow else WIDE


def _day(date: CivilDate, options: SimulationOptions, asked: Asked, arm: str) -> list[Frame]:
    """Biases or darks, and lamps."""
    first = (DARK_HOUR, DARK, 3) if arm == "NIR" else (BIAS_HOUR, BIAS, 1)
    rows = [(hour, kind, WIDE) for hour, kind, every in (first, *DAY_PROGRAMME)
            if _is_due(date, options, every)]  # fmt: skip
    narrow = _slit(asked, arm, narrow=True)
    if options.size == "full" or BLOCKED in narrow:
        rows += [(DAY_PROGRAMME[-1][0] + NARROW_STEP, FLAT, narrow), (ARC_HOUR, ARC, narrow)]
    return [
        frame
        for hour, kind, slit in rows
        for frame in series(
            kind, Visit(date, options, night_time(date, hour), _day_block(kind, hour), arm, slit)
        )
    ]


def _standard(
    date: CivilDate, options: SimulationOptions, asked: Asked, mode: tuple[int, str]
) -> list[Frame]:
    """Choose the standard that stands highest."""
    if not _is_due(date, options, STANDARD_NIGHTS):
        return []
    number, observed = mode
    start = night_time(date, STANDARD_HOUR + MODE_STEP * number)
    star = max(STANDARDS, key=lambda row: horizontal(row.ra, row.dec, start, PARANAL).altitude)
    block = ObservationBlock(
        id=100_200_300 + number, name="XSHOOTER_SpecStd", target=star.name,
        programme="60.A-9022(A)", ra=star.ra, dec=star.dec, execution_time=600,
    )  # fmt: skip
    kind = STANDARD_KINDS[observed]
    return [
        frame
        for arm in asked.arms
        for frame in series(
            kind,
            Visit(date, options, start, block, arm, _slit(asked, arm, narrow=False)),
            target=star,
        )
    ]


def _telluric(
    date: CivilDate, options: SimulationOptions, asked: Asked, mode: tuple[int, str]
) -> list[Frame]:
    """Give a telluric standard."""
    number, observed = mode
    start = night_time(date, TELLURIC_HOUR + MODE_STEP * number)
    ra, dec = place_on_sky(night_rng(options, date, 5), start, PARANAL)
    star = Target("Hip012345", ra, dec, 9.0, STAR_CLASSES[0])
    block = ObservationBlock(
        id=100_200_400 + number, name="XSHOOTER_TellStd", target=star.name,
        programme="60.A-9022(A)", ra=ra, dec=dec, execution_time=600,
    )  # fmt: skip
    narrow = options.size == "full"
    return [
        frame
        for arm in asked.arms
        for frame in series(
            TELLURICS[observed],
            Visit(date, options, start, block, arm, _slit(asked, arm, narrow=narrow)),
            target=star,
            light=0.05,
        )
    ]


def _observations(
    date: CivilDate, options: SimulationOptions, asked: Asked, number: int, row: Programme
) -> list[Frame]:
    """Make the exposures of an OB."""
    if options.size not in row.sizes:
        return []
    start = night_time(date, row.hour)
    rng = night_rng(options, date, 3, number)
    ra, dec = place_on_sky(rng, start + timedelta(hours=0.1), PARANAL)
    target = evolve(
        row.target,
        name=f"SIM-{row.target.name}",
        ra=ra,
        dec=dec,
        magnitude=round(row.target.magnitude + float(rng.uniform(-0.2, 0.2)), 3),
        velocity=round(float(rng.normal(0.0, 40.0)), 4),
    )
    block = ObservationBlock(
        id=200_400_000 + 1000 * (date.day + 31 * date.month) + number,
        name=f"{target.name}_{row.kind}",
        target=target.name,
        programme=f"{observing_period(date):03d}.B-{371 + number:04d}(A)",
        ra=target.ra,
        dec=target.dec,
        pi="SIMULATED",
        execution_time=3600,
    )
    posang = round(float(rng.uniform(-90.0, 90.0)), 3)
    return [
        frame
        for arm in asked.arms
        if arm in row.arms
        for frame in series(
            row.kind,
            Visit(date, options, start, block, arm, _slit(asked, arm, narrow=row.narrow)),
            target=target,
            exposures=row.exposures,
            posang=posang,
        )
    ]


def _day_block(kind: str, hour: float) -> ObservationBlock:
    number = 100_200_000 + int(hour * 1000)
    return calibration_block("XSHOOTER", KINDS[kind].title, number, "60.A-9022(A)")
