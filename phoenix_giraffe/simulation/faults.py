"""The named faults of a GIRAFFE night, each fired by its own row.

Score bits 7 (bad column) and 8 (glow) need no fault: simulate a night before 2008-04-01.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from attrs import evolve

from phoenix.errors import SettingsError
from phoenix.simulate.fault import Fault
from phoenix.simulate.lamp import ArcLines
from phoenix_giraffe.simulation.plan import (
    ARC,
    BIAS,
    FLAT,
    FLEXURE,
    SCIENCE,
    SIMCAL_ARC,
    Frame,
    NightPlan,
)

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["FAULTS"]

FEW_TARGETS = 6  # fewer than the ten that score bit 3 wants
FEW_LINES = 6
WRONG_BY = 0.3  # nm
WARMER = 3.0  # C
NOISIER = 1.6  # within the fixed limits of the scores, far beyond what is usual
HARD_FLEXURE = 0.4  # rows and columns


def _changed(
    plan: NightPlan, kind: str, change: Callable[[Frame], Frame], which: int | None = None
) -> NightPlan:
    """Change all frames of a kind, or the one with that number (from 0, -1 the last)."""
    wanted = plan.of_kind(kind)
    if not wanted:
        raise SettingsError(
            f"fault: found no {kind} frame on {plan.date}, expected one; take another night"
        )
    chosen = wanted if which is None else (wanted[which],)
    frames = tuple(change(frame) if frame in chosen else frame for frame in plan.frames)
    return evolve(plan, frames=tuple(sorted(frames, key=lambda frame: frame.exposure.start)))


def _later(frame: Frame, shift: timedelta) -> Frame:
    template = evolve(frame.exposure.template, start=frame.exposure.template.start + shift)
    start = frame.exposure.start + shift
    return evolve(frame, exposure=evolve(frame.exposure, start=start, template=template))


def _saturated(plan: NightPlan) -> NightPlan:
    return _changed(plan, SCIENCE, lambda frame: evolve(frame, light=60.0), 0)


def _missing_frame(plan: NightPlan) -> NightPlan:
    return _changed(plan, SCIENCE, lambda frame: evolve(frame, spoilt="missing"), 1)


def _truncated_file(plan: NightPlan) -> NightPlan:
    return _changed(plan, SCIENCE, lambda frame: evolve(frame, spoilt="truncated"), -1)


def _not_fits(plan: NightPlan) -> NightPlan:
    return _changed(plan, SCIENCE, lambda frame: evolve(frame, spoilt="text"), -1)


def _stale_arc(plan: NightPlan) -> NightPlan:
    return _changed(plan, ARC, lambda frame: _later(frame, timedelta(days=-3)))


def _wrong_temperature(plan: NightPlan) -> NightPlan:
    shift = (FLEXURE[0] * WARMER, FLEXURE[1] * WARMER)
    return _changed(
        plan,
        ARC,
        lambda frame: evolve(frame, temperature=frame.temperature + WARMER, flexure=shift),
    )


def _dark_flat(plan: NightPlan) -> NightPlan:
    return _changed(plan, FLAT, lambda frame: evolve(frame, light=0.0), 1)


def _dark_arc(plan: NightPlan) -> NightPlan:
    return _changed(plan, ARC, lambda frame: evolve(frame, light=0.0))


def _dark_fibre(plan: NightPlan) -> NightPlan:
    working = [fibre.fps for fibre in plan.fibres if not (fibre.simcal or fibre.dead)]
    broken = (working[len(working) // 2],)
    frames = tuple(evolve(frame, dark_fibres=broken) for frame in plan.frames)
    return evolve(plan, frames=frames)


def _dead_fibres(plan: NightPlan) -> NightPlan:
    """Break a fibre amid its sub-slit and one at the end of another, both on targets."""
    field = next(frame.field for frame in plan.frames if frame.field is not None)
    targets = {target.fps for target in field.targets if target.kind == "M"}
    ends = max(fibre.pssn for fibre in plan.fibres)
    inside = [f for f in plan.fibres if f.fps in targets and 1 < f.pssn < ends]
    at_end = [f for f in plan.fibres if f.fps in targets and f.pssn == ends]
    broken = (inside[len(inside) // 3].fps, at_end[-1].fps)
    return evolve(plan, frames=tuple(evolve(frame, dark_fibres=broken) for frame in plan.frames))


def _with_targets(frame: Frame, sky: int | None, stars: int | None) -> Frame:
    """Keep so many fibres on the sky and on stars, None for all; the others have no target."""
    if frame.field is None:
        return frame
    limit = {"S": sky, "M": stars}
    kept = {
        target.fps
        for kind in limit
        for target in [t for t in frame.field.targets if t.kind == kind][: limit[kind]]
    }
    targets = tuple(target for target in frame.field.targets if target.fps in kept)
    return evolve(frame, field=evolve(frame.field, targets=targets))


def _no_sky_fibres(plan: NightPlan) -> NightPlan:
    return _changed(plan, SCIENCE, lambda frame: _with_targets(frame, sky=0, stars=None))


def _few_fibres(plan: NightPlan) -> NightPlan:
    return _changed(plan, SCIENCE, lambda frame: _with_targets(frame, sky=None, stars=FEW_TARGETS))


def _simcal(plan: NightPlan) -> NightPlan:
    first = plan.of_kind(SCIENCE)[0].exposure.block

    def lit(frame: Frame) -> Frame:
        if frame.exposure.block != first:
            return frame
        exposure = evolve(frame.exposure, kind="OBJECT,SimCal")
        return evolve(frame, exposure=exposure, simcal="TAL")

    return _changed(plan, SCIENCE, lit)


def _no_attached_simcal(plan: NightPlan) -> NightPlan:
    frames = tuple(frame for frame in plan.frames if frame.kind != SIMCAL_ARC)
    return evolve(plan, frames=frames)


def _with_catalogue(plan: NightPlan, lines: ArcLines) -> NightPlan:
    """Put a new catalogue in place, under a name of its own: other nights keep theirs."""
    today = str(plan.date).replace("-", "")[2:]
    return evolve(plan, catalogue=lines, catalogue_date=today)


def _shifted_catalogue(plan: NightPlan) -> NightPlan:
    lines = plan.catalogue
    return _with_catalogue(plan, evolve(lines, wavelength=lines.wavelength + WRONG_BY))


def _few_lines(plan: NightPlan) -> NightPlan:
    lines, keep = plan.catalogue, slice(2, 2 + FEW_LINES)
    return _with_catalogue(plan, ArcLines(lines.wavelength[keep], lines.flux[keep]))


def _wrong_fibre_table(plan: NightPlan) -> NightPlan:
    return _changed(plan, SCIENCE, lambda frame: evolve(frame, fibre_table="FIBRES"), -1)


def _missing_keyword(plan: NightPlan) -> NightPlan:
    return _changed(
        plan, SCIENCE, lambda frame: evolve(frame, lost_keywords=("DET OUT1 CONAD",)), -1
    )


def _lost_slit(plan: NightPlan) -> NightPlan:
    return _changed(plan, FLAT, lambda frame: evolve(frame, lost_keywords=("INS SLIT NAME",)))


def _windowed_bias(plan: NightPlan) -> NightPlan:
    return _changed(plan, BIAS, lambda frame: evolve(frame, rows=1000))


def _noisy_bias(plan: NightPlan) -> NightPlan:
    return _changed(plan, BIAS, lambda frame: evolve(frame, noise=NOISIER))


def _hard_night(plan: NightPlan) -> NightPlan:
    return _changed(
        plan,
        SCIENCE,
        lambda frame: evolve(
            frame,
            flexure=(HARD_FLEXURE, HARD_FLEXURE),
            scattered=0.02,
            cosmics=5 * frame.cosmics,
        ),
    )


FAULTS: tuple[Fault[NightPlan], ...] = (
    Fault(
        "wrong_temperature",
        "The spectrograph was three degrees warmer when the arc was taken.",
        "score bit 0: deltatemp beyond 1.5 C",
        _wrong_temperature,
    ),
    Fault(
        "stale_arc",
        "No arc that day: the one of three days before has to do.",
        "score bit 1: deltatime beyond 1 day",
        _stale_arc,
    ),
    Fault(
        "saturated",
        "Far too bright a field: the first science frame is saturated.",
        "score bit 2: numsat of 1000 and more raw pixels",
        _saturated,
    ),
    Fault(
        "few_fibres",
        "The user had a handful of targets only.",
        "score bit 3: nsci below 10",
        _few_fibres,
    ),
    Fault(
        "no_sky_fibres",
        "The user put no fibre on the sky.",
        "score bit 4: nsky below 1",
        _no_sky_fibres,
    ),
    Fault(
        "no_attached_simcal",
        "The OBs were made without the attached SIMCAL arcs.",
        "score bit 5: no attached SIMCAL frame",
        _no_attached_simcal,
    ),
    Fault(
        "simcal", "The SIMCAL lamp burns during the first OB.", "score bit 6: SimCal file", _simcal
    ),
    Fault(
        "shifted_catalogue",
        "Somebody put a line catalogue in place whose wavelengths are off by 0.3 nm.",
        "gate: accepted lines below 0.9 of the fitted, WSOL RMS above 0.1 px",
        _shifted_catalogue,
    ),
    Fault(
        "few_lines",
        "The line catalogue has lost all but six lines at the blue end.",
        "gate: WSOL REBIN RMS above 10",
        _few_lines,
    ),
    Fault(
        "dark_flat",
        "The lamp did not burn in the second flat.",
        "gate: LAMP EFFIC against history, a third too low",
        _dark_flat,
    ),
    Fault(
        "dark_arc",
        "The arc lamp did not burn.",
        "gate: accepted lines below 0.9 of the fitted, WSOL RMS above 0.1 px",
        _dark_arc,
    ),
    Fault(
        "dark_fibre",
        "A fibre broke without anybody noticing: allocated, but no light comes through.",
        "second try of gimasterflat without it, QC: NUM_LOST above 0",
        _dark_fibre,
    ),
    Fault(
        "dead_fibres",
        "Two fibres on targets are dead, one of them at the end of its sub-slit.",
        "second try of gimasterflat without them, QC: NUM_LOST above 0",
        _dead_fibres,
    ),
    Fault(
        "missing_frame",
        "The archive has lost the second science frame.",
        "raw file not in the archive: the AB fails before the recipe",
        _missing_frame,
    ),
    Fault(
        "truncated_file",
        "The last science frame was cut short on its way.",
        "exit code 1 of giscience",
        _truncated_file,
    ),
    Fault(
        "not_fits",
        "In the place of the last science frame lies an error page.",
        "exit code 1 of giscience",
        _not_fits,
    ),
    Fault(
        "wrong_fibre_table",
        "The fibre table of the last science frame carries another name.",
        "exit code 1 of giscience",
        _wrong_fibre_table,
    ),
    Fault(
        "missing_keyword",
        "The last science frame has no DET OUT1 CONAD.",
        "exit code 1 of giscience",
        _missing_keyword,
    ),
    Fault(
        "lost_slit",
        "The flats have no INS SLIT NAME.",
        "gimasterflat dies of signal 6",
        _lost_slit,
    ),
    Fault(
        "windowed_bias",
        "The biases were read out in a window, too small for a fixed QC box of the recipe.",
        "gimasterbias dies of signal 11",
        _windowed_bias,
    ),
    Fault(
        "noisy_bias",
        "The read-out noise was 1.6 times the usual when the biases were taken.",
        "history: OUT1_RON_RAW beyond its scatter; no fixed limit",
        _noisy_bias,
    ),
    Fault(
        "hard_night",
        "Flexure of 0.4 pixels, 2 % scattered light and five times the cosmic rays.",
        "SNR and flux against truth; no gate",
        _hard_night,
    ),
)
"""Name, what went wrong, what must catch it, and the function that builds it in."""
