"""The process GIRAFFE_MOS: raw types, recipes, products and what they take of a machine.

The resources are twice the peak memory and about twenty times the wall time that giraf 2.16.10 was
seen to need for a full-size night (135 fibres, 4096 x 2148 pixels) on an idle machine.
"""

from __future__ import annotations

from phoenix.model.ab import Mode
from phoenix.model.frames import Role
from phoenix.model.process import Process, RawType, ReviewPolicy, RuleFile
from phoenix.model.recipe import Recipe, RecipeProduct, Resources

__all__ = ["GIRAFFE_MOS", "PIPELINE", "PIPELINE_VERSION", "PROCESSES"]

PIPELINE = "giraf"
PIPELINE_VERSION = "2.16.10"
"""The version for which edits, gates and product rows were written."""

# Memory and time limits of the recipes are ours.


def _calibrations(*categories: str) -> tuple[RecipeProduct, ...]:
    return tuple(RecipeProduct(category, Role.CALIBRATION) for category in categories)


def _intermediates(*categories: str) -> tuple[RecipeProduct, ...]:
    return tuple(RecipeProduct(category, Role.INTERMEDIATE) for category in categories)


MASTER_BIAS = Recipe(
    "gimasterbias",
    PIPELINE,
    products=_calibrations("MASTER_BIAS", "BAD_PIXEL_MAP"),
    resources=Resources(cores=1, memory_mb=900, time_limit_s=300),
)

MASTER_DARK = Recipe(
    "gimasterdark",
    PIPELINE,
    products=_calibrations("MASTER_DARK"),
    resources=Resources(cores=1, memory_mb=800, time_limit_s=300),
)

MASTER_FLAT = Recipe(
    "gimasterflat",
    PIPELINE,
    products=(
        *_calibrations(
            "MASTER_FIBER_FLAT",
            "FF_LOCCENTROID",
            "FF_LOCWIDTH",
            "FF_LOCFIT",
            "FF_PSFCENTROID",
            "FF_PSFWIDTH",
            "FF_PSFFIT",
            "FIBER_PROFILE",
            "FF_EXTSPECTRA",
            "FF_EXTERRORS",
        ),
        *_intermediates("FF_EXTPIXELS", "FF_EXTTRACES"),
        RecipeProduct("SCATTERED_LIGHT_MODEL", Role.CALIBRATION, required=False),
    ),
    resources=Resources(cores=1, memory_mb=700, time_limit_s=600),
)

WAVE_CALIBRATION = Recipe(
    "giwavecalibration",
    PIPELINE,
    products=(
        *_intermediates("ARC_EXTSPECTRA", "ARC_EXTERRORS", "ARC_EXTPIXELS", "ARC_EXTTRACES"),
        *_calibrations("DISPERSION_SOLUTION", "LINE_DATA"),
        *_intermediates("ARC_RBNSPECTRA", "ARC_RBNERRORS"),
        RecipeProduct("SLIT_GEOMETRY_SETUP", Role.CALIBRATION, required=False),
    ),
    resources=Resources(cores=1, memory_mb=600, time_limit_s=300),
)

SCIENCE = Recipe(
    "giscience",
    PIPELINE,
    products=(
        *_intermediates("SCIENCE_REDUCED", "SCIENCE_EXTSPECTRA", "SCIENCE_EXTERRORS"),
        *_intermediates("SCIENCE_EXTPIXELS", "SCIENCE_EXTTRACES"),
        RecipeProduct("SCIENCE_RBNSPECTRA", Role.SCIENCE),
        RecipeProduct("SCIENCE_RBNERRORS", Role.ANCILLARY),
    ),
    resources=Resources(cores=1, memory_mb=700, time_limit_s=600),
)

STANDARD = Recipe(
    "gistandard",
    PIPELINE,
    products=(
        *_intermediates("STD_REDUCED", "STD_EXTSPECTRA", "STD_EXTERRORS"),
        *_intermediates("STD_EXTPIXELS", "STD_EXTTRACES", "STD_RBNSPECTRA", "STD_RBNERRORS"),
        *_calibrations("INSTRUMENT_RESPONSE", "EFFICIENCY_CURVE"),
    ),
    resources=Resources(cores=1, memory_mb=700, time_limit_s=600),
)

_DETECTOR = ("ESO DET CHIP1 ID", "ESO DET WIN1 NY", "ESO DET READ CLOCK")
"""All that a bias or dark depends on; no light falls through slit and grating."""

GIRAFFE_MOS = Process(
    name="GIRAFFE_MOS",
    instrument="giraffe",
    prefix="GI",
    raw_types=(
        RawType("BIAS", "gimasterbias", setup_keys=_DETECTOR),
        RawType("DARK", "gimasterdark", setup_keys=_DETECTOR),
        RawType("FIBER_FLAT", "gimasterflat"),
        RawType("ARC_SPECTRUM", "giwavecalibration"),
        RawType("STD", "gistandard"),
        RawType("SCIENCE", "giscience", Mode.SCIENCE),
        # What historical ABs call it; edit_ab renames it.
        RawType("SCI_MEDUSA", "giscience", Mode.SCIENCE),
    ),
    recipes=(
        MASTER_BIAS,
        MASTER_DARK,
        MASTER_FLAT,
        WAVE_CALIBRATION,
        STANDARD,
        SCIENCE,
    ),
    setup_keys=("ESO INS SLIT NAME", "ESO INS EXP MODE", *_DETECTOR),
    oca_rules=(RuleFile(PIPELINE, "giraf.oca"),),
    review=ReviewPolicy(random_green_percent=20.0),
)
"""Medusa spectra of single exposures (OBs of one template are averaged by giscience)."""

PROCESSES = (GIRAFFE_MOS,)
"""What the plugin offers."""
