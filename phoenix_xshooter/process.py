"""The process XSHOOTER_ECH: raw types, recipes, products and what they take of a machine.

The recipes know an arm by the category of the raw frames; products carry it as their last word.
So every row of products is optional here; :func:`usual_products` says what one AB must make.

The resources are twice the peak memory and some twenty times the time that xshoo 3.5.0 was seen to
need for unbinned frames, the largest, on an idle machine. A dark with not-a-number in it never
ends: its recipe has two minutes.
"""

from __future__ import annotations

from phoenix.model.ab import Mode
from phoenix.model.frames import Role
from phoenix.model.process import Process, RawType, ReviewPolicy, RuleFile
from phoenix.model.recipe import Recipe, RecipeProduct, Resources

__all__ = [
    "ARMS",
    "BLOCKED",
    "IDP",
    "INSTRUMENTS",
    "NOD",
    "OFFSET",
    "PIPELINE",
    "PIPELINE_VERSION",
    "PROCESSES",
    "RESPONSE",
    "SCIENCE_RECIPES",
    "STARE",
    "XSHOOTER_ECH",
    "all_arms",
    "arm_of",
    "flux_products",
    "is_telluric",
    "kind_of",
    "spectrum_catg",
    "usual_products",
]

PIPELINE = "xshoo"
PIPELINE_VERSION = "3.5.0"
"""The version for which the product rows were written."""

ARMS = ("UVB", "VIS", "NIR")
"""The last word of raw types, DO categories and PRO.CATGs."""

BLOCKED = "JH"
"""Before the arm in a raw type: the slit has a filter that blocks the K band (``0.9x11JH``), and
the recipes look for the orders 13 to 26 alone."""

THROUGH_SLITS = ("UVB", "VIS", "NIR", f"{BLOCKED}_NIR")
"""Last words of the raw types of what is seen through a slit."""

INSTRUMENTS = ("XSHOOTER", "SHOOT")
"""INSTRUME, and what it was in the commissioning."""

NOD, STARE, OFFSET = "xsh_scired_slit_nod", "xsh_scired_slit_stare", "xsh_scired_slit_offset"
SCIENCE_RECIPES = (NOD, STARE, OFFSET)

RESPONSE_NOD, RESPONSE_STARE, RESPONSE_OFFSET = (
    "xsh_respon_slit_nod", "xsh_respon_slit_stare", "xsh_respon_slit_offset",
)  # fmt: skip
RESPONSE_RECIPES = (RESPONSE_NOD, RESPONSE_STARE, RESPONSE_OFFSET)

RESPONSE = "RESPONSE_MERGE1D_SLIT"
"""PRO.CATG of a response, without the arm."""

IDP = "SCI_SLIT_FLUX_IDP"
"""PRO.CATG of the table that the recipes write in the form of the data standard, without the arm;
it bears this name where the spectrum is in counts, too."""

Row = tuple[str, Role]

_GUESS = (("WAVE_TAB_GUESS", Role.CALIBRATION), ("ORDER_TAB_GUESS", Role.CALIBRATION))
_MADE, _SPARE = Role.CALIBRATION, Role.INTERMEDIATE

MASTER_ROWS: dict[str, tuple[Row, ...]] = {
    "xsh_mbias": (("MASTER_BIAS", _MADE),),
    "xsh_mdark": (("MASTER_DARK", _MADE),),
    "xsh_predict": (*_GUESS, ("FMTCHK_RESID_TAB_LINES_GFIT", _SPARE)),
    "xsh_orderpos": (("ORDER_TAB_CENTR", _MADE), ("ORDERPOS_RESID_TAB", _SPARE)),
    "xsh_mflat": (("MASTER_FLAT_SLIT", _MADE), ("ORDER_TAB_EDGES_SLIT", _MADE)),
    "xsh_2dmap": (
        ("WAVE_TAB_2D", _MADE),
        ("DISP_TAB", _MADE),
        ("WAVE_MAP", _MADE),
        ("SLIT_MAP", _MADE),
        ("WAVE_RESID_TAB_LINES", _SPARE),
    ),
    "xsh_wavecal": (("TILT_TAB_SLIT", _MADE), ("SHIFT_TAB_SLIT", _SPARE)),
    **dict.fromkeys(
        RESPONSE_RECIPES,
        (
            (RESPONSE, _MADE),
            ("EFFICIENCY_SLIT", _MADE),
            ("FLUX_SLIT_FLUX_MERGE1D", _SPARE),
            ("FLUX_SLIT_MERGE1D", _SPARE),
            ("FLUX_SLIT_MERGE2D", _SPARE),
        ),
    ),
}
"""Recipe to what it makes of an arm, always."""

