"""The plan of a night: every frame with all that shapes it, before a single pixel is drawn.

Faults change the plan; :mod:`phoenix_giraffe.simulation.night` carries it out.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np
from attrs import field, frozen

from phoenix.simulate.exposure import Exposure, ObservationBlock, Template, observing_period
from phoenix.simulate.lamp import ArcLines, arc_lines
from phoenix.simulate.motion import place_on_sky
from phoenix.simulate.night import night_rng, night_time
from phoenix.simulate.site import PARANAL
from phoenix_giraffe.simulation.optics import project
from phoenix_giraffe.simulation.setup import Setup, detector_of, setup_of
from phoenix_giraffe.simulation.slit import Fibre, positions, slit
from phoenix_giraffe.simulation.stars import Field, seen_at, star_field

if TYPE_CHECKING:
    from datetime import datetime

    from phoenix.model.dates import CivilDate
    from phoenix.simulate.detector import Detector
    from phoenix.simulate.night import SimulationOptions
    from phoenix_giraffe.simulation.optics import Optics

__all__ = [
    "ARC",
    "BIAS",
    "DARK",
    "FLAT",
    "SCIENCE",
    "SIMCAL_ARC",
    "Frame",
    "NightPlan",
    "plan_night",
]

BIAS, DARK, FLAT, ARC = "bias", "dark", "flat", "arc"
SIMCAL_ARC, SCIENCE = "simcal_arc", "science"


@frozen
class Kind:
    """One row: what frames of a kind say about themselves and how they are taken.

    Attributes
    ----------
    category, type, technique : str
        DPR CATG, TYPE and TECH.
    template, title : str
        TPL ID and TPL NAME.
    exptime : float
        Seconds.
    """

    category: str
    type: str
    technique: str
    template: str
    title: str
    exptime: float


KINDS = {
    BIAS: Kind("CALIB", "BIAS", "IMAGE", "FLAMES_gir_cal_Bias", "Bias", 0.0),
    DARK: Kind("CALIB", "DARK", "IMAGE", "FLAMES_gir_cal_Dark", "Dark", 1800.0),
    FLAT: Kind("CALIB", "LAMP,FLAT", "MOS", "FLAMES_gir_cal_NasmythScreen", "Flat", 30.0),
    ARC: Kind("CALIB", "LAMP,WAVE", "MOS", "FLAMES_gir_cal_NasmythScreen", "Arc", 60.0),
    SIMCAL_ARC: Kind("CALIB", "SIMLAMP,TAL", "MOS", "FLAMES_gir_cal_SimCal", "SimCal", 60.0),
    SCIENCE: Kind("SCIENCE", "OBJECT,OzPoz", "MOS", "FLAMES_gir_obs_exp", "GIRAFFE exp", 1800.0),
}

DAY_PROGRAMME = (  # hours after midnight UTC, kind, frames
    (10.10, BIAS, 5),
    (10.40, DARK, 3),
    (12.10, FLAT, 3),
    (12.30, ARC, 1),
)
MONTH_PROGRAMME = (  # hours after midnight UTC, kind, frames, every so many nights
    (10.10, BIAS, 3, 1),
    (12.10, FLAT, 3, 3),
    (12.30, ARC, 1, 1),
)
"""The calibrations of an ordinary month, as few as the recipes and their scores take."""
OB_START = (1.20, 4.60)  # hours after midnight UTC of the two OBs
STATIC_DATE = "030401"  # yymmdd, of the static tables
READ_OUT = 47.0  # seconds between exposures
DAY_TEMPERATURE = 12.6  # C, in the spectrograph
NIGHT_TEMPERATURE = (12.3, 12.0)  # of the two OBs
FLEXURE = (0.05, 0.02)  # columns and rows per degree away from the calibrations
COSMICS_PER_SECOND = 0.15  # events on a full detector


@frozen
class Frame:
    """One raw frame.

    Attributes
    ----------
    kind : str
        One of the kinds of :data:`KINDS`.
    exposure : Exposure
        Times, OB, template and DPR.
    temperature : float
        C, of the spectrograph (INS TEMP1 VAL).
    stream : int
        Number of its own stream of random numbers.
    field : Field or None
        What the fibres look at; None in calibrations.
    simcal : str
        Lamp in the SIMCAL fibres: HAL, TAL or empty.
    light : float
        Factor on lamp or stars; 0 where the light did not reach the fibres.
    flexure : (float, float)
        Shift in columns and rows.
    scattered : float
        Scattered light as a part of the mean light per pixel.
    cosmics : int
        Events.
    dark_fibres : tuple of int
        FPS of fibres that are allocated but see nothing.
    lost_keywords : tuple of str
        Keywords that are missing in the header.
    fibre_table : str
        Name of the second fibre table.
    rows : int
        Rows that were read out; 0 = all.
    noise : float
        Factor on the read-out noise.
    spoilt : str
        What happened to the file: ``missing``, ``truncated``, ``text``, or empty.
    """

    kind: str
    exposure: Exposure
    temperature: float
    stream: int
    field: Field | None = None
    simcal: str = ""
    light: float = 1.0
    flexure: tuple[float, float] = (0.0, 0.0)
    scattered: float = 0.003
    cosmics: int = 0
    dark_fibres: tuple[int, ...] = ()
    lost_keywords: tuple[str, ...] = ()
    fibre_table: str = "FLAMES FIBRE Table"
    rows: int = 0
    noise: float = 1.0
    spoilt: str = ""


@frozen
class NightPlan:
    """All of a night.

    Attributes
    ----------
    date : CivilDate
        The night.
    options : SimulationOptions
        Size and seed.
    setup : Setup
        Frame size and what belongs to it.
    detector : Detector
        The one of that epoch.
    fibres : tuple of Fibre
        The slit.
    frames : tuple of Frame
        In the order of time.
    lines : ArcLines
        What the lamp emits.
    catalogue : ArcLines
        What the line catalogue says.
    catalogue_date : str
        Date (yymmdd) in the name of the line catalogue.
    """

    date: CivilDate
    options: SimulationOptions
    setup: Setup
    detector: Detector
    fibres: tuple[Fibre, ...] = field(repr=False)
    frames: tuple[Frame, ...] = field(repr=False)
    lines: ArcLines = field(repr=False)
    catalogue: ArcLines = field(repr=False)
    catalogue_date: str = STATIC_DATE

    @property
    def optics(self) -> Optics:
        """The true optical model."""
        return self.setup.optics

    def of_kind(self, kind: str) -> tuple[Frame, ...]:
        """Frames of one kind, in the order of time."""
        return tuple(frame for frame in self.frames if frame.kind == kind)


def plan_night(date: CivilDate, options: SimulationOptions) -> NightPlan:
    """Plan a night without faults."""
    setup = setup_of(options.size, options.setups)
    fibres = slit(setup)
    science = () if options.calibrations else _observations(date, options, setup, fibres)
    frames = [*science, *_calibrations(date, options)]
    lines = arc_lines(setup.low - 2.0, setup.high + 2.0, spacing=setup.setting.spacing)
    return NightPlan(
        date=date,
        options=options,
        setup=setup,
        detector=detector_of(date, setup.optics, _bad_column(setup, fibres)),
        fibres=fibres,
        frames=tuple(sorted(frames, key=lambda frame: frame.exposure.start)),
        lines=lines,
        catalogue=lines,
    )


def _calibrations(date: CivilDate, options: SimulationOptions) -> list[Frame]:
    """Give the frames of the day after the night."""
    return [
        frame
        for hours, kind, count in _programme(date, options)
        for frame in _series(
            kind,
            night_time(date, hours),
            count,
            block=ObservationBlock(
                id=100_000_000 + int(hours * 1000),
                name=f"GIRAF_{KINDS[kind].title}",
                target=KINDS[kind].title.upper(),
                programme=f"{60}.A-9{int(hours * 10):03d}(A)",
            ),
            rng=night_rng(options, date, 2, int(hours * 1000)),
            temperature=DAY_TEMPERATURE,
            simcal={FLAT: "HAL", ARC: "TAL"}.get(kind, ""),
        )
    ]


def _programme(date: CivilDate, options: SimulationOptions) -> tuple[tuple[float, str, int], ...]:
    if not options.calibrations:
        return DAY_PROGRAMME
    day = round(date.mjd)
    return tuple(
        (hours, kind, count) for hours, kind, count, every in MONTH_PROGRAMME if day % every == 0
    )


def _observations(
    date: CivilDate, options: SimulationOptions, setup: Setup, fibres: tuple[Fibre, ...]
) -> list[Frame]:
    """Give the science frames of each OB, and the SIMCAL arc attached to it."""
    frames: list[Frame] = []
    for number, count in enumerate(setup.science):
        rng = night_rng(options, date, 3, number)
        start, temperature = night_time(date, OB_START[number]), NIGHT_TEMPERATURE[number]
        block = _block(date, number, start, setup, rng)
        stars = star_field(block, setup, fibres, rng)
        science = _series(
            SCIENCE, start, count, block=block, rng=rng, temperature=temperature, field=stars
        )
        after = science[-1].exposure.end + timedelta(seconds=READ_OUT)
        attached = _series(
            SIMCAL_ARC, after, 1, block=block, rng=rng, temperature=temperature, simcal="TAL"
        )
        frames += [*science, *attached]
    return frames


def _series(
    kind: str,
    start: datetime,
    count: int,
    *,
    block: ObservationBlock,
    rng: np.random.Generator,
    temperature: float,
    field: Field | None = None,
    simcal: str = "",
) -> list[Frame]:
    """Give the exposures of one template, one after the other."""
    row = KINDS[kind]
    template = Template(row.template, row.title, start, count)
    begin = start + timedelta(seconds=20, milliseconds=int(rng.integers(1000)))
    step = timedelta(seconds=row.exptime + READ_OUT, milliseconds=int(rng.integers(1000)))
    warmer = temperature - DAY_TEMPERATURE
    middle = timedelta(seconds=0.5 * row.exptime)
    return [
        Frame(
            kind=kind,
            exposure=Exposure(
                prefix="GIRAF",
                start=begin + i * step,
                exptime=row.exptime,
                category=row.category,
                kind=row.type,
                technique=row.technique,
                block=block,
                template=template,
                number=i + 1,
            ),
            temperature=round(temperature + 0.02 * i, 2),
            stream=10 * int(start.timestamp() // 60) + i,
            field=field and seen_at(field, begin + i * step + middle),
            simcal=simcal,
            flexure=(FLEXURE[0] * warmer, FLEXURE[1] * warmer),
            cosmics=round(COSMICS_PER_SECOND * row.exptime),
        )
        for i in range(count)
    ]


def _block(
    date: CivilDate, number: int, start: datetime, setup: Setup, rng: np.random.Generator
) -> ObservationBlock:
    """Make an OB somewhere on the sky, off the meridian."""
    ra, dec = place_on_sky(rng, start + timedelta(hours=0.6), PARANAL)
    return ObservationBlock(
        id=200_100_000 + 1000 * (date.day + 31 * date.month) + number,
        name=f"SIM_F{number + 1}_{setup.setting.code}",
        target=f"SIMF{number + 1}",
        programme=f"{observing_period(date):03d}.D-{314 + number:04d}(A)",
        ra=ra,
        dec=dec,
        pi="SIMULATED",
        container=200_099_000 + date.day,
        execution_time=5400,
    )


def _bad_column(setup: Setup, fibres: tuple[Fibre, ...]) -> int:
    """Find a column that crosses fibres 23 and 24, as on the old detector."""
    near = [fibre for fibre in fibres if fibre.fps in {23, 24}]
    xf, yf = positions(tuple(near))
    column, _ = project(setup.optics, np.array(setup.optics.wavelength), xf, yf)
    return int(np.mean(column)) + 1
