"""What a finished recipe must show, because muse ends many a wrong run with exit code 0.

The faults are those that muse 2.8.7 was seen to pass over in silence; what good and bad runs gave
stands behind each row, and the limit between them (ours). Caught by the core, and no rows here: a
broken raw file or table that a recipe leaves out (it logs an ERROR line), a frame without DATE-OBS
of which no pixel table is written, a missing IFU (all pixel tables are predicted), exit code 255
with products left behind.
"""

from __future__ import annotations

import math
import re
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from phoenix.model.gate import Gate
from phoenix.toolkit.files import paths_of, raw_paths
from phoenix.toolkit.fits import read_image, read_rows, read_table
from phoenix.toolkit.headers import number, read_header, read_headers, text
from phoenix.toolkit.outcomes import filled_gate, keyword
from phoenix.toolkit.rawframes import repeated_frames
from phoenix.toolkit.told import TOLD
from phoenix_muse.blocks.pixtables import ifus_of
from phoenix_muse.process import ALIGN, COMBINE, CREATE_SKY, SCIBASIC, SCIPOST, STANDARD
from phoenix_muse.recipe.channels import channels_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from phoenix.model.gate import RecipeOutcome
    from phoenix.model.recipe import Recipe

__all__ = [
    "FLAT_SPECTRUM",
    "GATES",
    "gates_of",
    "tables_left_out",
]

FLAT_SPECTRUM = "ESO DRS MUSE FLUX FFCORR"
"""T in a response that holds for data from which the spectrum of the flat was taken off."""

CUBE = "DATACUBE_FINAL"
_LAMBDA = "ESO DRS MUSE PIXTABLE LIMITS LAMBDA"
_ENDS = ("lambdamin", "lambdamax")
_SLICES = 48
_FEW_ROWS = 512  # of 24 IFUs: some rows of each tell whether there is anything (ours)

_COMBINED = re.compile(r"(\d+) tables to be combined")
_NO_CHANNEL = re.compile(r"Channel for IFU (\d+) is missing")


def unused_frames(outcome: RecipeOutcome, pro_catg: str) -> float | None:
    """Return how many raw frames did not go into a master."""
    used = keyword(outcome, pro_catg, "ESO PRO DATANCOM")
    return None if used is None else len(raw_paths(outcome.ab, outcome.frames)) - used


def bias_level(outcome: RecipeOutcome) -> float | None:
    """Return the highest level of a quadrant of any IFU in counts."""
    product = outcome.product("MASTER_BIAS")
    if product is None:
        return None
    levels = [
        level
        for header in read_headers(product.path)
        for quadrant in range(1, 5)
        if (level := number(header, f"ESO QC BIAS LEVEL{quadrant} MEAN")) is not None
    ]
    return max(levels, default=None)


def filled_channels(outcome: RecipeOutcome, pro_catg: str) -> float | None:
    """Return the part of a master's pixels that are numbers and not zero, of the worst IFU."""
    product = outcome.product(pro_catg)
    if product is None:
        return None
    images = [
        read_rows(product.path, hdu, _FEW_ROWS)
        for hdu, header in enumerate(read_headers(product.path))
        if text(header, "EXTNAME").endswith("DATA")
    ]
    return min((float(np.mean(np.isfinite(one) & (one != 0))) for one in images), default=0.0)


def untraced_slices(outcome: RecipeOutcome) -> float | None:
    """Return how many slices of the IFUs of a table of traces are missing."""
    product = outcome.product("TRACE_TABLE")
    if product is None:
        return None
    tables = range(1, len(read_headers(product.path)))
    found = [read_table(product.path, hdu)["SliceNo"] for hdu in tables]
    return float(sum(_SLICES - np.unique(slices).size for slices in found))


def worst_solution(outcome: RecipeOutcome) -> float | None:
    """Return the largest residual of the wavelength solution of a slice in Angstrom."""
    product = outcome.product("WAVECAL_TABLE")
    if product is None:
        return None
    residuals = [
        value
        for header in read_headers(product.path)
        for number_of in range(1, _SLICES + 1)
        if (value := number(header, f"ESO QC WAVECAL SLICE{number_of} FIT RMS")) is not None
    ]
    return max(residuals, default=None)


def missing_tables(outcome: RecipeOutcome) -> float:
    """Return for how many IFUs of the raw frame there is no pixel table."""
    wanted = set(ifus_of(outcome.ab))
    there = {
        ifu for path in raw_paths(outcome.ab, outcome.frames)[:1] for ifu in channels_of(path)
    }
    category = f"PIXTABLE_{outcome.ab.raw_type}"
    made = sum(product.pro_catg == category for product in outcome.products)
    return float(len(wanted & there) - made)


def response_part(outcome: RecipeOutcome) -> float | None:
    """Return the part of a response that is a positive number."""
    product = outcome.product("STD_RESPONSE")
    if product is None:
        return None
    values = read_table(product.path, 1)["response"]
    return float(np.mean(np.isfinite(values) & (values > 0)))


