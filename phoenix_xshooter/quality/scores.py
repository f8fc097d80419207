"""Thresholds and the QCFLAG of X-shooter as rows.

ESO scored up to seven parameters of these spectra and wrote them as seven characters into the
header (manual, 4.7). No table of them was published; known are saturation, negative flux, negative
signal-to-noise ratio (nodding and offset), an incomplete template, and that the photometry is good
behind the slit of 5 arcsec only. What else stands here, and the order, is ours. Scores are five
for nodding and offset, three for staring (figure 4).
"""

from __future__ import annotations

from phoenix.model.score import ScoreBit
from phoenix.model.threshold import DynamicRule, ScoreRule
from phoenix_xshooter.quality.table import (
    ARC,
    BIAS,
    DARK,
    DIFFERENCE,
    FLAT,
    FORMAT,
    ORDERS,
    SCIENCE,
    SPECTRA,
    STANDARD,
    TELLURIC,
    WAVE,
)

__all__ = ["BITS", "HISTORY", "MOST_SATURATED", "RULES", "THRESHOLDS"]

MOST_SATURATED = 20_000.0
"""Saturated pixels of all raw files of an AB (manual, figure 4)."""

_R = ScoreRule
RULES: tuple[ScoreRule, ...] = (
    _R("BIAS_LEVEL", 100.0, 3000.0, "bias level beyond 100 to 3000 ADU", BIAS),
    _R("RON_RAW", 0.5, 6.0, "read-out noise is unusual", BIAS),
    _R("NUM_RAW", 3.0, None, "fewer than three raw files", (*BIAS, *DARK, *FLAT)),
    _R("TPL_PART", 1.0, None, "the template was broken off", (*BIAS, *DARK, *FLAT)),
    _R("FORMAT_FOUND", 0.6, None, "40 % of the arc lines not found", FORMAT),
    _R("FORMAT_RMS", None, 0.1, "format scatters around its fit", FORMAT),
    _R("ORDERS_PART", 1.0, None, "not all orders of the arm", (*ORDERS, *FLAT)),
    _R("ORDER_RMS", None, 0.5, "orders scatter around their fit", ORDERS),
    _R("FLAT_EVENNESS", 0.9, None, "one of the raw flats is fainter than the others", FLAT),
    _R("NUM_SAT", None, 999.0, "1000 or more saturated raw pixels", FLAT),
    _R("WAVE_FOUND", 0.75, None, "a quarter of the arc lines not found", WAVE),
    _R("WAVE_RMS", None, 0.1, "dispersion solution worse than 0.1 px", WAVE),
    _R("RESOLUTION_RATIO", 0.7, 1.5, "resolving power is not that of the slit", ARC),
    _R("STD_SLIT", 4.5, None, "standard star through a narrow slit: light was lost", STANDARD),
    _R("STD_SNR", 5.0, None, "standard star too faint", STANDARD),
    _R("SNR", 10.0, None, "telluric standard too faint", TELLURIC),
    _R("NUM_SAT", None, MOST_SATURATED, "more than 20000 pixels saturated", SPECTRA),
    _R("TPL_PART", 1.0, None, "the template was broken off", SCIENCE),
    _R("FLUX_CALIBRATED", 1.0, None, "flux is not calibrated: no response", SCIENCE),
    _R("SNR", -1.0, None, "negative signal-to-noise ratio", DIFFERENCE),
    _R("NET_LINES", -0.5, None, "negative flux", DIFFERENCE),
)
"""Green within the limits; what was not measured is grey. All limits but that of the saturated
pixels of science are ours."""

_H = DynamicRule
HISTORY: tuple[DynamicRule, ...] = (
    _H("BIAS_LEVEL", 5.0, 3.0, "bias level jumped", BIAS),
    _H("RON_RAW", 5.0, 0.3, "read-out noise jumped", BIAS),
    _H("DARK_LEVEL", 5.0, 2.0, "dark level jumped", DARK),
    _H("FLAT_LEVEL", 5.0, 500.0, "lamp fainter or brighter than usual", FLAT),
    _H("WAVE_RMS", 5.0, 0.01, "dispersion solution scatters more than usual", WAVE),
    _H("ARC_RESOLUTION", 5.0, 300.0, "resolving power jumped", ARC),
    _H("EFFICIENCY", 5.0, 0.01, "efficiency jumped", STANDARD),
)
"""Green within the scatter of the last months; least widths are ours."""

THRESHOLDS = (*RULES, *HISTORY)
"""All of them."""

_B = ScoreBit
BITS: tuple[ScoreBit, ...] = (
    _B(0, "saturated", "NUM_SAT", None, MOST_SATURATED, "at most 20000 saturated raw pixels"),
    _B(1, "snr", "SNR", -1.0, None, "signal-to-noise ratio not negative"),
    _B(2, "flux", "NET_LINES", -0.5, None, "flux not negative"),
    _B(3, "template", "TPL_PART", 1.0, None, "all exposures of the template"),
    _B(4, "fluxcal", "FLUX_CALIBRATED", 1.0, None, "flux is calibrated"),
    _B(5, "calibrations", "CALIB_HEALTH", None, 0.0, "all calibrations as they should be"),
    _B(6, "photometry", "PHOTOMETRIC", 1.0, None, "slit of 5 arcsec, and exposures that agree"),
)
"""Order and meaning of 4 and 5 are ours."""
