"""The process UVES_ECH: raw types, recipes, products and what they take of a machine.

The recipes know an arm by the category of the raw frames: a blue AB makes products of the chip
BLUE, a red one of REDL and REDU, and the science products carry the tag of the raw frame. So every
row of products is optional here; :func:`usual_products` says what one AB must make.

The resources are twice the peak memory and some twenty times the wall time that uves 6.1.8 was
seen to need for unbinned red frames, the largest, on an idle machine.
"""

from __future__ import annotations

from phoenix.model.ab import Mode
from phoenix.model.frames import Role
from phoenix.model.process import Process, RawType, ReviewPolicy, RuleFile
from phoenix.model.recipe import Recipe, RecipeProduct, Resources

__all__ = [
    "ARM_CHIPS",
    "PIPELINE",
    "PIPELINE_VERSION",
    "PROCESSES",
    "SCIENCE_RECIPE",
    "SCIENCE_TAGS",
    "STACK",
    "STACK_RECIPE",
    "UVES_ECH",
    "arm_of",
    "chips_of",
    "flux_products",
    "science_categories",
    "sky_products",
    "usual_products",
]

PIPELINE = "uves"
PIPELINE_VERSION = "6.1.8"
"""The version for which the product rows were written."""

ARM_CHIPS = {"BLUE": ("BLUE",), "RED": ("REDL", "REDU")}
"""Arm, the last part of a raw type, to its chips, the last part of a PRO.CATG."""

SCIENCE_TAGS = ("SCI_POINT", "SCI_EXTND", "SCI_SLICER", "SCIENCE")
"""DO categories of science frames, without the arm."""

SCIENCE_RECIPE, STACK_RECIPE = "uves_obs_scired", "uves_stack"

STACK = "OB_STACK"
"""Raw type of the ABs that average the exposures of an OB, and PRO.CATG of what they make."""

TAG = "<tag>"
"""In a row of products: stands for the DO category of the science frame."""

Row = tuple[str, Role]

MASTER_ROWS: dict[str, tuple[Row, ...]] = {
    "uves_cal_mbias": (("MASTER_BIAS", Role.CALIBRATION),),
    "uves_cal_mdark": (("MASTER_DARK", Role.CALIBRATION),),
    "uves_cal_predict": (
        ("ORDER_GUESS_TAB", Role.CALIBRATION),
        ("LINE_GUESS_TAB", Role.CALIBRATION),
    ),
    "uves_cal_orderpos": (("ORDER_TABLE", Role.CALIBRATION),),
    "uves_cal_mflat": (("MASTER_FLAT", Role.CALIBRATION), ("BKG_FLAT", Role.INTERMEDIATE)),
    "uves_cal_wavecal": (("LINE_TABLE", Role.CALIBRATION),),
    "uves_cal_response": (
        ("INSTR_RESPONSE_FINE", Role.CALIBRATION),
        ("EFFICIENCY_TABLE", Role.CALIBRATION),
        ("RED_STD", Role.INTERMEDIATE),
        ("BKG_STD", Role.INTERMEDIATE),
        ("ORDER_EXTRACT_QC", Role.INTERMEDIATE),
    ),
}
"""Recipe to what it makes of each chip, always."""

SCIENCE_ROWS: tuple[Row, ...] = (
    (f"RED_{TAG}", Role.SCIENCE),
    (f"ERRORBAR_{TAG}", Role.ANCILLARY),
    (f"MERGED_{TAG}", Role.INTERMEDIATE),
    (f"WCALIB_{TAG}", Role.INTERMEDIATE),
    (f"WCALIB_FF_{TAG}", Role.ANCILLARY),
    (f"ERRORBAR_WCALIB_FF_{TAG}", Role.ANCILLARY),
    (f"VARIANCE_{TAG}", Role.INTERMEDIATE),
    ("WCALIB_FLAT_OBJ", Role.INTERMEDIATE),
    ("BKG_SCI", Role.INTERMEDIATE),
    ("ORDER_EXTRACT_QC", Role.INTERMEDIATE),
    ("WAVE_MAP", Role.INTERMEDIATE),
)
"""What uves_obs_scired makes of each chip whatever the extraction."""

FLUX_ROWS: tuple[Row, ...] = (
    (f"FLUXCAL_{TAG}", Role.ANCILLARY),
    (f"FLUXCAL_ERRORBAR_{TAG}", Role.ANCILLARY),
)
"""What it adds when it is given a response and the extinction."""

SKY_ROWS: tuple[Row, ...] = (("MERGED_SKY", Role.ANCILLARY),)
"""What it adds when it takes the sky off, whatever the extraction."""

OPTIMAL_ROWS: tuple[Row, ...] = (
    ("CRMASK", Role.INTERMEDIATE),
    ("ORDER_TRACE", Role.INTERMEDIATE),
)
"""What optimal extraction adds."""

# Ours.
RESOURCES = {
    "uves_cal_mbias": Resources(memory_mb=2200, time_limit_s=300),
    "uves_cal_mdark": Resources(memory_mb=2200, time_limit_s=300),
    "uves_cal_predict": Resources(memory_mb=600, time_limit_s=120),
    "uves_cal_orderpos": Resources(memory_mb=600, time_limit_s=300),
    "uves_cal_mflat": Resources(memory_mb=2700, time_limit_s=300),
    "uves_cal_wavecal": Resources(memory_mb=1100, time_limit_s=300),
    "uves_cal_response": Resources(memory_mb=1900, time_limit_s=900),
    SCIENCE_RECIPE: Resources(memory_mb=1900, time_limit_s=900),
    STACK_RECIPE: Resources(memory_mb=600, time_limit_s=300),
}

