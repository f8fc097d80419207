"""The process MUSE_IFU: raw types, recipes, products and what they take of a machine.

The names of the later steps are those of a real archive log of 2015, where scipost is of
PIXTABLE_OBJECT. Alignment and combination were both of PIXTABLE_REDUCED; here the alignment is of
IMAGE_FOV, which it reads, because a raw type has one recipe and QC parameters of its own (ours).
"""

from __future__ import annotations

from phoenix.model.ab import Mode
from phoenix.model.frames import Role
from phoenix.model.process import (
    ANY,
    Look,
    Process,
    RawType,
    ReviewPolicy,
    ReviewRow,
    RuleFile,
    Stay,
)
from phoenix.model.recipe import Recipe, RecipeProduct, Resources

__all__ = [
    "ALIGN",
    "COMBINE",
    "CREATE_SKY",
    "INSTRUMENT",
    "MUSE_IFU",
    "PIPELINE",
    "PIPELINE_VERSION",
    "PROCESSES",
    "SCIBASIC",
    "SCIPOST",
    "STANDARD",
]

PIPELINE = "muse"
PIPELINE_VERSION = "2.8.7"
"""The version for which the product rows were written."""

INSTRUMENT = "MUSE"
"""INSTRUME, and the beginning of file names."""

SCIBASIC, SCIPOST, COMBINE = "muse_scibasic", "muse_scipost", "muse_exp_combine"
STANDARD, CREATE_SKY, ALIGN = "muse_standard", "muse_create_sky", "muse_exp_align"

_MADE, _SPARE = Role.CALIBRATION, Role.INTERMEDIATE

Row = tuple[str, Role, bool]

PRODUCTS: dict[str, tuple[Row, ...]] = {
    "muse_bias": (("MASTER_BIAS", _MADE, True),),
    "muse_dark": (("MASTER_DARK", _MADE, True),),
    "muse_flat": (
        ("MASTER_FLAT", _MADE, True),
        ("TRACE_TABLE", _MADE, True),
        ("TRACE_SAMPLES", _SPARE, False),
    ),
    "muse_wavecal": (
        ("WAVECAL_TABLE", _MADE, True),
        ("WAVECAL_RESIDUALS", _SPARE, False),
    ),
    "muse_lsf": (("LSF_PROFILE", _MADE, True),),
    "muse_illum": (("ILLUM", _MADE, True),),
    "muse_twilight": (
        ("DATACUBE_SKYFLAT", _SPARE, True),
        ("TWILIGHT_CUBE", _MADE, True),
    ),
    SCIBASIC: (
        # One for each IFU; an AB predicts those of its own kind.
        ("PIXTABLE_OBJECT", _SPARE, False),
        ("PIXTABLE_SKY", _SPARE, False),
        ("PIXTABLE_STD", _SPARE, False),
    ),
    STANDARD: (
        ("DATACUBE_STD", _SPARE, True),
        ("STD_FLUXES", _SPARE, True),
        ("STD_RESPONSE", _MADE, True),
        ("STD_TELLURIC", _MADE, True),
    ),
    CREATE_SKY: (
        ("SKY_MASK", _SPARE, True),
        ("SKY_IMAGE", _SPARE, True),
        ("SKY_SPECTRUM", _SPARE, True),
        ("SKY_LINES", _SPARE, True),
        ("SKY_CONTINUUM", _SPARE, True),
    ),
    SCIPOST: (
        ("DATACUBE_FINAL", Role.SCIENCE, True),
        ("IMAGE_FOV", Role.ANCILLARY, True),
        ("PIXTABLE_REDUCED", _SPARE, True),
        ("SKY_MASK", _SPARE, False),
        ("SKY_IMAGE", _SPARE, False),
        ("SKY_SPECTRUM", _SPARE, False),
        ("SKY_LINES", _SPARE, False),
        ("SKY_CONTINUUM", _SPARE, False),
    ),
    ALIGN: (
        ("OFFSET_LIST", _SPARE, True),
        ("SOURCE_LIST", _SPARE, True),
        ("PREVIEW_FOV", _SPARE, False),
    ),
    COMBINE: (
        ("DATACUBE_FINAL", Role.SCIENCE, True),
        ("IMAGE_FOV", Role.ANCILLARY, True),
    ),
}
"""Recipe to its products: PRO.CATG, role, and whether it always makes them. The first numbers are
those of the real log: ``_pst_0000`` the cube, ``_pst_0001`` its image, ``_pst_0002`` the table."""