def flat_spectrum(outcome: RecipeOutcome) -> float | None:
    """Return 1 where a response says that the flat's spectrum was taken off, 0 if not."""
    product = outcome.product("STD_RESPONSE")
    return None if product is None else float(bool(read_header(product.path).get(FLAT_SPECTRUM)))


def sky_part(outcome: RecipeOutcome) -> float | None:
    """Return the part of the sky's continuum that is a number of a sensible size."""
    product = outcome.product("SKY_CONTINUUM")
    if product is None:
        return None
    flux = read_table(product.path, 1)["flux"]
    # A plane with few pixels can give 1e14; the sky of a moonlit night is some 1e4 (1e-20 units).
    return float(np.mean(np.isfinite(flux) & (np.abs(flux) < 1e8)))  # noqa: PLR2004 - as above


def missing_channels(outcome: RecipeOutcome) -> float:
    """Return how many IFUs of the pixel tables the recipe did not find.

    It warns of each of the 24 that is not there; those of which there are no tables do not count.
    """
    tables = sum(tag.startswith("PIXTABLE_") for _, tag in outcome.frames.frames)
    absent = {match[1] for match in _NO_CHANNEL.finditer(outcome.log)}
    return float(max(0, len(absent) - (24 - tables))) if tables else 0.0


def flux_unit(outcome: RecipeOutcome) -> float | None:
    """Return 1 for a cube of flux densities, 0 for one in counts."""
    product = outcome.product(CUBE)
    if product is None:
        return None
    return float("erg" in text(read_header(product.path, 1), "BUNIT"))


def wave_range(outcome: RecipeOutcome) -> float | None:
    """Return the range of wavelengths of a cube over that of the tables that went into it.

    Of these no more counts than the AB asks for: ``--lambdamin`` and ``--lambdamax``.
    """
    product = outcome.product(CUBE)
    tags = ("PIXTABLE_OBJECT", "PIXTABLE_REDUCED")
    tables = [path for tag in tags for path in paths_of(outcome.frames, tag)]
    if product is None or not tables:
        return None
    cube = read_header(product.path, 1)
    step, count = number(cube, "CD3_3"), number(cube, "NAXIS3")
    ends = [
        (number(header, f"{_LAMBDA} LOW"), number(header, f"{_LAMBDA} HIGH"))
        for header in map(read_header, tables)
    ]
    ranges = [(low, high) for low, high in ends if low is not None and high is not None]
    if step is None or count is None or not ranges:
        return 0.0
    asked = {one.name: float(one.value) for one in outcome.ab.parameters if one.name in _ENDS}
    first = max(min(low for low, _ in ranges), asked.get(_ENDS[0], -math.inf))
    wanted = min(max(high for _, high in ranges), asked.get(_ENDS[1], math.inf)) - first
    return step * count / wanted if wanted > 0 else 0.0


