"""The named faults of a UVES night, each fired by its own row."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import evolve

from phoenix.errors import SettingsError
from phoenix.simulate.fault import Fault
from phoenix_uves.simulation.plan import (
    ARC,
    BIAS,
    FLAT,
    FORMAT,
    ORDERDEF,
    SCIENCE,
    STANDARD,
    Frame,
    NightPlan,
)

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["FAULTS"]

TOO_BRIGHT = 40.0
BEHIND_CLOUD = 0.3
MOVED_FORMAT = (8.0, -5.0)  # binned columns and rows
NARROW = 0.8  # arcsec, where the standard wants 10


def _changed(
    plan: NightPlan,
    kind: str,
    change: Callable[[Frame], Frame],
    which: int | None = None,
) -> NightPlan:
    """Change frames of a kind in both arms: all, or those of that number (from 0, -1 the last)."""
    if not plan.of_kind(kind):
        raise SettingsError(
            f"fault: found no {kind} frame on {plan.date}, expected one; take another night"
        )
    chosen: list[Frame] = []
    for arm in ("BLUE", "RED"):
        wanted = plan.of_kind(kind, arm)
        chosen += wanted if which is None or not wanted else (wanted[which],)
    frames = tuple(change(frame) if frame in chosen else frame for frame in plan.frames)
    return evolve(plan, frames=frames)


def _dark(kind: str) -> Callable[[NightPlan], NightPlan]:
    return lambda plan: _changed(plan, kind, lambda frame: evolve(frame, light=0.0))


def _lit(kind: str, light: float, which: int | None) -> Callable[[NightPlan], NightPlan]:
    return lambda plan: _changed(plan, kind, lambda frame: evolve(frame, light=light), which)


def _losing(kind: str, keyword: str, which: int | None) -> Callable[[NightPlan], NightPlan]:
    return lambda plan: _changed(
        plan, kind, lambda frame: evolve(frame, lost_keywords=(keyword,)), which
    )


def _shifted_format(plan: NightPlan) -> NightPlan:
    """Move the spectra of the blue arm, or of the only arm there is, by night and day."""
    arm = min(frame.setting.arm for frame in plan.frames)
    frames = tuple(
        evolve(frame, shift=MOVED_FORMAT) if frame.setting.arm == arm else frame
        for frame in plan.frames
    )
    return evolve(plan, frames=frames)


def _flat_among_biases(plan: NightPlan) -> NightPlan:
    return _changed(plan, BIAS, lambda frame: evolve(frame, lit_as=FLAT), 1)


def _no_standard(plan: NightPlan) -> NightPlan:
    return evolve(plan, frames=tuple(row for row in plan.frames if row.kind != STANDARD))


def _unknown_standard(plan: NightPlan) -> NightPlan:
    observed = {frame.target.name for frame in plan.of_kind(STANDARD) if frame.target}
    known = tuple(star for star in plan.standards if star.name not in observed)
    return evolve(plan, standards=known)


def _wrong_slit(plan: NightPlan) -> NightPlan:
    return _changed(plan, STANDARD, lambda frame: evolve(frame, slit=NARROW))


FAULTS: tuple[Fault[NightPlan], ...] = (
    Fault(
        "saturated",
        "Far too bright a target: the first science exposure is saturated.",
        "number of saturated raw pixels",
        _lit(SCIENCE, TOO_BRIGHT, 0),
    ),
    Fault(
        "saturated_flat",
        "The lamp was far too bright in all flats; the recipe does not notice.",
        "number of saturated raw pixels; PRO DATAMED of MASTER_FLAT 18103 (453)",
        _lit(FLAT, TOO_BRIGHT, None),
    ),
    Fault(
        "shifted_format",
        "Something moved in the blue arm: 8 columns and -5 rows since the model was made.",
        "gate of uves_cal_predict: DIFFYRMS 2.8 (0.1), NLINSEL; cured by --trans_x=8 --trans_y=-5",
        _shifted_format,
    ),
    Fault(
        "blank_arc",
        "The ThAr lamp did not burn when the wavelength scale was taken.",
        "gate of uves_cal_wavecal: NLINSEL 203 (1137), RESIDRMS PIX 0.28 (0.002); exit code 0",
        _dark(ARC),
    ),
    Fault(
        "blank_format_check",
        "The ThAr lamp did not burn in the format check.",
        "gate of uves_cal_predict: NLINSEL 360 (2147), DIFFXRMS 3.7 (0.3), DIFFYRMS 3.9 (0.1)",
        _dark(FORMAT),
    ),
    Fault(
        "blank_order_flat",
        "The lamp did not burn when the orders were to be defined.",
        "gate of uves_cal_orderpos: NDET 5 (NPRED 32), RESIDRMS 67 (0.02)",
        _dark(ORDERDEF),
    ),
    Fault(
        "flat_among_biases",
        "A lamp burned during the second bias.",
        "gate of uves_cal_mbias: PRO DATAMED 1851 (150)",
        _flat_among_biases,
    ),
    Fault(
        "no_standard",
        "No standard star was observed: there is nothing to calibrate the flux with.",
        "missing FLUXCAL product: the IDP is in counts",
        _no_standard,
    ),
    Fault(
        "unknown_standard",
        "The standard that was observed is not in the table.",
        "gate of uves_cal_response: no INSTR_RESPONSE_FINE",
        _unknown_standard,
    ),
    Fault(
        "missing_airmass",
        "The last science exposure has no TEL AIRM START.",
        "checked before the recipe, which would die of signal 11",
        _losing(SCIENCE, "TEL AIRM START", -1),
    ),
    Fault(
        "wrong_slit",
        "The standard was observed through the science slit and lost 30 % of its light.",
        "slit width of the standard below 5 arcsec; fluxes 42 % too high",
        _wrong_slit,
    ),
    Fault(
        "negative_flux",
        "The first exposure was taken beside the target: there is sky in the slit, and no star.",
        "share of negative pixels 0.47 (0), signal-to-noise ratio near 0",
        _lit(SCIENCE, 0.0, 0),
    ),
    Fault(
        "cloud",
        "A cloud took 70 % of the light in the second exposure of the OB.",
        "flux against the other exposures of the OB",
        _lit(SCIENCE, BEHIND_CLOUD, 1),
    ),
)
"""Name, what went wrong, what must catch it, and the function that builds it in."""
