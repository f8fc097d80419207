"""The named faults of an X-shooter night, each fired by its own row."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import evolve

from phoenix.errors import SettingsError
from phoenix.simulate.fault import Fault
from phoenix_xshooter.simulation.plan import DARK, FLAT, MULTI, NOD, STANDARDS, Frame, NightPlan
from phoenix_xshooter.simulation.programme import NARROW, WIDE

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["FAULTS"]

BEHIND_CLOUD = 0.3
FAR_TOO_BRIGHT = 25.0
WEAK = 0.0055
NO_OFFSETS = ("SEQ CUMOFF X", "SEQ CUMOFF Y", "SEQ CUMOFF RA", "SEQ CUMOFF DEC")


def _changed(
    plan: NightPlan, kind: str, change: Callable[[Frame], Frame], which: int | None = None
) -> NightPlan:
    """Change frames of a kind in every arm: all, or those of that number (from 0, -1 the last)."""
    if not plan.of_kind(kind):
        raise SettingsError(
            f"fault: found no {kind} frame on {plan.date}, expected one; take another arm or size"
        )
    chosen: list[Frame] = []
    for arm in dict.fromkeys(frame.arm for frame in plan.frames):
        wanted = plan.of_kind(kind, arm)
        chosen += wanted if which is None or not wanted else (wanted[which],)
    frames = tuple(change(frame) if frame in chosen else frame for frame in plan.frames)
    return evolve(plan, frames=frames)


def _incomplete_template(plan: NightPlan) -> NightPlan:
    """Leave out the last frame of the first nod of each arm; the template still speaks of it."""
    lost = [
        frames[1]
        for arm in dict.fromkeys(frame.arm for frame in plan.frames)
        if len(frames := plan.of_kind(NOD, arm)) > 1
    ]
    if not lost:
        raise SettingsError(f"fault: found no nod on {plan.date}, expected one; take another arm")
    return evolve(plan, frames=tuple(frame for frame in plan.frames if frame not in lost))


def _aborted_template(plan: NightPlan) -> NightPlan:
    """Let the templates of the nods announce twice the frames that there are."""

    def longer(frame: Frame) -> Frame:
        template = frame.exposure.template
        promised = evolve(template, exposures=2 * template.exposures)
        return evolve(frame, exposure=evolve(frame.exposure, template=promised))

    return _changed(plan, NOD, longer)


def _without_star(frame: Frame) -> Frame:
    return evolve(frame, target=frame.target and evolve(frame.target, nebula=-1.0))


def _swapped_nebula(plan: NightPlan) -> NightPlan:
    """Nod a nebula without a star, and put it where the headers say it is not."""
    return _changed(plan, NOD, lambda frame: evolve(_without_star(frame), place=-frame.place))


def _nebula(plan: NightPlan) -> NightPlan:
    """Nod a nebula without a star: no fault, and nothing must find one."""
    return _changed(plan, NOD, _without_star)


def _weak_arc(plan: NightPlan) -> NightPlan:
    return _changed(plan, MULTI, lambda frame: evolve(frame, light=WEAK * frame.light))


def _narrow_slit(plan: NightPlan) -> NightPlan:
    """Observe targets, standard and flats through a slit that loses light."""
    frames = tuple(
        evolve(frame, slit_name=NARROW[frame.arm]) if frame.slit_name == WIDE else frame
        for frame in plan.frames
    )
    return evolve(plan, frames=frames)


def _too_bright(plan: NightPlan) -> NightPlan:
    return _changed(plan, NOD, lambda frame: evolve(frame, light=FAR_TOO_BRIGHT))


def _swapped_nod(plan: NightPlan) -> NightPlan:
    """Put the star where the headers say it is not."""
    return _changed(plan, NOD, lambda frame: evolve(frame, place=-frame.place))


def _spoilt_dark(plan: NightPlan) -> NightPlan:
    return _changed(plan, DARK, lambda frame: evolve(frame, spoilt=True), 1)


def _no_offsets(plan: NightPlan) -> NightPlan:
    return _changed(plan, NOD, lambda frame: evolve(frame, lost_keywords=NO_OFFSETS), 0)


def _no_standard(plan: NightPlan) -> NightPlan:
    stars = STANDARDS.values()
    return evolve(plan, frames=tuple(row for row in plan.frames if row.kind not in stars))


def _closed_shutter(plan: NightPlan) -> NightPlan:
    return _changed(plan, NOD, lambda frame: evolve(frame, light=0.0), -1)


def _cloud(plan: NightPlan) -> NightPlan:
    return _changed(plan, NOD, lambda frame: evolve(frame, light=BEHIND_CLOUD), 1)


def _blank_flat(plan: NightPlan) -> NightPlan:
    return _changed(
        plan, FLAT, lambda frame: evolve(frame, light=0.001 if frame.light else 0.0), None
    )


def _short_orders(plan: NightPlan) -> NightPlan:
    """Move the format: the outermost order leaves the frame of the flats."""
    return _changed(plan, FLAT, lambda frame: evolve(frame, shift=(40.0, 0.0)))


FAULTS: tuple[Fault[NightPlan], ...] = (
    Fault(
        "incomplete_template",
        "The second position of the nod is missing.",
        "checked before the recipe: an odd number of frames",
        _incomplete_template,
    ),
    Fault(
        "aborted_template",
        "The template was broken off: two of the four exposures of the nod are missing.",
        "completeness of the template",
        _aborted_template,
    ),
    Fault(
        "saturated",
        "Far too bright a target in all exposures of the nod.",
        "number of saturated raw pixels: more than 20,000 in NIR",
        _too_bright,
    ),
    Fault(
        "swapped_nod",
        "The offsets in the headers have the wrong sign: star and sky change places.",
        "share of negative pixels, negative signal-to-noise ratio",
        _swapped_nod,
    ),
    Fault(
        "swapped_nebula",
        "The same of a nebula without a star: its lines come out negative.",
        "net flux of lines without continuum",
        _swapped_nebula,
    ),
    Fault(
        "nebula",
        "No fault at all: the target of the nod has lines and no continuum.",
        "nothing: zero net flux is no issue",
        _nebula,
    ),
    Fault(
        "weak_arc",
        "The arc lamp of the multi-pinhole frame is nearly spent: few lines are found.",
        "health of the calibrations",
        _weak_arc,
    ),
    Fault(
        "narrow_slit",
        "Everything was observed through the narrow slit, the standard too.",
        "photometry: light was lost",
        _narrow_slit,
    ),
    Fault(
        "closed_shutter",
        "The shutter stayed closed in the second exposure of the nod.",
        "gates of the raw frames: not even the sky is there",
        _closed_shutter,
    ),
    Fault(
        "nan_dark",
        "The read-out of the second dark gave not-a-number; xsh_mdark never ends with it.",
        "checked before the recipe",
        _spoilt_dark,
    ),
    Fault(
        "missing_cumoff",
        "The first exposure of the nod has no SEQ CUMOFF.",
        "checked before the recipe, which would die of signal 11",
        _no_offsets,
    ),
    Fault(
        "blank_flat",
        "The flat lamp did not burn; no edges of orders are found.",
        "exit code of xsh_mflat, or fewer orders than the arm has",
        _blank_flat,
    ),
    Fault(
        "short_orders",
        "Something moved before the flats were taken: the outermost order is cut.",
        "gate of xsh_mflat: fewer orders than the arm has, or its exit code",
        _short_orders,
    ),
    Fault(
        "no_standard",
        "No standard star was observed: there is nothing to calibrate the flux with.",
        "no response: the IDP is in counts",
        _no_standard,
    ),
    Fault(
        "cloud",
        "A cloud took 70 % of the light in the second exposure of the nod.",
        "flux of the exposures of a nod against each other",
        _cloud,
    ),
)
"""Name, what went wrong, what must catch it, and the function that builds it in."""
