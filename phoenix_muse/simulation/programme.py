"""What is observed in a night without faults, and when."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np
from attrs import evolve, frozen

from phoenix.errors import SettingsError
from phoenix.model.dates import CivilDate
from phoenix.simulate.exposure import (
    Exposure,
    ObservationBlock,
    Template,
    calibration_block,
    observing_period,
)
from phoenix.simulate.motion import observer_velocity
from phoenix.simulate.night import night_rng, night_time
from phoenix.simulate.site import PARANAL, horizontal, sidereal_time
from phoenix_muse.simulation.layout import LAYOUTS, SLICES, layout_of
from phoenix_muse.simulation.plan import (
    ARC,
    BIAS,
    DARK,
    FLAT,
    ILLUM,
    KINDS,
    OBJECT,
    ON_SKY,
    SKY,
    STANDARD,
    TWILIGHT,
    Frame,
    NightPlan,
)
from phoenix_muse.simulation.scene import Scene, Source, draw_scene, offsets, sky_place

if TYPE_CHECKING:
    from datetime import datetime

    from phoenix.simulate.night import SimulationOptions
    from phoenix_muse.simulation.layout import Layout
    from phoenix_muse.simulation.plan import Kind

__all__ = ["PROGRAMMES", "STANDARDS", "plan_night"]

FIRST_NIGHT = CivilDate(2014, 9, 1)
"""The month before operations began."""

OB_STEP = 0.3  # hours from one OB of a container to the next
READ_OUT = 45.0  # seconds between exposures
ACQUIRING = 60.0  # seconds from the start of a template to its first exposure

DAY_PROGRAMME = ((10.2, BIAS, 3), (10.8, FLAT, 3))
"""Hours after midnight UTC, kind, and how many."""
ARC_HOUR, LAMPS = 11.4, ("Ne", "Xe", "HgCd")
DARK_HOUR, DARKS = 13.0, 3
TWILIGHT_HOUR, STANDARD_HOUR, ILLUM_HOUR = -0.8, 0.2, 0.9

TWILIGHT_NIGHTS = 7
"""A twilight flat is taken once a week; in a month of calibrations only the others lack it."""
DARK_NIGHT = 1
"""Day of the month on which darks are taken: they tell of detectors, and no frame needs them."""


@frozen
class Standard:
    """A flux standard: place (degrees, J2000) and V magnitude; its spectrum is invented."""

    name: str
    ra: float
    dec: float
    magnitude: float

    @property
    def source(self) -> Source:
        """The star in the middle of its field."""
        # 3.6e-9 erg/s/cm2/Angstrom is a star of magnitude 0 in V.
        flux = 3.6e-9 * 10.0 ** (-0.4 * self.magnitude) / 1e-20
        return Source(self.name, 0.0, 0.0, flux, slope=-3.0)


STANDARDS = (
    Standard("GD71", 88.115083, 15.886306, 13.0),
    Standard("Feige110", 349.993333, -5.165556, 11.8),
    Standard("GD153", 194.259583, 22.031306, 13.3),
    Standard("LTT3218", 130.388333, -32.943056, 11.9),
    Standard("LTT7987", 302.738458, -30.219306, 12.2),
    Standard("EG274", 245.890861, -39.228833, 11.0),
)


@frozen
class Programme:
    """One row: what is asked for, one OB or several of one container.

    Attributes
    ----------
    name : str
        What a user asks for.
    hour : float
        After midnight UTC.
    pattern : str
        Exposures, O for object and S for sky: one word an OB. Several OBs share a container.
    stars, objects : int
        In a field of an arcmin; a compact one has as many as find room.
    crowded : bool
        Whether stars stand close together.
    deep : bool
        Whether every night has the same target, in runs A and B by turns.
    """

    name: str
    hour: float
    pattern: str
    stars: int = 40
    objects: int = 12
    crowded: bool = False
    deep: bool = False


PROGRAMMES = {
    row.name: row
    for row in (
        Programme("field", 1.2, "OSO"),
        Programme("single", 2.2, "O"),
        Programme("plain", 2.8, "OO"),
        Programme("crowded", 3.6, "OO", stars=300, objects=0, crowded=True),
        Programme("container", 4.4, "O O"),
        Programme("deep", 5.2, "OO", deep=True),
        Programme("four", 6.0, "OOOO"),
        Programme("sky", 7.4, "SS"),
        Programme("sky-apart", 8.0, "O S O"),
    )
}
"""Name to what it is: an OB with sky beside the field, a single exposure, two without sky, a dense
field, two OBs of one container, a target that comes back in other nights, four exposures, an OB
that looks at nothing but sky, a container whose sky has an OB of its own."""

USUAL = ("field", "single")

IN_COMPACT = {"stars": 6, "objects": 3}
"""Sources of a compact field that is not crowded."""

STEPS = ((0.0, 0.0), (0.7, -0.5), (-0.6, 0.6), (0.5, 0.8))
"""arcsec to the east and north by which the observer moves the field from exposure to exposure."""
SKY_STEP = (180.0, 90.0)
"""arcsec from the target to its empty sky."""
MISSED = 0.09
"""arcsec to the east and north by which the telescope misses at most: no offset reaches the 0.2
arcsec beyond which an exposure counts as not aligned."""


def plan_night(date: CivilDate, options: SimulationOptions) -> NightPlan:
    """Plan a night without faults.

    Raises
    ------
    SettingsError
        For a setup that is neither a layout nor a programme, and for a night before the
        instrument came.
    """
    if date < FIRST_NIGHT:
        raise SettingsError(f"date: found {date}, expected {FIRST_NIGHT} or later")
    unknown = [name for name in options.setups if name not in {*LAYOUTS, *PROGRAMMES}]
    if unknown:
        known = ", ".join((*LAYOUTS, *PROGRAMMES))
        raise SettingsError(f"setups: found {', '.join(unknown)}, expected some of {known}")
    layout = layout_of(options.size, options.setups)
    frames = _day(date, options, layout)
    frames += _standard(date, options)
    if not options.calibrations:
        asked = [name for name in PROGRAMMES if name in options.setups] or USUAL
        frames += _series(ILLUM, date, options, ILLUM_HOUR, [ILLUM])
        for name in asked:
            frames += _observations(date, options, layout, PROGRAMMES[name])
    ordered = sorted(frames, key=lambda frame: frame.exposure.start)
    return NightPlan(date, options, layout, tuple(_lit(date, options, ordered)))


def _day(date: CivilDate, options: SimulationOptions, layout: Layout) -> list[Frame]:
    """Biases, lamps and twilight."""
    frames = [
        frame
        for hour, kind, count in DAY_PROGRAMME
        for frame in _series(kind, date, options, hour, [kind] * count)
    ]
    if date.day == DARK_NIGHT:
        frames += _series(DARK, date, options, DARK_HOUR, [DARK] * DARKS)
    if layout.is_whole:
        arcs = _series(ARC, date, options, ARC_HOUR, [ARC] * len(LAMPS))
        frames += [evolve(arc, lamp=lamp) for arc, lamp in zip(arcs, LAMPS, strict=True)]
    if not options.calibrations or round(date.mjd) % TWILIGHT_NIGHTS == 0:
        frames += _series(TWILIGHT, date, options, TWILIGHT_HOUR, [TWILIGHT] * 3)
    return frames


def _standard(date: CivilDate, options: SimulationOptions) -> list[Frame]:
    """Choose the standard that stands highest."""
    start = night_time(date, STANDARD_HOUR)
    star = max(STANDARDS, key=lambda row: horizontal(row.ra, row.dec, start, PARANAL).altitude)
    block = ObservationBlock(
        id=100_300_300, name="MUSE_SpecPhot", target=star.name, programme="60.A-9100(A)",
        ra=star.ra, dec=star.dec, execution_time=600,
    )  # fmt: skip
    scene = Scene(star.ra, star.dec, (star.source,))
    return [
        evolve(frame, scene=scene)
        for frame in _series(STANDARD, date, options, STANDARD_HOUR, [STANDARD], block)
    ]


def _observations(
    date: CivilDate, options: SimulationOptions, layout: Layout, row: Programme
) -> list[Frame]:
    """Make the exposures of a programme."""
    number = list(PROGRAMMES).index(row.name)
    rng = night_rng(options, date, 3, number)
    # What comes back in other nights must not depend on this one.
    drawn = np.random.default_rng([options.seed, 77, number]) if row.deep else rng
    start = night_time(date, row.hour)
    middle = _place_of(drawn, start) if not row.deep else _deep_place(drawn)
    scene = _scene(drawn, layout, row, middle)
    letter = "AB"[date.day % 2] if row.deep else "A"
    programme = f"{observing_period(date):03d}.B-{571 + number:04d}({letter})"
    first_id = 200_500_000 + 1000 * (date.day + 31 * date.month) + 10 * number
    posang = round(float(rng.uniform(-90.0, 90.0)), 3)
    frames: list[Frame] = []
    exposures = 0
    patterns = row.pattern.split()
    for ob, pattern in enumerate(patterns):
        block = ObservationBlock(
            id=first_id + ob,
            name=f"SIM-{row.name.upper()}_{ob + 1}",
            target=f"SIM-{row.name.upper()}",
            programme=programme,
            ra=scene.ra,
            dec=scene.dec,
            pi="SIMULATED",
            container=first_id - 1 if len(patterns) > 1 else 0,
            execution_time=3600,
        )
        kinds = [OBJECT if one == "O" else SKY for one in pattern]
        for frame in _series(OBJECT, date, options, row.hour + OB_STEP * ob, kinds, block):
            frames.append(_pointed(frame, scene, exposures, posang, layout, rng))
            exposures += frame.kind == OBJECT
    return frames


def _scene(
    rng: np.random.Generator, layout: Layout, row: Programme, middle: tuple[float, float]
) -> Scene:
    width, height = layout.field
    stars, objects = row.stars, row.objects
    if layout.compact:
        stars = 60 if row.crowded else IN_COMPACT["stars"]
        objects = min(row.objects, IN_COMPACT["objects"])
    # Whatever the rotation and the steps, they stay in the field: in a circle if it is turned.
    radius = min(width, height)
    field = (radius - 2.4, radius - 2.4) if not layout.compact else (width - 3.6, height - 2.4)
    low, high = float(layout.wavelength().min()), float(layout.wavelength().max())
    band = (max(low, 4800.0) + 25.0, min(high, 9300.0) - 25.0)
    return draw_scene(rng, middle, field, band, stars=stars, objects=objects, crowded=row.crowded)


def _place_of(rng: np.random.Generator, start: datetime) -> tuple[float, float]:
    """Draw a place up to three hours from the meridian, not at the zenith: the field turns there.

    The airmass stays below 1.6.
    """
    east = float(rng.choice([-1.0, 1.0])) * float(rng.uniform(8.0, 42.0))
    dec = PARANAL.latitude + float(rng.uniform(-25.0, 25.0))
    return round((sidereal_time(start, PARANAL) + east) % 360.0, 6), round(dec, 6)


def _deep_place(rng: np.random.Generator) -> tuple[float, float]:
    """Draw a place that is up at the hour of the programme all January."""
    return round(float(rng.uniform(120.0, 150.0)), 6), round(float(rng.uniform(-35, -15)), 6)


def _pointed(
    frame: Frame,
    scene: Scene,
    number: int,
    posang: float,
    layout: Layout,
    rng: np.random.Generator,
) -> Frame:
    """Point the telescope: the observer's step and turn, and what it missed by."""
    east, north = STEPS[number % len(STEPS)]
    missed = tuple(float(round(x, 4)) for x in rng.uniform(-MISSED, MISSED, 2))
    if frame.kind == SKY:
        east, north = SKY_STEP
    ra, dec = sky_place(east, north, scene.ra, scene.dec)
    block = evolve(frame.exposure.block, ra=round(ra, 7), dec=round(dec, 7))
    turned = (posang + layout.turn * number + 180.0) % 360.0 - 180.0
    return evolve(
        frame,
        exposure=evolve(frame.exposure, block=block),
        scene=scene if frame.kind == OBJECT else None,
        posang=round(turned, 3),
        pointing=(missed[0], missed[1]),
    )