RAW_RECIPES = (
    ("BIAS", "uves_cal_mbias"),
    ("DARK", "uves_cal_mdark"),
    ("ARC_LAMP_FORM", "uves_cal_predict"),
    ("ORDER_FLAT", "uves_cal_orderpos"),
    ("FLAT", "uves_cal_mflat"),
    ("ARC_LAMP", "uves_cal_wavecal"),
    ("STANDARD", "uves_cal_response"),
    *((tag, SCIENCE_RECIPE) for tag in SCIENCE_TAGS),
    (STACK, STACK_RECIPE),
)
"""DO category without the arm, which is also the raw type, and its recipe, in cascade order."""

_CHIPS = tuple(chip for chips in ARM_CHIPS.values() for chip in chips)


def chips_of(raw_type: str) -> tuple[str, ...]:
    """Return the chips of a raw type or DO category: ``BIAS_RED`` has REDL and REDU."""
    return ARM_CHIPS.get(arm_of(raw_type), ())


def arm_of(raw_type: str) -> str:
    """Return the arm of a raw type or DO category: the last word."""
    return raw_type.rpartition("_")[2]


def science_categories(raw_type: str) -> tuple[str, ...]:
    """Return the PRO.CATG of the reduced spectrum of each chip of a science raw type."""
    tag = raw_type.rpartition("_")[0]
    return tuple(f"RED_{tag}_{chip}" for chip in chips_of(raw_type))


def usual_products(recipe: str, raw_type: str) -> tuple[str, ...]:
    """Return the PRO.CATGs that a recipe always makes of a raw type, in the order of numbers."""
    if recipe == STACK_RECIPE:
        return (raw_type,)
    rows = SCIENCE_ROWS if recipe == SCIENCE_RECIPE else MASTER_ROWS.get(recipe, ())
    return _categories(rows, raw_type)


def flux_products(raw_type: str) -> tuple[str, ...]:
    """Return the PRO.CATGs that are added where the flux is calibrated."""
    return _categories(FLUX_ROWS, raw_type)


def sky_products(raw_type: str) -> tuple[str, ...]:
    """Return the PRO.CATGs that are added where the sky is taken off."""
    return _categories(SKY_ROWS, raw_type)


def _categories(rows: tuple[Row, ...], raw_type: str) -> tuple[str, ...]:
    tag = raw_type.rpartition("_")[0]
    return tuple(
        f"{family.replace(TAG, tag)}_{chip}" for chip in chips_of(raw_type) for family, _ in rows
    )


def _rows(families: tuple[Row, ...], tags: tuple[str, ...] = ("",)) -> tuple[RecipeProduct, ...]:
    found = {
        f"{family.replace(TAG, tag)}_{chip}": role
        for chip in _CHIPS
        for tag in tags
        for family, role in families
    }
    return tuple(RecipeProduct(catg, role, required=False) for catg, role in found.items())


_DETECTOR = ("ESO DET WIN1 BINX",)
"""All that a bias or dark of an arm depends on; no light falls through slit and gratings."""

UVES_ECH = Process(
    name="UVES_ECH",
    instrument="uves",
    prefix="UV",
    raw_types=tuple(
        RawType(
            f"{tag}_{arm}",
            recipe,
            Mode.SCIENCE if recipe in {SCIENCE_RECIPE, STACK_RECIPE} else Mode.CALIB,
            _DETECTOR if tag in {"BIAS", "DARK"} else None,
        )
        for tag, recipe in RAW_RECIPES
        for arm in ARM_CHIPS
    ),
    recipes=(
        *(
            Recipe(name, PIPELINE, products=_rows(families), resources=RESOURCES[name])
            for name, families in MASTER_ROWS.items()
        ),
        Recipe(
            SCIENCE_RECIPE,
            PIPELINE,
            products=_rows((*FLUX_ROWS, *SCIENCE_ROWS, *SKY_ROWS, *OPTIMAL_ROWS), SCIENCE_TAGS),
            resources=RESOURCES[SCIENCE_RECIPE],
        ),
        Recipe(
            STACK_RECIPE,
            "phoenix_uves.recipe.stack:stack",
            products=tuple(
                RecipeProduct(f"{STACK}_{arm}", Role.SCIENCE, required=False) for arm in ARM_CHIPS
            ),
            resources=RESOURCES[STACK_RECIPE],
        ),
    ),
    setup_keys=(
        "ESO INS MODE",
        "ESO INS GRAT1 WLEN",
        "ESO INS GRAT2 WLEN",
        "ESO INS SLIT1 NAME",
        *_DETECTOR,
    ),
    oca_rules=(RuleFile(PIPELINE, "uves.oca"),),
    review=ReviewPolicy(random_green_percent=20.0),
)
"""Echelle spectra of both arms, one night at a time; OBs with several exposures are stacked."""

PROCESSES = (UVES_ECH,)
"""What the plugin offers."""
