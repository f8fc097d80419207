"""The exposures of one template in one arm, one after the other."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from attrs import evolve, frozen

from phoenix.model.dates import CivilDate
from phoenix.simulate.exposure import Exposure, ObservationBlock, Template
from phoenix.simulate.night import night_rng
from phoenix_xshooter.simulation.asked import binning_of
from phoenix_xshooter.simulation.plan import (
    BIAS,
    DARK,
    FLAT,
    KINDS,
    NOD,
    OFFSET,
    ORDERDEF,
    STANDARD,
    STANDARDS,
    STARE,
    TELLURIC,
    TELLURICS,
    Frame,
    Target,
)

if TYPE_CHECKING:
    from datetime import datetime

    from phoenix.simulate.night import SimulationOptions

__all__ = ["Visit", "prefix_of", "series"]

OLD_PREFIX = CivilDate(2009, 10, 1)
"""Until then files were called SHOOT.<time>, and INSTRUME was SHOOT: begin of operations."""

COUNTS = {"small": {BIAS: 3, DARK: 3, FLAT: 3}, "full": {BIAS: 5, DARK: 5, FLAT: 5}}
"""Size to the exposures of a template."""

BINNED = frozenset(
    {BIAS, FLAT, *STANDARDS.values(), *TELLURICS.values(), NOD, STARE, OFFSET},
)
"""The pipeline expects the others unbinned."""

THROW = 5.0  # arcsec
ACQUIRING = 30.0  # seconds from the start of a template to its first exposure
READ_OUT = {"UVB": 44.0, "VIS": 40.0, "NIR": 35.0}  # seconds between exposures
DELAYS = {"UVB": 0.0, "VIS": 5.2, "NIR": 8.6}  # seconds: the arms start one after the other
COSMICS_PER_SECOND = {"UVB": 0.3, "VIS": 0.3, "NIR": 0.03}
"""Events; the infrared array is read while it collects, and most of them are left out."""


@frozen
class Visit:
    """A template in one arm: when, for whom, and through which slit."""

    date: CivilDate
    options: SimulationOptions
    start: datetime
    block: ObservationBlock
    arm: str
    slit_name: str


def prefix_of(date: CivilDate) -> str:
    """Return how file names begin: SHOOT in the commissioning, XSHOO since."""
    return "SHOOT" if date < OLD_PREFIX else "XSHOO"


def series(
    kind: str,
    visit: Visit,
    *,
    target: Target | None = None,
    exposures: int = 0,
    posang: float = 0.0,
    light: float = 1.0,
) -> list[Frame]:
    """Give the exposures of one template, one after the other."""
    steps = _steps(kind, visit, exposures)
    first = evolve(_first(kind, visit, len(steps)), target=target, posang=posang, light=light)
    rng = night_rng(visit.options, visit.date, 2, first.stream)
    start = first.exposure.start + timedelta(milliseconds=int(rng.integers(1000)))
    seconds = first.exposure.exptime + READ_OUT[visit.arm]
    step = timedelta(seconds=seconds, milliseconds=int(rng.integers(1000)))
    middle = timedelta(seconds=0.5 * first.exposure.exptime)
    return [
        evolve(
            first,
            exposure=_exposure(
                evolve(first.exposure, start=start + i * step, number=i + 1), state
            ),
            target=target and target.seen_at(start + i * step + middle),
            stream=first.stream + i,
            lamp=state if state in {"D2", "QTH", "OFF"} else "",
            # The telescope moves up, and the target goes down the slit.
            nod=nod,
            place=-nod,
            on_sky=state == "SKY",
            light=0.0 if state == "OFF" else light,
        )
        for i, (state, nod) in enumerate(steps)
    ]


def _exposure(exposure: Exposure, state: str) -> Exposure:
    """Tell in DPR what lamp or part of the sky it is."""
    if state == "OFF":
        return evolve(exposure, technique="IMAGE")
    if state == "SKY":
        before, comma, _ = exposure.kind.rpartition(",")
        return evolve(exposure, kind=f"{before}{comma}SKY")
    letter = {"D2": "D", "QTH": "Q"}.get(state, "")
    return evolve(exposure, kind=exposure.kind.replace("LAMP,", f"LAMP,{letter}"))


def _steps(kind: str, visit: Visit, exposures: int) -> list[tuple[str, float]]:
    """Return the lamp or place of each exposure, and how far the telescope is along the slit."""
    count = exposures or COUNTS[visit.options.size].get(kind, 1)
    if kind in {STANDARD, TELLURIC, NOD}:
        # A B B A: the places along the slit.
        signs = (1, -1, -1, 1)
        return [("", 0.5 * THROW * signs[i % 4]) for i in range(exposures or 2)]
    if kind in {OFFSET, STANDARDS[OFFSET], TELLURICS[OFFSET]}:
        return [("", 0.0), ("SKY", 0.0)] * max(1, count // 2)
    if visit.arm == "NIR" and KINDS[kind].paired:
        return [("", 0.0)] * count + [("OFF", 0.0)] * count
    if visit.arm == "UVB" and kind in {FLAT, ORDERDEF}:
        return [("D2", 0.0)] * count + [("QTH", 0.0)] * count
    return [("", 0.0)] * count


def _first(kind: str, visit: Visit, count: int) -> Frame:
    """Give the first of the exposures of a template, on the full second."""
    row = KINDS[kind]
    binning = (1, 1)
    if visit.arm != "NIR" and kind in BINNED:
        binning = binning_of(visit.options)
    return Frame(
        kind=kind,
        arm=visit.arm,
        exposure=Exposure(
            prefix=prefix_of(visit.date),
            start=visit.start + timedelta(seconds=ACQUIRING + DELAYS[visit.arm]),
            exptime=row.exptime,
            category=row.category,
            kind=row.type,
            technique=row.technique,
            block=visit.block,
            template=Template(f"XSHOOTER_{row.template}", row.title, visit.start, count),
        ),
        stream=100 * int(visit.start.timestamp() // 60) + 30 * list(DELAYS).index(visit.arm),
        slit_name=row.slit or visit.slit_name,
        binning=binning,
        cosmics=round(COSMICS_PER_SECOND[visit.arm] * row.exptime),
    )