def middle_plane(outcome: RecipeOutcome) -> float | None:
    """Return how many voxels of the middle plane of a cube are numbers."""
    from astropy.io import fits  # noqa: PLC0415 - takes a while to import

    product = outcome.product(CUBE)
    if product is None:
        return None
    # One plane of gigabytes; the corners of a field that is turned have no data.
    with fits.open(product.path, memmap=True) as hdus:
        data = hdus[1]
        return float(np.isfinite(data.section[data.shape[0] // 2]).sum())


def white_level(outcome: RecipeOutcome) -> float | None:
    """Return the median of the image in white light without its sign, in units of the cube."""
    product = outcome.product("IMAGE_FOV")
    if product is None:
        return None
    image = np.asarray(read_image(product.path, 1), dtype=float)
    known = image[np.isfinite(image)]
    return float(np.median(np.abs(known))) if known.size else None


def unmatched(outcome: RecipeOutcome) -> float | None:
    """Return how many exposures were not aligned with another."""
    return keyword(outcome, "OFFSET_LIST", "ESO QC EXPALIGN NOMATCH")


def enough_matches(outcome: RecipeOutcome) -> float | None:
    """Return the sources by which an exposure was aligned over those that it takes, the least.

    Two of four are soon found somewhere: an exposure that pointed 7 arcsec beside was moved by 4
    arcsec to a wrong place. It takes three, or all where there are fewer, and in a field of many
    a quarter of them (ours).
    """
    product = outcome.product("OFFSET_LIST")
    if product is None:
        return None
    header = read_header(product.path)
    count = len(paths_of(outcome.frames, "IMAGE_FOV"))
    found = [number(header, f"ESO QC EXPALIGN NDET{i}") for i in range(1, count + 1)]
    matched = [number(header, f"ESO QC EXPALIGN NMATCH{i}") for i in range(1, count + 1)]
    could = min((value for value in found if value is not None), default=0.0)
    needed = max(min(3.0, could), 0.25 * could, 1.0)
    return min((value for value in matched if value is not None), default=0.0) / needed


def tables_left_out(outcome: RecipeOutcome) -> float:
    """Return how many pixel tables did not go into a combination, by what it logged."""
    given = len(paths_of(outcome.frames, "PIXTABLE_REDUCED"))
    match = _COMBINED.search(outcome.log)
    return float(given - (int(match[1]) if match else 0))


def repeats(outcome: RecipeOutcome) -> float:
    """Return how many raw frames have the pixels of another one."""
    return float(repeated_frames(raw_paths(outcome.ab, outcome.frames), 1))


def _used(pro_catg: str) -> Gate:
    measure: Callable[[RecipeOutcome], float | None] = partial(unused_frames, pro_catg=pro_catg)
    return Gate(
        "UNUSED_FRAMES", measure, None, 0.0,
        "raw frames did not go into the master: a broken one is passed over in silence",
    )  # fmt: skip


REPEATED = Gate(
    "REPEATED_FRAMES", repeats, None, 0.0,
    "raw frames have the pixels of another one: the errors of their mean would be too small",
)  # fmt: skip


def _filled(pro_catg: str) -> Gate:
    return filled_gate(partial(filled_channels, pro_catg=pro_catg))


_OF_CUBES = (
    Gate("FLUXED", flux_unit, 1.0, None,
         "the cube is in counts: no response was applied, though the recipe ends well"),
    Gate("WAVE_RANGE", wave_range, 0.97, None,
         "the cube has not the wavelengths of its pixel tables (good: 1.00)"),
    Gate("LIT_VOXELS", middle_plane, 1.0, None, "there is not a number in the middle plane"),
    Gate("WHITE_LEVEL", white_level, None, 1e9,
         "1e-20 erg/s/cm2/Angstrom: wild planes at the ends drown all else in white light; the "
         "alignment would try thresholds for hours (good: 2 to 200; a planet: 1e8; wild: 1e11)"),
)  # fmt: skip

GATES: dict[str, tuple[Gate, ...]] = {
    "muse_bias": (
        _used("MASTER_BIAS"),
        REPEATED,
        _filled("MASTER_BIAS"),
        Gate("BIAS_LEVEL", bias_level, None, 2000.0,
             "counts: a frame with light is among the biases (1000 to 1100; a flat has 25000)"),
    ),
    "muse_dark": (_used("MASTER_DARK"), REPEATED, _filled("MASTER_DARK")),
    "muse_flat": (
        _used("MASTER_FLAT"),
        REPEATED,
        _filled("MASTER_FLAT"),
        Gate("UNTRACED_SLICES", untraced_slices, None, 0.0, "slices have no trace"),
    ),
    "muse_wavecal": (
        REPEATED,
        Gate("WORST_FIT", worst_solution, None, 0.3,
             "Angstrom: residual of the wavelength solution of a slice (good: 0.02 to 0.05)"),
    ),
    "muse_lsf": (REPEATED,),
    "muse_twilight": (REPEATED,),
    SCIBASIC: (
        *TOLD,
        Gate("MISSING_TABLES", missing_tables, None, 0.0,
             "an IFU of the raw frame has no pixel table: see the log of the recipe"),
    ),
    STANDARD: (
        Gate("RESPONSE_PART", response_part, 0.95, None,
             "the response is no positive number everywhere (good: 1)"),
        Gate("FLAT_SPECTRUM", flat_spectrum, 1.0, None,
             "the response does not say FFCORR: fluxes calibrated with it would be wrong"),
        Gate("MISSING_IFUS", missing_channels, None, 0.0,
             "the recipe did not find the pixel table of an IFU and went on without"),
    ),
    CREATE_SKY: (
        Gate("SKY_PART", sky_part, 0.9, None,
             "the continuum of the sky is wild (good: 1): too few pixels at the ends?"),
        Gate("MISSING_IFUS", missing_channels, None, 0.0,
             "the recipe did not find the pixel table of an IFU and went on without"),
    ),
    SCIPOST: (
        *_OF_CUBES,
        Gate("MISSING_IFUS", missing_channels, None, 0.0,
             "the recipe did not find the pixel table of an IFU and went on without"),
    ),
    ALIGN: (
        Gate("UNMATCHED", unmatched, None, 0.0,
             "exposures without a match have offset 0, as if they were aligned"),
        Gate("ENOUGH_MATCHES", enough_matches, 1.0, None,
             "so few sources match that the offset may be that of others (good: 1.5 to 4)"),
    ),
    COMBINE: (
        *_OF_CUBES,
        Gate("TABLES_LEFT_OUT", tables_left_out, None, 0.0,
             "the cube lacks exposures that its header lists: a broken table is passed over"),
    ),
}  # fmt: skip
"""Recipe to its gates."""


def gates_of(recipe: Recipe) -> tuple[Gate, ...]:
    """Return what the products of a recipe must show."""
    return GATES.get(recipe.name, ())
