"""Thresholds and the QCFLAG of UVES as rows."""

from __future__ import annotations

from phoenix.model.score import ScoreBit
from phoenix.model.threshold import DynamicRule, ScoreRule
from phoenix_uves.quality.table import (
    ARC,
    BIAS,
    CALIBRATED,
    DARK,
    FLAT,
    FORMAT,
    ORDERS,
    SCIENCE,
    SINGLE,
    STACKED,
    STANDARD,
)

__all__ = ["BITS", "HISTORY", "RULES", "THRESHOLDS"]

_R = ScoreRule
RULES: tuple[ScoreRule, ...] = (
    _R("BIAS_LEVEL", 50.0, 400.0, "bias level beyond 50 to 400 ADU", BIAS),
    _R("RON_RAW", 0.5, 6.0, "read-out noise is unusual", BIAS),
    _R("NUM_RAW", 3.0, None, "fewer than three raw files", (*BIAS, *DARK, *FLAT)),
    _R("TPL_PART", 1.0, None, "the template was broken off", (*BIAS, *DARK, *FLAT)),
    _R("FORMAT_FOUND", 0.5, None, "half of the predicted lines not found", FORMAT),
    _R("FORMAT_RMS_Y", None, 0.5, "format does not fit the model", FORMAT),
    _R("ORDERS_PART", 0.95, 1.1, "another number of orders than predicted", ORDERS),
    _R("ORDER_RMS", None, 0.2, "orders scatter around their fit", ORDERS),
    _R("NUM_SAT", None, 99.0, "100 or more saturated raw pixels", (*ORDERS, *FLAT)),
    _R("FLAT_EVENNESS", 0.9, None, "one of the raw flats is fainter than the others", FLAT),
    _R("WAVE_RMS_PIX", None, 0.1, "dispersion solution worse than 0.1 px", ARC),
    _R("LINES_PER_ORDER", 15.0, None, "fewer than 15 arc lines in an order", ARC),
    _R("RESOLUTION_RATIO", 0.7, 1.5, "resolving power is not that of the slit", ARC),
    _R("STD_SLIT", 5.0, None, "standard star through a narrow slit: light was lost", STANDARD),
    _R("STD_SNR", 20.0, None, "standard star too faint", STANDARD),
    _R("RESPONSE_RMS", None, 0.1, "response scatters around its fit", STANDARD),
    _R("EFFICIENCY", 0.005, 1.0, "efficiency is unusual: cloud, or wrong units", STANDARD),
    _R("NUM_SAT", None, 99.0, "100 or more saturated raw pixels", SCIENCE),
    _R("SNR", 2.0, None, "next to no signal", SCIENCE),
    _R("NEGATIVE", None, 0.1, "more than a tenth of the pixels below zero", SCIENCE),
    _R("DELTATIME", -1.0, 1.0, "arc more than one day away", SINGLE),
    # The pipeline forgets precession, 0.2 km/s in 2025; more is a wrong time or place.
    _R("SITE_TOLD", 1.0, None, "no TEL GEO keywords: that of Paranal is taken", SINGLE),
    _R("BARYCORR_DIFF", -0.4, 0.4, "barycentric correction of the pipeline differs", SINGLE),
    _R("SPEC_RES_RATIO", 0.7, None, "resolving power below that of the slit", SCIENCE),
    _R("FLUX_CALIBRATED", 1.0, None, "flux is not calibrated: no response", CALIBRATED),
    _R("STACK_MISSING", None, 0.0, "not all exposures of the OB are in the mean", STACKED),
    _R("STACK_DEV", None, 0.2, "levels of the exposures differ by more than 20 %", STACKED),
    _R("STACK_LOST", None, 0.05, "more than 5 % of the pixels lack an exposure", STACKED),
)
"""Green within the limits; what was not measured is grey. All limits are ours."""

_H = DynamicRule
HISTORY: tuple[DynamicRule, ...] = (
    _H("BIAS_LEVEL", 5.0, 3.0, "bias level jumped", BIAS),
    _H("RON_RAW", 5.0, 0.3, "read-out noise jumped", BIAS),
    _H("FORMAT_DIFF_X", 5.0, 0.5, "format jumped along the dispersion", FORMAT),
    _H("FORMAT_DIFF_Y", 5.0, 0.5, "format jumped across the orders", FORMAT),
    _H("FLAT_LEVEL", 5.0, 100.0, "lamp fainter or brighter than usual", FLAT),
    _H("RESOLVING_POWER", 5.0, 1500.0, "resolving power jumped", ARC),
    _H("WAVE_RMS_PIX", 5.0, 0.005, "dispersion solution scatters more than usual", ARC),
    _H("EFFICIENCY", 5.0, 0.01, "efficiency jumped", STANDARD),
    _H("SPEC_RES_RATIO", 5.0, 0.1, "resolving power of the spectrum jumped", SINGLE),
)
"""Green within the scatter of the last months; least widths are ours."""

THRESHOLDS = (*RULES, *HISTORY)
"""All of them."""

_B = ScoreBit
BITS: tuple[ScoreBit, ...] = (
    _B(0, "saturated", "NUM_SAT", None, 99.0, "fewer than 100 saturated raw pixels"),
    _B(1, "signal", "SNR", 2.0, None, "signal-to-noise ratio of 2 or more"),
    _B(2, "negative", "NEGATIVE", None, 0.1, "fewer than a tenth of the pixels below zero"),
    _B(3, "fluxcal", "FLUX_CALIBRATED", 1.0, None, "flux is calibrated"),
    _B(4, "std_slit", "STD_SLIT", 5.0, None, "standard star through a slit of 5 arcsec or more"),
    _B(5, "arc_lines", "LAMNLIN", 100.0, None, "dispersion solution from 100 lines or more"),
    _B(6, "resolution", "SPEC_RES_RATIO", 0.7, None, "resolving power as the slit promises"),
    _B(7, "iodine", "IODINE", None, 0.0, "no iodine cell in the beam"),
    _B(8, "slicer", "SLICER", None, 0.0, "no image slicer in the beam"),
    _B(9, "stack_dev", "STACK_DEV", None, 0.2, "levels of the exposures agree within 20 %"),
    _B(
        10, "stack_lost", "STACK_LOST", None, 0.05, "fewer than 5 % of the pixels lack an exposure"
    ),
)
"""Ours: no table was published for UVES. The last two follow those of GIRAFFE's stacks."""