SCIENCE_ROWS: tuple[Row, ...] = (
    (IDP, Role.SCIENCE),
    ("SCI_SLIT_MERGE1D", Role.ANCILLARY),
    ("SCI_SLIT_MERGE2D", Role.ANCILLARY),
    ("SCI_SLIT_ORDER1D", _SPARE),
)
"""What the science recipes make, always."""

FLUX_ROWS: tuple[Row, ...] = (
    ("SCI_SLIT_FLUX_MERGE1D", Role.ANCILLARY),
    ("SCI_SLIT_FLUX_MERGE2D", Role.ANCILLARY),
    ("SCI_SLIT_FLUX_ORDER1D", _SPARE),
)
"""What they add when they are given a response and the extinction."""

TELLURIC_ROWS: tuple[Row, ...] = (
    ("TELL_SLIT_MERGE1D", _MADE),
    ("TELL_SLIT_MERGE2D", _SPARE),
    ("TELL_SLIT_ORDER1D", _SPARE),
)
TELLURIC_FLUX_ROWS: tuple[Row, ...] = (
    ("TELL_SLIT_FLUX_MERGE1D", _MADE),
    ("TELL_SLIT_FLUX_MERGE2D", _SPARE),
    ("TELL_SLIT_FLUX_ORDER1D", _SPARE),
)
"""The same of a telluric standard (DPR TYPE STD,TELLURIC), which stays a calibration."""

SKY_ROWS: tuple[Row, ...] = (("SKY_SLIT_MERGE1D", Role.ANCILLARY),)
"""What is added where the sky is taken off as a spectrum: staring, and offset to sky."""

# Ours.
RESOURCES = {
    "xsh_mbias": Resources(memory_mb=1500, time_limit_s=300),
    "xsh_mdark": Resources(memory_mb=1500, time_limit_s=120),
    "xsh_predict": Resources(memory_mb=500, time_limit_s=120),
    "xsh_orderpos": Resources(memory_mb=500, time_limit_s=120),
    "xsh_mflat": Resources(memory_mb=1900, time_limit_s=600),
    "xsh_2dmap": Resources(memory_mb=500, time_limit_s=300),
    "xsh_wavecal": Resources(memory_mb=500, time_limit_s=120),
    **dict.fromkeys(RESPONSE_RECIPES, Resources(memory_mb=1400, time_limit_s=1200)),
    **dict.fromkeys(SCIENCE_RECIPES, Resources(memory_mb=1800, time_limit_s=1200)),
}

RAW_RECIPES = (
    ("BIAS", "xsh_mbias", ("UVB", "VIS")),
    ("DARK", "xsh_mdark", ARMS),
    ("FMTCHK", "xsh_predict", ARMS),
    ("ORDERDEF", "xsh_orderpos", ARMS),
    ("FLAT_SLIT", "xsh_mflat", THROUGH_SLITS),
    ("WAVE", "xsh_2dmap", ARMS),
    ("ARC_SLIT", "xsh_wavecal", THROUGH_SLITS),
    ("STD_FLUX_SLIT_NOD", RESPONSE_NOD, THROUGH_SLITS),
    ("STD_FLUX_SLIT_STARE", RESPONSE_STARE, THROUGH_SLITS),
    ("STD_FLUX_SLIT_OFFSET", RESPONSE_OFFSET, THROUGH_SLITS),
    ("STD_TELL_SLIT_NOD", NOD, THROUGH_SLITS),
    ("STD_TELL_SLIT_STARE", STARE, THROUGH_SLITS),
    ("STD_TELL_SLIT_OFFSET", OFFSET, THROUGH_SLITS),
    ("OBJECT_SLIT_NOD", NOD, THROUGH_SLITS),
    ("OBJECT_SLIT_STARE", STARE, THROUGH_SLITS),
    ("SCIENCE_SLIT_OFFSET", OFFSET, THROUGH_SLITS),
)
"""Raw type without the arm, its recipe, and the last words that it has, in cascade order."""

SCIENCE_KINDS = ("OBJECT_SLIT_NOD", "OBJECT_SLIT_STARE", "SCIENCE_SLIT_OFFSET")
TELLURIC_KINDS = ("STD_TELL_SLIT_NOD", "STD_TELL_SLIT_STARE", "STD_TELL_SLIT_OFFSET")


