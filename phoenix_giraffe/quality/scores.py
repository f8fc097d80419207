"""Thresholds and the QCFLAG of GIRAFFE as rows."""

from __future__ import annotations

from phoenix.model.score import ScoreBit
from phoenix.model.threshold import DynamicRule, ScoreRule

__all__ = ["BITS", "HISTORY", "RULES", "THRESHOLDS"]

_BIAS, _DARK, _FLAT = ("BIAS",), ("DARK",), ("FIBER_FLAT",)
_ARC, _SCIENCE = ("ARC_SPECTRUM",), ("SCIENCE",)
_LIT = (*_FLAT, *_ARC, *_SCIENCE)

RULES: tuple[ScoreRule, ...] = (
    ScoreRule("BIAS_MASTER_MEAN", 100.0, 300.0, "bias level beyond 100 to 300 ADU", _BIAS),
    ScoreRule("OUT1_RON_RAW", 1.0, 4.0, "read-out noise is unusual", _BIAS),
    ScoreRule("OUT1_STRUCT_X", None, 2.0, "structure along the rows", _BIAS),
    ScoreRule("OUT1_STRUCT_Y", None, 2.0, "structure along the columns", _BIAS),
    ScoreRule("NUM_RAW", 3.0, None, "fewer than three raw files", (*_BIAS, *_DARK)),
    ScoreRule("TPL_PART", 1.0, None, "the template was broken off", (*_BIAS, *_DARK, *_FLAT)),
    ScoreRule("DARK_CURRENT", -5.0, 10.0, "dark current beyond -5 to 10 ADU/h", _DARK),
    ScoreRule("NUM_SAT", None, 999.0, "1000 or more saturated raw pixels", _LIT),
    ScoreRule(
        "FLAT_EVENNESS", 0.9, None, "one of the raw flats is fainter than the others", _FLAT
    ),
    ScoreRule("FIBRE_WIDTH_MEAN", 3.0, 8.0, "fibres are unusually wide or narrow", _FLAT),
    ScoreRule("FIBRE_TRANS_MEDIAN", 0.6, 1.2, "median fibre transmission is unusual", _FLAT),
    ScoreRule("FIBRE_TRANS_RMS", None, 0.25, "fibre transmissions scatter", _FLAT),
    # One or two are left out and told of; with more something else is wrong.
    ScoreRule(
        "NUM_LOST", None, 4.0, "five or more listed fibres give no light", (*_FLAT, *_SCIENCE)
    ),
    ScoreRule("TRANSMISSION", 0.2, None, "fibres pass little light", _FLAT, element=None, spare=8),
    ScoreRule("LINES_ACCEPTED", 0.95, None, "more than 5 % of the arc lines rejected", _ARC),
    ScoreRule("WSOL_RMS", None, 0.05, "dispersion solution worse than 0.05 px", _ARC),
    ScoreRule("WSOL_REBIN_RMS", None, 5.0, "rebinned lines are not straight", _ARC),
    ScoreRule("WSOL_LINE_NLINES", 15.0, None, "fewer than 15 arc lines", _ARC),
    ScoreRule("DELTATEMP", -1.5, 1.5, "arc more than 1.5 K warmer or colder", _SCIENCE),
    ScoreRule("DELTATIME", -1.0, 1.0, "arc more than one day away", _SCIENCE),
    ScoreRule("NSCI", 10.0, None, "fewer than 10 fibres on targets", _SCIENCE),
    ScoreRule("NSKY", 1.0, None, "no fibre on the sky", _SCIENCE),
    ScoreRule("SITE_TOLD", 1.0, None, "no TEL GEO keywords: that of Paranal is taken", _SCIENCE),
    ScoreRule("SCATTERED_PART", None, 0.5, "sky fibres collect mostly scattered light", _SCIENCE),
    # The two agree to 5 m/s; what is more is a wrong time, place or coordinate.
    ScoreRule(
        "BARYCORR_DIFF", None, 0.02, "barycentric correction of the pipeline differs", _SCIENCE
    ),
)
"""Green within the limits; what was not measured is grey.

Limits of DELTATEMP, DELTATIME, NUM_SAT, NSCI and NSKY are those of the published bits. The others
are ours."""

_H = DynamicRule
HISTORY: tuple[DynamicRule, ...] = (
    _H("BIAS_MASTER_MEDIAN", 5.0, 3.0, "bias level jumped", _BIAS),
    _H("OUT1_RON_RAW", 5.0, 0.3, "read-out noise jumped", _BIAS),
    _H("OUT1_STRUCT_X", 5.0, 0.5, "new structure along the rows", _BIAS),
    _H("OUT1_STRUCT_Y", 5.0, 0.5, "new structure along the columns", _BIAS),
    _H("DARK_CURRENT", 5.0, 2.0, "dark current jumped", _DARK),
    _H("LAMP_EFFIC", 5.0, 60.0, "lamp fainter or brighter than usual", _FLAT),
    _H("FIBRE_WIDTH_MEAN", 5.0, 0.3, "fibre width jumped", _FLAT),
    _H("FIBRE_TRANS_MEDIAN", 5.0, 0.05, "median fibre transmission jumped", _FLAT),
    _H("NUM_FIB", 5.0, 0.5, "another number of fibres than usual", (*_FLAT, *_ARC)),
    _H("RESOL_MEAN", 5.0, 0.003, "line width jumped", _ARC),
    _H("WSOL_RMS", 5.0, 0.01, "dispersion solution scatters more than usual", _ARC),
)
"""Green within the scatter of the last months; least widths by the experience of simulated months,
a few percent of what is usual (ours)."""

THRESHOLDS = (*RULES, *HISTORY)
"""All of them."""

BITS: tuple[ScoreBit, ...] = (
    ScoreBit(
        0, "qc_deltatemp", "DELTATEMP", -1.5, 1.5, "temperature within 1.5 K of that of the arc"
    ),
    ScoreBit(1, "qc_deltatime", "DELTATIME", -1.0, 1.0, "arc within one day"),
    ScoreBit(2, "numsat", "NUM_SAT", None, 999.0, "fewer than 1000 saturated raw pixels"),
    ScoreBit(3, "nsci", "NSCI", 10.0, None, "at least 10 fibres on targets"),
    ScoreBit(4, "nsky", "NSKY", 1.0, None, "at least one fibre on the sky"),
    ScoreBit(5, "simatt_flag", "SIMATT", 1.0, None, "attached SIMCAL exposures exist"),
    ScoreBit(6, "simcal_flag", "SIMCAL", None, 0.0, "no SIMCAL lamp burnt during the exposure"),
    ScoreBit(7, "badcol", "BADCOL", None, 0.0, "fibre not on the bad column of before April 2008"),
    ScoreBit(8, "glow", "GLOW", None, 0.0, "fibre not in the glow of before April 2008"),
)
"""As published (eso.org/qc/PHOENIX/GIRAFFE/score_bits.txt): what holds where the bit is 0."""