def _series(
    kind: str,
    date: CivilDate,
    options: SimulationOptions,
    hour: float,
    kinds: list[str],
    block: ObservationBlock | None = None,
) -> list[Frame]:
    """Give the exposures of one template, one after the other."""
    start = night_time(date, hour)
    stream = 100 * int(start.timestamp() // 60)
    rng = night_rng(options, date, 2, stream)
    template_row = KINDS[kind]
    template = Template(template_row.template, template_row.title, start, len(kinds))
    own_id = 100_300_000 + int((hour + 24.0) * 100) % 10000
    block = block or calibration_block("MUSE", template_row.title, own_id, "60.A-9100(A)")
    time = start + timedelta(seconds=ACQUIRING, milliseconds=int(rng.integers(1000)))
    frames = []
    for number, one in enumerate(kinds):
        exposure = _exposure(KINDS[one], block, template, time, number + 1)
        frames.append(Frame(kind=one, exposure=exposure, stream=stream + number))
        seconds = exposure.exptime + READ_OUT
        time += timedelta(seconds=seconds, milliseconds=int(rng.integers(1000)))
    return frames


def _exposure(
    row: Kind, block: ObservationBlock, template: Template, start: datetime, number: int
) -> Exposure:
    return Exposure(
        prefix="MUSE",
        start=start,
        exptime=row.exptime,
        category=row.category,
        kind=row.type,
        technique="IFU",
        block=block,
        template=template,
        number=number,
    )


def _lit(date: CivilDate, options: SimulationOptions, frames: list[Frame]) -> list[Frame]:
    """Draw what the night does to each frame: seeing, airglow, slits, cosmic rays, motion."""
    night = night_rng(options, date, 1)
    slits = tuple(float(x) for x in np.round(night.normal(1.0, 0.015, SLICES), 5))
    found = []
    for frame in frames:
        rng = night_rng(options, date, 5, frame.stream)
        seeing = float(round(rng.uniform(0.7, 0.95), 3))
        glow = [(group, float(round(rng.normal(1.0, 0.02), 4))) for group in (1, 2, 3, 4)]
        shift = float(round(rng.normal(0.0, 0.03), 4))
        cosmics = int(rng.poisson(0.02 * frame.exposure.exptime))
        if frame.kind == DARK:
            frame = evolve(frame, cosmics=cosmics)  # noqa: PLW2901 - one after the other
        if frame.kind in {*ON_SKY, ILLUM}:
            frame = evolve(frame, slit_light=slits)  # noqa: PLW2901 - one after the other
        if frame.kind in ON_SKY:
            frame = evolve(  # noqa: PLW2901 - one after the other
                frame, seeing=seeing, airglow=tuple(glow), shift=shift, cosmics=cosmics,
                observer=_observer(frame),
            )  # fmt: skip
        found.append(frame)
    return found


def _observer(frame: Frame) -> float:
    if frame.kind != OBJECT:
        return 0.0
    exposure = frame.exposure
    middle = exposure.start + timedelta(seconds=0.5 * exposure.exptime)
    return round(
        float(observer_velocity(exposure.block.ra, exposure.block.dec, middle, PARANAL)), 5
    )


def true_place(frame: Frame) -> tuple[float, float]:
    """Return where the telescope looked, arcsec to the east and north of the scene's middle."""
    block, scene = frame.exposure.block, frame.scene
    if scene is None:
        return 0.0, 0.0
    east, north = offsets(block.ra, block.dec, scene.ra, scene.dec)
    return east + frame.pointing[0], north + frame.pointing[1]