def arm_of(name: str) -> str:
    """Return the arm of a raw type, DO category or PRO.CATG; empty if it has none."""
    return next((word for word in reversed(name.split("_")) if word in ARMS), "")


def kind_of(raw_type: str) -> str:
    """Return a raw type without its arm: ``FLAT_SLIT``, behind a blocking filter as well."""
    return raw_type.removesuffix(f"_{arm_of(raw_type)}").removesuffix(f"_{BLOCKED}")


def all_arms(*kinds: str) -> tuple[str, ...]:
    """Return the raw types of these kinds, of all arms."""
    rows = {kind: endings for kind, _, endings in RAW_RECIPES}
    return tuple(f"{kind}_{ending}" for kind in kinds for ending in rows[kind])


def is_telluric(raw_type: str) -> bool:
    """Tell whether a raw type is that of a telluric standard."""
    return kind_of(raw_type) in TELLURIC_KINDS


def spectrum_catg(family: str, raw_type: str) -> str:
    """Return the PRO.CATG of a spectrum, ``TELL_SLIT_MERGE1D_NIR`` for ``SLIT_MERGE1D``."""
    return f"{'TELL' if is_telluric(raw_type) else 'SCI'}_{family}_{arm_of(raw_type)}"


def usual_products(recipe: str, raw_type: str) -> tuple[str, ...]:
    """Return the PRO.CATGs that a recipe always makes of a raw type, in the order of numbers."""
    rows = MASTER_ROWS.get(recipe, ())
    if recipe in SCIENCE_RECIPES:
        own = TELLURIC_ROWS if is_telluric(raw_type) else SCIENCE_ROWS
        rows = own if recipe == NOD else (*own, *SKY_ROWS)
    return tuple(f"{family}_{arm_of(raw_type)}" for family, _ in rows)


def flux_products(raw_type: str) -> tuple[str, ...]:
    """Return the PRO.CATGs that are added where the flux is calibrated."""
    rows = TELLURIC_FLUX_ROWS if is_telluric(raw_type) else FLUX_ROWS
    return tuple(f"{family}_{arm_of(raw_type)}" for family, _ in rows)


def _rows(families: tuple[Row, ...]) -> tuple[RecipeProduct, ...]:
    return tuple(
        RecipeProduct(f"{family}_{arm}", role, required=False)
        for arm in ARMS
        for family, role in families
    )


_WHEEL = {"UVB": "OPTI3", "VIS": "OPTI4", "NIR": "OPTI5"}


def _setup_keys(kind: str, ending: str) -> tuple[str, ...]:
    """Return what the AB monitor shows: ``100k/1pt/hg_UVB_1.0x11_SLOT`` (manual, figure 4)."""
    arm = arm_of(ending)
    readout = "ESO DET DIT" if arm == "NIR" else "ESO DET READ CLOCK"
    if kind in {"BIAS", "DARK"}:
        return (readout, "ESO SEQ ARM")
    return (readout, "ESO SEQ ARM", f"ESO INS {_WHEEL[arm]} NAME", "ESO INS OPTI2 NAME")


XSHOOTER_ECH = Process(
    name="XSHOOTER_ECH",
    instrument="xshooter",
    prefix="XS",
    raw_types=tuple(
        RawType(
            f"{kind}_{ending}",
            recipe,
            Mode.SCIENCE if kind in SCIENCE_KINDS else Mode.CALIB,
            _setup_keys(kind, ending),
        )
        for kind, recipe, endings in RAW_RECIPES
        for ending in endings
    ),
    recipes=(
        *(
            Recipe(name, PIPELINE, products=_rows(families), resources=RESOURCES[name])
            for name, families in MASTER_ROWS.items()
        ),
        *(
            Recipe(
                name,
                PIPELINE,
                products=_rows(
                    (*FLUX_ROWS, *SCIENCE_ROWS, *SKY_ROWS, *TELLURIC_FLUX_ROWS, *TELLURIC_ROWS)
                ),
                resources=RESOURCES[name],
            )
            for name in SCIENCE_RECIPES
        ),
    ),
    setup_keys=("ESO SEQ ARM",),
    oca_rules=(RuleFile(PIPELINE, "xshoo.oca"),),
    review=ReviewPolicy(random_green_percent=20.0),
)
"""Echelle spectra of the three arms through a slit, one night at a time."""

PROCESSES = (XSHOOTER_ECH,)
"""What the plugin offers."""
