"""QC of the ABs that make cubes, of one exposure and of an OB."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from phoenix.model.qc import Measurement
from phoenix.toolkit.conditions import inherited
from phoenix.toolkit.files import find, first_of
from phoenix.toolkit.fits import read_image, read_table
from phoenix.toolkit.headers import number, read_header
from phoenix_muse.quality.field import measure_field
from phoenix_muse.quality.parents import (
    carried,
    exposures_of,
    faults_before,
    measure_times,
    of_alignment,
    sky_resolution_of,
    templates_of,
)
from phoenix_muse.quality.seeing import USUAL
from phoenix_muse.quality.table import COMBINED

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import numpy.typing as npt

    from phoenix.model.ab import AssociationBlock
    from phoenix.model.frames import Product, SetOfFrames
    from phoenix_muse.quality.parents import Parent

    Parents = Mapping[str, tuple[Measurement, ...]]

__all__ = ["LARGEST_OFFSET", "measure_alignment", "measure_cube", "measure_sky_model"]

LARGEST_OFFSET = 6e-5
"""Degrees by which an exposure may lie off and be called aligned (published table of bits)."""

BESIDE = "SKY_CONTINUUM"
"""PRO.CATG of what an exposure takes of the sky beside its field only."""

TO_FIT = ("LSF_PROFILE", "SKY_LINES")
"""PRO.CATGs with which muse_scipost fits the sky of a field."""

WILD = 1000.0
"""Times the median of a continuum beyond which it is no sky (ours)."""

_OI = 5577.3  # Angstrom
_OI_REACH = 1.5  # Angstrom: the motion of the observer is not taken off the sky
_AXES_OF_LSF = 3


def measure_cube(
    ab: AssociationBlock, frames: SetOfFrames, products: tuple[Product, ...], parents_qc: Parents
) -> Iterator[Measurement]:
    """Measure a cube of one exposure or of an OB."""
    exposures = exposures_of(parents_qc)
    resolution = {row.parameter: row.value for row in sky_resolution_of(exposures)}
    sky_res = resolution["SKY_RES"] or USUAL[0]
    path = find(products, "DATACUBE_FINAL")
    field: tuple[Measurement, ...] = ()
    if path is not None:
        field = tuple(measure_field(path, float(sky_res)))
    yield from field
    size = next((row.value for row in field if row.parameter == "FIELD"), 0)
    own = _resolving_power(frames)
    yield from (
        row if row.parameter != "SPEC_RES" or own is None else Measurement("SPEC_RES", own)
        for row in carried(exposures)
    )
    yield from measure_times(exposures, int(size or 0))
    yield from (Measurement(name, value) for name, value in resolution.items())
    yield Measurement("N_COMBINED", len(exposures))
    if ab.raw_type == COMBINED:
        yield from _measure_combination(exposures, parents_qc)
    else:
        yield from _measure_single(ab, frames, products, parents_qc, exposures)


def _measure_combination(
    exposures: tuple[Parent, ...], parents_qc: Parents
) -> Iterator[Measurement]:
    seconds = [value for one in exposures if (value := one.number("EXPTIME")) is not None]
    yield Measurement("EXP_EVENNESS", min(seconds) / max(seconds) if any(seconds) else None)
    yield Measurement("MODIFIED", int(templates_of(exposures) > 1))
    for name in ("HAS_SKY", "SKY_FAULTS"):
        of_each = [value for one in exposures if (value := one.number(name)) is not None]
        yield Measurement(name, max(of_each) if of_each else None)
    alignment = of_alignment(parents_qc)
    largest = alignment.number("ALIGN_MAX") if alignment else None
    # Where the alignment came to nothing no exposure has a partner.
    alone = alignment.number("ALIGN_NOMATCH") if alignment else len(exposures)
    aligned = largest is not None and alone == 0 and largest < LARGEST_OFFSET
    yield Measurement("ALIGN_MAX", largest)
    yield Measurement("ALIGN_NOMATCH", alone)
    yield Measurement("ALIGNMENT", int(not aligned))


def _measure_single(
    ab: AssociationBlock,
    frames: SetOfFrames,
    products: tuple[Product, ...],
    parents_qc: Parents,
    exposures: tuple[Parent, ...],
) -> Iterator[Measurement]:
    begins = [value for one in exposures if (value := one.number("TPL_BEGIN")) is not None]
    yield Measurement("TPL_BEGIN", min(begins, default=None))
    wanted = any(one.pro_catg == BESIDE for one in ab.calibrations)
    has_sky = first_of(frames, BESIDE) is not None
    yield Measurement("HAS_SKY", int(not has_sky))
    own = _sky_faults(products, "SCIPOST")
    # The recipe did without the sky beside the field, or without a fit: it could not be fitted.
    lost = int(wanted and not has_sky) + int(not has_sky and _was_not_fitted(frames, products))
    yield Measurement("SKY_FAULTS", own[0] + lost + faults_before(parents_qc))
    line = own[1] if own[1] is not None else inherited(parents_qc, "SKY_OI5577")
    yield Measurement("SKY_OI5577", line)


def _was_not_fitted(frames: SetOfFrames, products: tuple[Product, ...]) -> bool:
    """Tell whether the sky of a field was taken off without lines, though it had been asked for.

    Where there is nothing to fit it with, nothing could fail.
    """
    asked = all(first_of(frames, pro_catg) is not None for pro_catg in TO_FIT)
    return asked and find(products, "SKY_LINES") is None


def measure_sky_model(products: tuple[Product, ...]) -> Iterator[Measurement]:
    """Measure what create_sky made of an exposure of the sky."""
    faults, line = _sky_faults(products, "SKY")
    yield Measurement("SKY_FAULTS", faults)
    yield Measurement("SKY_OI5577", line)


def _sky_faults(products: tuple[Product, ...], word: str) -> tuple[int, float | None]:
    """Count lines and continua that are no positive number; return the flux of [O I] 5577, too."""
    path = find(products, "SKY_LINES")
    header = read_header(path) if path else {}
    fluxes: list[float | None] = []
    strongest = None
    for key in header:
        if not (key.startswith(f"ESO QC {word} LINE") and key.endswith(" AWAV")):
            continue
        flux = number(header, key.replace(" AWAV", " FLUX"))
        fluxes.append(flux)
        if abs((number(header, key) or 0.0) - _OI) < _OI_REACH and flux is not None:
            strongest = max(flux, strongest or 0.0)
    faults = sum(1 for flux in fluxes if flux is None or flux < 0)
    continuum = find(products, "SKY_CONTINUUM")
    if continuum is not None:
        faults += int(not _is_smooth(read_table(continuum, "CONTINUUM").get("flux")))
    if path is None and continuum is None:
        return 0, None
    return faults, strongest


def _is_smooth(continuum: npt.NDArray[np.generic] | None) -> bool:
    """Tell whether a continuum is made of numbers that are alike.

    Where few pixels reach its ends the fit runs away there by many decades.
    """
    if continuum is None or not continuum.size:
        return False
    flux = np.abs(np.asarray(continuum, dtype=float))
    return bool(np.isfinite(flux).all() and flux.max() <= WILD * np.median(flux))


def measure_alignment(products: tuple[Product, ...]) -> Iterator[Measurement]:
    """Measure how far exposures lie from where they should: on the sky, in degrees."""
    path = find(products, "OFFSET_LIST")
    if path is None:
        yield Measurement("ALIGN_MAX", None)
        return
    table = read_table(path)
    declination = number(read_header(path), "DEC") or 0.0
    along = np.abs(np.asarray(table["RA_OFFSET"], float)) * np.cos(np.radians(declination))
    across = np.abs(np.asarray(table["DEC_OFFSET"], float))
    offsets = np.concatenate([along, across])
    known = offsets[np.isfinite(offsets)]
    yield Measurement("ALIGN_MAX", float(known.max()) if known.size else None)


def _resolving_power(frames: SetOfFrames) -> float | None:
    """Return the resolving power in the middle of the range by the line-spread functions.

    They stand as slices by wavelength by offset from the line, in Angstrom.
    """
    path = first_of(frames, "LSF_PROFILE")
    if path is None:
        return None
    profiles, header = np.asarray(read_image(path, 1), dtype=float), read_header(path, 1)
    step, first, offset = (number(header, key) for key in ("CD2_2", "CRVAL2", "CD1_1"))
    if profiles.ndim != _AXES_OF_LSF or not step or first is None or not offset:
        return None
    middle = profiles.shape[1] // 2
    width = _width(profiles[:, middle, :].mean(axis=0)) * offset
    return float((first + middle * step) / width) if width > 0 else None


def _width(profile: npt.NDArray[np.float64]) -> float:
    """Return the full width at half maximum of a profile in its steps; 0 where there is none."""
    half = 0.5 * float(profile.max())
    above = np.flatnonzero(profile > half)
    if not above.size:
        return 0.0
    low, high = int(above.min()), int(above.max())
    width = float(high - low)
    for inner, outer in ((low, low - 1), (high, high + 1)):
        if 0 <= outer < profile.size:
            # By a straight line between the last above and the first below.
            width += float((profile[inner] - half) / (profile[inner] - profile[outer]))
    return width
