"""Thresholds and the QCFLAG of MUSE as rows.

The table of bits is published (eso.org/observing/dfo/quality/PHOENIX/MUSE/score_bits.txt), with
1 as its first place: nine for the cube of one exposure, two more for that of an OB. Of the seven
scores of a cube only their number is known (SPIE 2016, figure 5); which they are is ours.
"""

from __future__ import annotations

from phoenix.model.score import ScoreBit
from phoenix.model.threshold import DynamicRule, ScoreRule
from phoenix_muse.quality.table import ALIGNMENT, COMBINED, CUBES, EXPOSURES, SINGLE

__all__ = ["BITS", "HISTORY", "RULES", "THRESHOLDS", "bits_of"]

MOST_SATURATED = 299.0
"""Saturated raw pixels (published: fewer than 300)."""

LARGEST_SHIFT = 0.5
"""Angstrom by which sky lines may be off (published)."""

OLDEST_ARC = 1.5
"""Days (published)."""

LOWEST_BACKGROUND = -20.0
"""1e-20 erg/s/cm2/Angstrom: lower, and the sky was taken off too much (published)."""

HIGHEST_BACKGROUND = 100.0
"""1e-20 erg/s/cm2/Angstrom: a background beyond it is that of dawn, or of a crowded field (ours;
dark sky is some 20 of these units before it is taken off)."""

OF_SINGLE = 9
"""Places of the QCFLAG of a single exposure."""

_SKY = ("OBJECT", "SKY")
# Of which a template makes one master.
_SERIES = ("BIAS", "DARK", "FLAT", "SKYFLAT")
_R = ScoreRule
RULES: tuple[ScoreRule, ...] = (
    _R("NUM_RAW", 3.0, None, "fewer than three raw files", _SERIES),
    _R("TPL_PART", 1.0, None, "the template was broken off", _SERIES),
    _R("RON", 1.0, 5.0, "read-out noise is unusual", ("BIAS",)),
    _R("BIAS_LEVEL", 500.0, 3000.0, "bias level is unusual", ("BIAS",)),
    _R("NUM_SAT", None, 0.0, "saturated pixels in a bias", ("BIAS",)),
    _R("DARK_LEVEL", -1.0, 10.0, "dark current is unusual", ("DARK",)),
    _R("FLAT_EVENNESS", 0.9, None, "one of the raw flats is fainter than the others", ("FLAT",)),
    _R("FLAT_LEVEL", 1000.0, None, "flats are too faint", ("FLAT",)),
    _R("NUM_SAT", None, MOST_SATURATED, "300 or more saturated raw pixels", ("FLAT", "SKYFLAT")),
    _R("SLICE_WIDTH", 72.0, 82.0, "slices are not as wide as they should be", ("FLAT",)),
    _R("WAVE_RMS", None, 0.1, "wavelength solution worse than 0.1 Angstrom", ("ARC",)),
    _R("WAVE_LINES", 20.0, None, "few arc lines in a slice", ("ARC",)),
    _R("LSF_FWHM", 2.0, 3.5, "line-spread function is unusual", ("ARC_LSF",)),
    _R("SKYFLAT_LEVEL", 500.0, None, "twilight is too faint", ("SKYFLAT",)),
    _R("THROUGHPUT_700", 0.1, 0.6, "throughput is unusual: clouds, or the wrong star",
       ("PIXTABLE_STD",)),
    _R("STD_FWHM", None, 2.5, "standard star is not sharp", ("PIXTABLE_STD",)),
    _R("NUM_SAT", None, MOST_SATURATED, "300 or more saturated raw pixels", EXPOSURES),
    _R("WDEL_MAX", -LARGEST_SHIFT, LARGEST_SHIFT, "sky lines of an IFU off by 0.5 Angstrom", _SKY),
    _R("IFU_PART", 1.0, None, "an IFU has no pixel table", EXPOSURES),
    _R("ARC_AGE", None, OLDEST_ARC, "arc is older than 1.5 days", EXPOSURES),
    _R("SKY_FAULTS", None, 0.0, "sky lines or continuum could not be fitted", ("PIXTABLE_SKY",)),
    _R("ALIGN_NOMATCH", None, 0.0, "an exposure could not be aligned", (ALIGNMENT,)),
    _R("ALIGN_MAX", None, 0.0014, "an exposure is off by more than 5 arcsec", (ALIGNMENT,)),
    # The seven of a cube.
    _R("NUM_SAT", None, MOST_SATURATED, "300 or more saturated raw pixels", CUBES),
    _R("NUM_SRC", 1.0, None, "no source was found", CUBES),
    _R("HISTO_BKG", LOWEST_BACKGROUND, None, "background over-subtracted", CUBES),
    _R("BACKGROUND", None, HIGHEST_BACKGROUND, "High_background", CUBES),
    _R("CUBE_FILLED", 0.8, None, "a fifth of the cube and more is empty", CUBES),
    _R("SKY_FAULTS", None, 0.0, "sky lines or continuum could not be fitted", (SINGLE,)),
    _R("WDEL_MAX", -LARGEST_SHIFT, LARGEST_SHIFT, "sky lines of an IFU off by 0.5 Angstrom",
       (SINGLE,)),
    _R("EXP_EVENNESS", 0.8, None, "an exposure was broken off", (COMBINED,)),
    _R("ALIGN_NOMATCH", None, 0.0, "an exposure could not be aligned", (COMBINED,)),
)  # fmt: skip
"""Green within the limits; what was not measured is grey. Limits are ours, but for those above
that say that they are published."""

