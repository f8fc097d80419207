"""What is observed in a night without faults, and when."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from attrs import evolve, frozen

from phoenix.errors import SettingsError
from phoenix.simulate.exposure import (
    Exposure,
    ObservationBlock,
    Template,
    calibration_block,
    observing_period,
)
from phoenix.simulate.lamp import arc_lines
from phoenix.simulate.motion import place_on_sky
from phoenix.simulate.night import night_rng, night_time
from phoenix.simulate.site import PARANAL, horizontal
from phoenix_uves.simulation.plan import (
    ARC,
    BIAS,
    FLAT,
    FORMAT,
    KINDS,
    ORDERDEF,
    SCIENCE,
    SLICER,
    STANDARD,
    Frame,
    NightPlan,
)
from phoenix_uves.simulation.setup import BINNING, FIRST_NIGHT, settings_of
from phoenix_uves.simulation.stars import GIANT, METALLIC, STANDARDS, SUNLIKE, Target

if TYPE_CHECKING:
    from datetime import datetime

    import numpy as np

    from phoenix.model.dates import CivilDate
    from phoenix.simulate.night import SimulationOptions
    from phoenix_uves.simulation.setup import Setting

__all__ = ["plan_night"]

COUNTS = {"small": {BIAS: 3, FLAT: 3, SCIENCE: 2}, "full": {BIAS: 5, FLAT: 5, SCIENCE: 3}}
"""Size to the exposures of a template; one where nothing is said."""

BIAS_HOUR = 10.1
DAY_PROGRAMME = ((11.0, FORMAT, 3), (11.05, ORDERDEF, 3), (11.1, FLAT, 3), (11.25, ARC, 1))
DAY_STEP = 0.6
"""Hours after midnight UTC, kind, and every how many nights in a month of calibrations only; and
hours from setup to setup."""

STANDARD_HOUR, STANDARD_STEP, STANDARD_NIGHTS = 0.0, 0.25, 6
SCIENCE_HOUR, NIGHT_STEP = 1.2, 2.2
"""Hours after midnight UTC of the first standard and OB, and from setup to setup; every how many
nights a standard is taken in a month of calibrations only."""

MOST_SETUPS = 4
ACQUIRING = 30.0  # seconds from the start of a template to its first exposure
READ_OUT = 35.0  # seconds between exposures
RED_BEFORE_BLUE = 4.0  # seconds by which the red arm of a dichroic exposure starts earlier
COSMICS_PER_SECOND = 0.15  # events on a full chip
SEEING, STANDARD_SEEING = 0.8, 0.9  # arcsec
LINES = (295.0, 1075.0)  # nm
LINE_SPACING = 0.09  # nm


@frozen
class Programme:
    """One row: an OB of every setup.

    Attributes
    ----------
    kind : str
        SCIENCE or SLICER.
    delay : float
        Hours after the first OB of the setup.
    target : Target
        What it is of; place and velocity are drawn, the magnitude varies a little.
    iodine : bool
        Whether the iodine cell is in the beam: red arm, cross-disperser 3 only.
    """

    kind: str
    delay: float
    target: Target
    iodine: bool = False


PROGRAMMES = (
    Programme(SCIENCE, 0.0, Target("NOVA", 0.0, 0.0, 10.9, METALLIC, nebula=1.0, cloud=True)),
    Programme(SLICER, 1.1, Target("HALO", 0.0, 0.0, 10.0, GIANT, cloud=True)),
    Programme(SCIENCE, 1.5, Target("PLANET", 0.0, 0.0, 11.6, SUNLIKE), iodine=True),
)
"""Several exposures of a star with emission lines; one through the slicer; one with iodine."""


@frozen
class Visit:
    """A template in one arm: when, for whom, and how the instrument is set."""

    date: CivilDate
    options: SimulationOptions
    start: datetime
    block: ObservationBlock
    setting: Setting
    mode: str


def plan_night(date: CivilDate, options: SimulationOptions) -> NightPlan:
    """Plan a night without faults.

    Raises
    ------
    SettingsError
        For a setup that does not exist, for more of them than a night has room for, and for a
        night before the detectors that are simulated.
    """
    setups = settings_of(options.setups)
    if len(setups) > MOST_SETUPS:
        raise SettingsError(f"setups: found {len(setups)}, expected at most {MOST_SETUPS} a night")
    if date < FIRST_NIGHT:
        raise SettingsError(
            f"date: found {date}, expected {FIRST_NIGHT} or later: the blue chip is CCD-44b"
        )
    frames = _biases(date, options, setups)
    for number, settings in enumerate(setups):
        frames += _calibrations(date, options, settings, number)
        frames += _standard(date, options, settings, number)
        if not options.calibrations:
            frames += _observations(date, options, settings, number)
    return NightPlan(
        date=date,
        options=options,
        binning=BINNING[options.size],
        frames=tuple(sorted(frames, key=lambda frame: frame.exposure.start)),
        lines=arc_lines(*LINES, LINE_SPACING),
        standards=STANDARDS,
    )


def _visits(
    date: CivilDate,
    options: SimulationOptions,
    hour: float,
    block: ObservationBlock,
    settings: tuple[Setting, ...],
) -> list[Visit]:
    """Both arms at once, or the one there is."""
    start, mode = night_time(date, hour), _mode(settings)
    return [Visit(date, options, start, block, setting, mode) for setting in settings]


def _is_due(date: CivilDate, options: SimulationOptions, every: int) -> bool:
    """Tell what is taken: all in a night with science, else what comes every so many nights."""
    return not options.calibrations or round(date.mjd) % every == 0


def _biases(
    date: CivilDate, options: SimulationOptions, setups: tuple[tuple[Setting, ...], ...]
) -> list[Frame]:
    """One series for each arm that is used, whatever the settings."""
    arms = {row.arm: row for settings in reversed(setups) for row in settings}
    block = _calibration_block(BIAS, BIAS_HOUR)
    return [
        frame
        for arm in sorted(arms)
        for visit in _visits(date, options, BIAS_HOUR, block, (arms[arm],))
        for frame in _series(BIAS, visit)
    ]


def _calibrations(
    date: CivilDate, options: SimulationOptions, settings: tuple[Setting, ...], number: int
) -> list[Frame]:
    """Lamps, by day."""
    return [
        frame
        for first, kind, every in DAY_PROGRAMME
        if _is_due(date, options, every)
        for hour in (first + number * DAY_STEP,)
        for visit in _visits(date, options, hour, _calibration_block(kind, hour), settings)
        for frame in _series(kind, visit)
    ]


def _standard(
    date: CivilDate, options: SimulationOptions, settings: tuple[Setting, ...], number: int
) -> list[Frame]:
    """Choose the standard that stands highest."""
    if not _is_due(date, options, STANDARD_NIGHTS):
        return []
    hour = STANDARD_HOUR + STANDARD_STEP * number
    start = night_time(date, hour)
    star = max(STANDARDS, key=lambda row: horizontal(row.ra, row.dec, start, PARANAL).altitude)
    block = ObservationBlock(
        id=100_200_000 + int(1000 * hour),
        name="UVES_SpecStd",
        target=star.name,
        programme="60.A-9022(A)",
        ra=star.ra,
        dec=star.dec,
        execution_time=600,
    )
    return [
        frame
        for visit in _visits(date, options, hour, block, settings)
        for frame in _series(STANDARD, visit, target=star, seeing=STANDARD_SEEING)
    ]


def _observations(
    date: CivilDate, options: SimulationOptions, settings: tuple[Setting, ...], number: int
) -> list[Frame]:
    """Make the OBs of a setup."""
    frames: list[Frame] = []
    for place, row in enumerate(PROGRAMMES):
        hour = SCIENCE_HOUR + NIGHT_STEP * number + row.delay
        rng = night_rng(options, date, 3, number, place)
        target = _target(row, number, night_time(date, hour), rng)
        block = ObservationBlock(
            id=200_300_000 + 1000 * (date.day + 31 * date.month) + 10 * number + place,
            name=f"{target.name}_{'+'.join(setting.name for setting in settings)}",
            target=target.name,
            programme=f"{observing_period(date):03d}.D-{271 + place:04d}(A)",
            ra=target.ra,
            dec=target.dec,
            pi="SIMULATED",
            container=200_299_000 + date.day,
            execution_time=3600,
        )
        for visit in _visits(date, options, hour, block, settings):
            if _is_wanted(row, visit.setting, settings):
                frames += _series(row.kind, visit, target=target, iodine=row.iodine)
    return frames


def _is_wanted(row: Programme, setting: Setting, settings: tuple[Setting, ...]) -> bool:
    """Both arms; but the slicer is shown in the first one only, and iodine where it absorbs."""
    if row.iodine:
        return setting.disperser == "CD#3"
    return row.kind != SLICER or setting == settings[0]


def _series(
    kind: str,
    visit: Visit,
    *,
    target: Target | None = None,
    seeing: float = SEEING,
    iodine: bool = False,
) -> list[Frame]:
    """Give the exposures of one template, one after the other."""
    count = 1 if iodine else COUNTS[visit.options.size].get(kind, 1)
    first = evolve(
        _first(kind, visit, count, iodine=iodine), target=target, seeing=seeing, iodine=iodine
    )
    rng = night_rng(visit.options, visit.date, 2, first.stream)
    start = first.exposure.start + timedelta(milliseconds=int(rng.integers(1000)))
    seconds = first.exposure.exptime + READ_OUT
    step = timedelta(seconds=seconds, milliseconds=int(rng.integers(1000)))
    middle = timedelta(seconds=0.5 * first.exposure.exptime)
    return [
        evolve(
            first,
            exposure=evolve(first.exposure, start=start + i * step, number=i + 1),
            target=target and target.seen_at(start + i * step + middle),
            stream=first.stream + i,
        )
        for i in range(count)
    ]


def _first(kind: str, visit: Visit, count: int, *, iodine: bool) -> Frame:
    """Give the first of the exposures of a template, on the full second."""
    row, red = KINDS[kind], visit.setting.arm == "RED"
    signature = f"UVES_{visit.mode.lower().replace('hr#', '')}_{row.template}"
    return Frame(
        kind=kind,
        setting=visit.setting,
        mode=visit.mode,
        exposure=Exposure(
            prefix="UVES",
            start=visit.start + timedelta(seconds=ACQUIRING - RED_BEFORE_BLUE * red),
            exptime=row.exptime,
            category=row.category,
            kind=row.type,
            technique=f"{row.technique},ABSORPTION-CELL" if iodine else row.technique,
            block=visit.block,
            template=Template(signature, row.title, visit.start, count),
        ),
        stream=100 * int(visit.start.timestamp() // 60) + 50 * red,
        slit=row.slit,
        cosmics=round(COSMICS_PER_SECOND * row.exptime),
    )


def _target(row: Programme, number: int, start: datetime, rng: np.random.Generator) -> Target:
    """Put a target somewhere on the sky, off the meridian."""
    ra, dec = place_on_sky(rng, start + timedelta(hours=0.4), PARANAL)
    return evolve(
        row.target,
        name=f"SIM-{row.target.name}{number + 1}",
        ra=ra,
        dec=dec,
        magnitude=round(row.target.magnitude + float(rng.uniform(-0.2, 0.2)), 3),
        velocity=round(float(rng.normal(0.0, 40.0)), 4),
    )


def _calibration_block(kind: str, hour: float) -> ObservationBlock:
    number = 100_200_000 + int(hour * 1000)
    return calibration_block("UVES", KINDS[kind].title, number, "60.A-9022(A)")


def _mode(settings: tuple[Setting, ...]) -> str:
    """INS MODE: with both arms the dichroic that suits the red one."""
    if len(settings) == 1:
        return settings[0].arm
    return "DICHR#1" if settings[1].disperser == "CD#3" else "DICHR#2"
