"""Nights in which something is wrong: one row a fault."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from attrs import evolve

from phoenix.simulate.fault import Fault
from phoenix_muse.simulation.plan import OBJECT, SKY, STANDARD, TWILIGHT

if TYPE_CHECKING:
    from collections.abc import Callable

    from phoenix_muse.simulation.plan import Frame, NightPlan

    Spoil = Callable[[NightPlan], NightPlan]

__all__ = ["FAULTS"]

_BRIGHT = 400.0  # times the brightest star: saturated in one exposure
_SHORT = 0.1  # of the time that was asked for
_DAWN = 60.0  # times the dark sky
_OLD = 3  # nights
_SHIFT = 0.9  # Angstrom: nearly twice what a good night may have
_FAR = (-9.0, 3.0)  # arcsec, farther than the alignment looks for a match
_BESIDE = (-6.5, 2.0)  # arcsec, where other sources lure the alignment
_OFF = (0.7, -0.5)  # arcsec, which the alignment finds and takes off


def _first_ob(plan: NightPlan) -> tuple[Frame, ...]:
    """Give the exposures of the target of the first OB."""
    science = plan.of_kind(OBJECT)
    return tuple(one for one in science if one.exposure.block.id == science[0].exposure.block.id)


def _with(
    plan: NightPlan, frames: tuple[Frame, ...], change: Callable[[Frame], Frame]
) -> NightPlan:
    streams = {frame.stream for frame in frames}
    return evolve(
        plan,
        frames=tuple(change(one) if one.stream in streams else one for one in plan.frames),
    )


def _without(kind: str) -> Spoil:
    return lambda plan: evolve(plan, frames=tuple(one for one in plan.frames if one.kind != kind))


def _of_sky(change: Callable[[Frame], Frame]) -> Spoil:
    """Change the exposures of the sky beside the field."""
    return lambda plan: _with(plan, plan.of_kind(SKY), change)


def _empty(plan: NightPlan) -> NightPlan:
    """Take all sources out of the field."""

    def change(frame: Frame) -> Frame:
        return evolve(frame, scene=evolve(frame.scene, sources=())) if frame.scene else frame

    return _with(plan, _first_ob(plan), change)


def _begun_again(plan: NightPlan) -> NightPlan:
    """Let the last exposure of the OB be the only one of a second template."""

    def change(frame: Frame) -> Frame:
        exposure = frame.exposure
        template = evolve(
            exposure.template,
            start=exposure.start - timedelta(seconds=30.0),
            exposures=1,
            number=exposure.template.number + 1,
        )
        return evolve(frame, exposure=evolve(exposure, template=template, number=1))

    return _with(plan, _first_ob(plan)[-1:], change)


def _bright(plan: NightPlan) -> NightPlan:
    """Put a star of the field far above what a CCD holds."""

    def change(frame: Frame) -> Frame:
        if frame.scene is None:
            return frame
        brightest = max(frame.scene.sources, key=lambda one: one.flux)
        sources = tuple(
            evolve(one, flux=one.flux * _BRIGHT) if one is brightest else one
            for one in frame.scene.sources
        )
        return evolve(frame, scene=evolve(frame.scene, sources=sources))

    return _with(plan, _first_ob(plan), change)


def _aborted(plan: NightPlan) -> NightPlan:
    """End the last exposure of the OB soon after its start."""

    def change(frame: Frame) -> Frame:
        exptime = round(_SHORT * frame.exposure.exptime, 1)
        return evolve(frame, exposure=evolve(frame.exposure, exptime=exptime))

    return _with(plan, _first_ob(plan)[-1:], change)


def _dawn(plan: NightPlan) -> NightPlan:
    return _with(plan, _first_ob(plan)[-1:], lambda one: evolve(one, sky=_DAWN))


def _shifted(plan: NightPlan) -> NightPlan:
    return _with(plan, _first_ob(plan), lambda one: evolve(one, shift=one.shift + _SHIFT))


def _astray(where: tuple[float, float]) -> Spoil:
    return lambda plan: _with(plan, _first_ob(plan)[-1:], lambda one: evolve(one, pointing=where))


def _less_ifus(plan: NightPlan) -> NightPlan:
    lost = plan.layout.ifus[-1:]
    return _with(plan, _first_ob(plan)[-1:], lambda one: evolve(one, lost_ifus=lost))


def _cut(plan: NightPlan) -> NightPlan:
    return _with(plan, _first_ob(plan)[-1:], lambda one: evolve(one, is_cut=True))


def _less_keywords(*lost: str) -> Spoil:
    return lambda plan: _with(
        plan, _first_ob(plan)[-1:], lambda one: evolve(one, lost_keywords=lost)
    )


FAULTS: tuple[Fault[NightPlan], ...] = (
    Fault("saturated", "a star far too bright for the exposure", "NUM_SAT", _bright),
    Fault("aborted", "the last exposure of an OB ended after a tenth of its time",
          "TEXPTIME", _aborted),
    Fault("no-twilight", "no twilight flats that night", "score bit SKY_FLAT",
          _without(TWILIGHT)),
    Fault("no-standard", "no flux standard that night", "the AB: no STD_RESPONSE",
          _without(STANDARD)),
    Fault("no-sky", "the exposures of the sky beside the field are missing",
          "score bit HAS_SKY", _without(SKY)),
    Fault("wave-shift", "wavelengths are off the solution by 0.9 Angstrom", "WDEL_MAX", _shifted),
    Fault("old-arc", "wavelengths are those of an arc of three nights before",
          "score bit ARC_CLOSE",
          lambda plan: evolve(plan, arc_age=_OLD)),
    Fault("dawn", "the last exposure of an OB looks into the bright sky of the morning",
          "score BACKGROUND", _dawn),
    Fault("bright-sky", "the exposure of the sky is brighter than that of the target",
          "score bit HISTO_BKG", _of_sky(lambda one: evolve(one, sky=_DAWN))),
    Fault("dark-sky", "the exposure of the sky saw no light: its lines cannot be fitted",
          "score bit CHECK_BKG",
          _of_sky(lambda one: evolve(one, light=0.0))),
    Fault("empty", "there is no source in the field", "score bit NUM_SRC", _empty),
    Fault("off", "the last exposure of an OB points 0.9 arcsec beside, which is found",
          "score bit ALIGNMENT", _astray(_OFF)),
    Fault("two-templates", "the OB was begun again: its last exposure is of another template",
          "score bit MODIFIED", _begun_again),
    Fault("astray", "the last exposure of an OB points 9 arcsec beside: it finds no match",
          "gate UNMATCHED", _astray(_FAR)),
    Fault("lured", "the last exposure of an OB points 7 arcsec beside: it is aligned with others",
          "gate ENOUGH_MATCHES", _astray(_BESIDE)),
    Fault("missing-ifu", "the last exposure of an OB lacks an IFU",
          "check of the inputs: channels", _less_ifus),
    Fault("truncated", "the file of the last exposure of an OB is cut", "check of the source",
          _cut),
    Fault("no-place", "the last exposure of an OB does not say where it points",
          "check of the inputs: RA, DEC, LST", _less_keywords("RA", "DEC", "LST")),
)  # fmt: skip
"""What can go wrong, and what sees it."""