_H = DynamicRule
HISTORY: tuple[DynamicRule, ...] = (
    _H("RON", 5.0, 0.3, "read-out noise jumped", ("BIAS",)),
    _H("BIAS_LEVEL", 5.0, 20.0, "bias level jumped", ("BIAS",)),
    _H("FLAT_FLUX", 5.0, 1e9, "lamp fainter or brighter than usual", ("FLAT",)),
    _H("WAVE_RMS", 5.0, 0.01, "wavelength solution scatters more than usual", ("ARC",)),
    _H("THROUGHPUT_700", 5.0, 0.02, "throughput jumped", ("PIXTABLE_STD",)),
)
"""Green within the scatter of the last months; least widths are ours."""

THRESHOLDS = (*RULES, *HISTORY)
"""All of them."""

_B = ScoreBit
BITS: tuple[ScoreBit, ...] = (
    _B(1, "CHECK_BKG", "SKY_FAULTS", None, 0.0, "no error in the fits of the sky"),
    _B(2, "IS_OBJ", "IS_OBJ", None, 0.0, "an object, not the sky beside it"),
    _B(3, "HAS_SKY", "HAS_SKY", None, 0.0, "dedicated exposures of the sky"),
    _B(4, "ARC_CLOSE", "ARC_AGE", None, OLDEST_ARC, "arc within 1.5 days"),
    _B(5, "SKY_FLAT", "SKY_FLAT", None, 0.0, "a twilight flat was used"),
    _B(6, "NUM_SAT", "NUM_SAT", None, MOST_SATURATED, "fewer than 300 saturated raw pixels"),
    _B(7, "NUM_SRC", "NUM_SRC", 1.0, None, "sources were found"),
    _B(8, "HISTO_BKG", "HISTO_BKG", LOWEST_BACKGROUND, None, "background not over-subtracted"),
    _B(9, "LSHIFT_MAX", "WDEL_MAX", -LARGEST_SHIFT, LARGEST_SHIFT,
       "sky lines off by less than 0.5 Angstrom"),
    _B(10, "ALIGNMENT", "ALIGNMENT", None, 0.0,
       "all exposures matched, and offsets below 6e-5 deg"),
    _B(11, "MODIFIED", "MODIFIED", None, 0.0, "all exposures of one template"),
)  # fmt: skip
"""As published. The last two are of cubes of an OB alone."""


def bits_of(raw_type: str) -> tuple[ScoreBit, ...]:
    """Return the bits of a raw type; all of them for none."""
    if raw_type == SINGLE:
        return BITS[:OF_SINGLE]
    return BITS if raw_type in {"", COMBINED} else ()
