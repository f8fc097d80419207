"""From the spectra of one AB to a SCIENCE.SPECTRUM: a single exposure, or the stack of an OB.

**Frame.** WAVE is in air and barycentric: as measured at the telescope times 1 + BARYCORR / c, the
velocity of :mod:`phoenix.toolkit.barycentre` in the middle of each exposure. QC VRAD BARYCOR of
the pipeline takes J2000 coordinates as those of the day, and the begin of the exposure: 0.1 km/s
off in 2012, 0.2 in 2025. Spectra of exposures that do not say when they were taken say TOPOCENT.

**Flux.** Calibrated flux and counts stand side by side; the main columns are the flux, or the
counts where there was no response. Means over the slit (slicer, extended sources) are in counts.

**What travels with it.** The orders before they are merged, one file a chip
(:mod:`phoenix_uves.delivery.orders`); with a stack its single exposures, in the same form, with
theirs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from attrs import evolve, frozen

from phoenix.errors import DataError
from phoenix.model.frames import Product
from phoenix.model.idp import Ancillary, Card, Column, InternalDataProduct, Table
from phoenix.toolkit.exposures import Exposures, exposure_name, is_same_exposure
from phoenix.toolkit.files import find, paths_of, raw_paths
from phoenix.toolkit.headers import Header, read_header
from phoenix.toolkit.spectra import SPEED_OF_LIGHT, snr
from phoenix.toolkit.spectrumcards import columns_of as columns
from phoenix.toolkit.spectrumcards import reports, title, virtual_observatory
from phoenix_uves.delivery.cards import cards_of, position, primary_cards
from phoenix_uves.delivery.names import spectrum_root
from phoenix_uves.delivery.orders import orders_of
from phoenix_uves.delivery.steep import steep_pixels
from phoenix_uves.process import STACK_RECIPE, arm_of
from phoenix_uves.setups import central_wavelength, slit_width
from phoenix_uves.spectrum import BAD, GAP, Spectrum, read_spectrum, read_stack
from phoenix_uves.velocity import barycentric

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import numpy.typing as npt

    from phoenix.model.ab import AssociationBlock
    from phoenix.model.frames import SetOfFrames
    from phoenix.model.idp import Value
    from phoenix.model.qc import Measurement

    ColumnRow = tuple[str, str, str, str]

__all__ = ["CALIBRATED", "UNCALIBRATED", "columns_of", "convert"]

OBJECT_LENGTH = 30
"""What fits into TITLE beside time and setup."""

ANGSTROM_PER_NM = 10.0
_SYSTEMATIC = 0.1 / SPEED_OF_LIGHT / ANGSTROM_PER_NM
"""SPEC_SYE (nm) per Angstrom of wavelength: 0.1 km/s, within which simulated nights of all
settings come out (ours; drifts of a real instrument between arc and science are not in it)."""
_FLUX_UNIT = "erg cm**(-2) s**(-1) angstrom**(-1)"
_NET = "phot.flux.density;em.wl;src.net"
_MODEL = "Data.FluxAxis"

_WAVE = ("WAVE", "angstrom", "spec:Data.SpectralAxis.Value", "em.wl;obs.atmos")
_SKY = (
    "BGFLUX_REDUCED",
    "adu",
    "eso:Data.BackgroundModel.Value",
    "phot.flux.density;em.wl;stat.uncalib",
)
_QUALITY = ("QUAL", "", f"spec:{_MODEL}.Accuracy.QualityStatus", "meta.code.qual;meta.main")


def _flux(
    names: tuple[str, str], unit: str, model: str, words: str
) -> tuple[ColumnRow, ColumnRow]:
    return (
        (names[0], unit, f"{model}:{_MODEL}.Value", f"{_NET};{words}"),
        (names[1], unit, f"{model}:{_MODEL}.Accuracy.StatError", f"stat.error;{_NET};{words}"),
    )


_COUNTS = ("FLUX_REDUCED", "ERR_REDUCED")
_SIDE = _flux(_COUNTS, "adu", "eso", "stat.uncalib")

CALIBRATED: tuple[ColumnRow, ...] = (
    _WAVE,
    *_SIDE,
    _SKY,
    *_flux(("FLUX", "ERR"), _FLUX_UNIT, "spec", "meta.main"),
    _QUALITY,
)
"""Name, unit, utype and UCD of the columns of a calibrated spectrum, in the order of the archive;
QUAL is ours."""

UNCALIBRATED: tuple[ColumnRow, ...] = (
    _WAVE,
    *_flux(_COUNTS, "adu", "spec", "stat.uncalib;meta.main"),
    _SKY,
    _QUALITY,
)
"""The same of a spectrum in counts."""

CODES = {
    (True, False): "SFLX",
    (False, False): "SRED",
    (True, True): "SFLO",
    (False, True): "SREO",
}
"""Calibrated, and one exposure of a stack (codes of the latter are ours), to the code."""


@frozen
class _Made:
    """A spectrum and what is told of it, as it goes into an IDP or an ancillary."""

    name: str
    primary: tuple[Card, ...]
    extension: tuple[Card, ...]
    columns: tuple[Column, ...]


def convert(
    ab: AssociationBlock,
    products: tuple[Product, ...],
    frames: SetOfFrames,
    qc: tuple[Measurement, ...],
    qcflags: Mapping[int, str],
) -> tuple[InternalDataProduct, ...]:
    """Plan the IDP of an AB, of the stack of an OB or of one exposure with all its chips.

    Raises
    ------
    DataError
        If a file is missing or not what it must be.
    """
    stacked = ab.recipe == STACK_RECIPE
    stack = find(products, ab.raw_type) if stacked else None
    spectrum = read_spectrum(products, ab.raw_type) if stack is None else read_stack(stack)
    if spectrum is None:
        have = ", ".join(product.pro_catg for product in products)
        raise DataError(
            f"{ab.name}: found {have or 'nothing'}, expected a spectrum of every chip; "
            "reduce it again"
        )
    raws = [read_header(path) for path in raw_paths(ab, frames)]
    flag = qcflags.get(0, "")
    made = _made(ab, barycentric(spectrum), raws, qc, flag)
    return (
        InternalDataProduct(
            name=made.name,
            prodcatg="SCIENCE.SPECTRUM",
            primary=made.primary,
            extension=made.extension,
            columns=made.columns,
            ancillaries=(
                *(() if stacked else orders_of(ab, products)),
                *(_exposures(ab, frames, raws, qc) if stacked else ()),
                *reports(ab, products),
            ),
        ),
    )


def _made(
    ab: AssociationBlock,
    spectrum: Spectrum,
    raws: list[Header],
    qc: tuple[Measurement, ...],
    flag: str,
    *,
    part_of_stack: bool = False,
) -> _Made:
    spectrum = evolve(spectrum, quality=spectrum.quality | steep_pixels(spectrum))
    header, arm = spectrum.header, arm_of(ab.raw_type)
    exposures = Exposures.of(raws or list(spectrum.headers[:1]), str(ab.name))
    code = CODES[spectrum.flux is not None, part_of_stack]
    root = spectrum_root(ab, header, code, arm)
    if part_of_stack:
        root = root.replace(ab.name.timestamp, _timestamp(header))
    # A stack bears the time of its first exposure, and a title is one file's alone.
    words = (root.split("_")[3], *(("exposure",) if part_of_stack else ()))
    place = position(header)
    limits = _limits(spectrum)
    primary = (
        *cards_of({**place, "SPECSYS": spectrum.frame, **limits, **_quality(spectrum, flag)}),
        *primary_cards(spectrum, arm, exposures, qc),
    )
    return _Made(
        f"{root}.fits",
        primary,
        cards_of({**place, **_extension(spectrum, arm, exposures, words, str(place["OBJECT"]))}),
        columns_of(spectrum),
    )


def _limits(spectrum: Spectrum) -> dict[str, Value]:
    first, last = _ends(spectrum)
    step = float(np.median(np.diff(spectrum.wave))) / ANGSTROM_PER_NM
    return {"WAVELMIN": first, "WAVELMAX": last, "SPEC_BIN": round(step, 9)}


def _ends(spectrum: Spectrum) -> tuple[float, float]:
    """Return the wavelengths (nm) of the first and the last pixel with a flux, if any has one."""
    calibrated = (spectrum.quality & (GAP | BAD)) == 0
    wave = spectrum.wave[calibrated] if calibrated.any() else spectrum.wave
    return float(wave[0]) / ANGSTROM_PER_NM, float(wave[-1]) / ANGSTROM_PER_NM


def _quality(spectrum: Spectrum, flag: str) -> dict[str, Value]:
    flux, error = (values[spectrum.good] for values in spectrum.main)
    values: dict[str, Value] = {
        "SNR": round(float(np.nan_to_num(snr(flux, error))) if flux.size else 0.0, 3)
    }
    if spectrum.correction is not None:
        values["BARYCORR"] = round(spectrum.correction, 6)
        values["SPEC_SYE"] = round(_SYSTEMATIC * float(np.mean(spectrum.wave[[0, -1]])), 6)
    return {**values, "QCFLAG": flag} if flag else values


def _extension(
    spectrum: Spectrum, arm: str, exposures: Exposures, words: tuple[str, ...], target: str
) -> dict[str, Value]:
    first, last = _ends(spectrum)
    wavelength = central_wavelength(spectrum.header, arm) or 0.0
    return {
        **virtual_observatory(),
        "TITLE": title(target[:OBJECT_LENGTH], *words, arm, f"{wavelength:.0f}"),
        "APERTURE": round((slit_width(spectrum.header, arm) or 1.0) / 3600.0, 9),
        "TELAPSE": exposures.elapsed,
        "TMID": exposures.middle,
        "SPEC_VAL": 0.5 * (first + last),
        "SPEC_BW": last - first,
    }


def columns_of(spectrum: Spectrum) -> tuple[Column, ...]:
    """Return the columns of a spectrum: calibrated flux beside the counts, or counts alone."""
    counts = (_single(spectrum.counts), _single(spectrum.counts_error))
    sky = () if spectrum.sky is None else (_single(spectrum.sky),)
    main = () if spectrum.flux is None or spectrum.error is None else spectrum.main
    rows = CALIBRATED if main else UNCALIBRATED
    vectors: tuple[npt.NDArray[Any], ...]
    vectors = (spectrum.wave, *counts, *sky, *map(_single, main), spectrum.quality)
    return columns(tuple(row for row in rows if sky or row is not _SKY), vectors)


def _single(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float32]:
    return values.astype(np.float32)


# ---- what travels with it ----------------------------------------------------------------------


def _exposures(
    ab: AssociationBlock,
    frames: SetOfFrames,
    raws: list[Header],
    qc: tuple[Measurement, ...],
) -> Iterator[Ancillary]:
    """Yield the single exposures of a stack, which its recipe has read."""
    tag = ab.raw_files[0].tag
    of_calibrations = tuple(row for row in qc if row.parameter in _SHARED)
    for raw in raws:
        products = tuple(_of_exposure(frames, raw))
        spectrum = read_spectrum(products, tag)
        if spectrum is None:
            raise DataError(
                f"{ab.name}: found no spectrum of {exposure_name(raw)} among the inputs of the"
                " stack, expected one of every exposure; reduce it again"
            )
        made = _made(ab, barycentric(spectrum), [raw], of_calibrations, "", part_of_stack=True)
        yield Ancillary(
            name=made.name,
            category="ANCILLARY.SPECTRUM",
            cards=made.primary,
            hdus=(Table("SPECTRUM", _one_row(made.columns), made.extension),),
        )
        yield from orders_of(ab, products, _timestamp(spectrum.header))


def _timestamp(header: Header) -> str:
    """Return the time in the archive name of an exposure: ``2020-01-02T01:12:30.281``."""
    return exposure_name(header).removesuffix(".fits").partition(".")[2]


_SHARED = frozenset({"SPEC_RES", "LAMRMS", "LAMNLIN", "SPEC_RES_RATIO"})


def _of_exposure(frames: SetOfFrames, raw: Header) -> Iterator[Product]:
    families = ("RED_", "ERRORBAR_", "FLUXCAL_", "MERGED_SKY_", "WCALIB_FF_")
    for tag in dict.fromkeys(tag for _, tag in frames.frames if tag.startswith(families)):
        for path in paths_of(frames, tag):
            if is_same_exposure(read_header(path), raw):
                yield Product(path, tag)


def _one_row(columns: tuple[Column, ...]) -> tuple[Column, ...]:
    return tuple(
        Column(one.name, one.values[np.newaxis, :], one.unit, one.utype, one.ucd)
        for one in columns
    )