ONE_AN_IFU = frozenset({"PIXTABLE_OBJECT", "PIXTABLE_SKY", "PIXTABLE_STD"})
"""Products of which there is one for each IFU, with its number: ``r.<root>_0000-07.fits``."""

# The least; see blocks.needs for what is kept free for frames of real size.
_LEAST = {
    ALIGN: Resources(memory_mb=1000, time_limit_s=1800),
    "muse_illum": Resources(memory_mb=1000, time_limit_s=600),
    COMBINE: Resources(memory_mb=1500, time_limit_s=28800),
}
_USUAL = Resources(memory_mb=1500, time_limit_s=14400)
RESOURCES = {name: _LEAST.get(name, _USUAL) for name in PRODUCTS}

_READ_OUT = ("ESO DET READ CURNAME",)
_SETUP = ("ESO INS MODE", *_READ_OUT)
_GROUPED = ("ESO OBS CONTAINER ID", "ESO TPL START", "RA", "DEC", "ESO INS DROT POSANG")
"""What tells which exposures are combined: blocks.groups."""

RAW_TYPES = (
    RawType("BIAS", "muse_bias", setup_keys=_READ_OUT),
    RawType("DARK", "muse_dark", setup_keys=_READ_OUT),
    RawType("FLAT", "muse_flat"),
    RawType("ILLUMFLAT", "muse_illum"),
    RawType("ARC", "muse_wavecal"),
    RawType("ARC_LSF", "muse_lsf"),
    RawType("SKYFLAT", "muse_twilight"),
    RawType("STD", SCIBASIC),
    RawType("SKY", SCIBASIC, Mode.SCIENCE, (*_SETUP, *_GROUPED)),
    RawType("OBJECT", SCIBASIC, Mode.SCIENCE, (*_SETUP, *_GROUPED)),
    # So they are called in ABs of 2015; edits tell objects, sky and standard stars apart.
    RawType("SCI_SINGLE", SCIBASIC, Mode.SCIENCE, (*_SETUP, *_GROUPED)),
    RawType("PIXTABLE_STD", STANDARD),
    RawType("PIXTABLE_SKY", CREATE_SKY, Mode.SCIENCE),
    RawType("PIXTABLE_OBJECT", SCIPOST, Mode.SCIENCE),
    RawType("IMAGE_FOV", ALIGN, Mode.SCIENCE),
    RawType("PIXTABLE_REDUCED", COMBINE, Mode.SCIENCE),
)
"""In the order of the cascade."""


MUSE_IFU = Process(
    name="MUSE_IFU",
    instrument="muse",
    prefix="MU",
    raw_types=RAW_TYPES,
    recipes=tuple(
        Recipe(
            name,
            PIPELINE,
            products=tuple(RecipeProduct(*row, numbered=row[0] in ONE_AN_IFU) for row in rows),
            resources=RESOURCES[name],
        )
        for name, rows in PRODUCTS.items()
    ),
    setup_keys=_SETUP,
    oca_rules=(RuleFile(PIPELINE, "muse.oca"),),
    intermediate=Stay.READ,
    supervised=True,
    # A person looks at what is delivered, and at nothing else: with it all parts are seen.
    review=ReviewPolicy(
        rows=(ReviewRow("PIXTABLE_REDUCED", Look.MANDATORY), ReviewRow(ANY, Look.NEVER))
    ),
)
"""Cubes of MUSE, one for an OB, from raw frames to the combination of its exposures."""

PROCESSES = (MUSE_IFU,)
"""What the plugin offers."""
