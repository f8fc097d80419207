"""From the spectra of one AB to a SCIENCE.SPECTRUM: a single exposure, or the stack of an OB.

**Frame.** WAVE is in air and barycentric: as measured at the telescope times 1 + BARYCORR / c, the
velocity of :mod:`phoenix.toolkit.barycentre` in the middle of each exposure. QC VRAD BARYCOR of
the pipeline takes J2000 coordinates as those of the day, and the begin of the exposure: 0.1 km/s
off in 2012, 0.2 in 2025. Spectra of exposures that do not say when they were taken say TOPOCENT.

**Flux.** Calibrated flux and counts stand side by side; the main columns are the flux, or the
counts where there was no response. Means over the slit (slicer, extended sources) are in counts.

**Stacks.** The single exposures travel with their stack as ancillaries, in the same form.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from attrs import frozen

from phoenix.errors import DataError
from phoenix.model.frames import Product
from phoenix.model.idp import Ancillary, Card, Column, InternalDataProduct, Table
from phoenix.toolkit.exposures import Exposures
from phoenix.toolkit.files import paths_of, raw_paths
from phoenix.toolkit.headers import Header, number, read_header, text
from phoenix.toolkit.idpcards import qc_cards
from phoenix.toolkit.spectra import SPEED_OF_LIGHT, snr
from phoenix.toolkit.spectrumcards import columns_of as columns
from phoenix.toolkit.spectrumcards import reports, title, virtual_observatory
from phoenix_uves.idp_cards import cards_of, position, primary_cards
from phoenix_uves.names import science_root
from phoenix_uves.process import STACK_RECIPE, arm_of, science_categories
from phoenix_uves.setups import central_wavelength, slit_width
from phoenix_uves.spectrum import Spectrum, read_spectrum, read_stack
from phoenix_uves.velocity import barycentric

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import numpy.typing as npt

    from phoenix.model.ab import AssociationBlock
    from phoenix.model.frames import SetOfFrames
    from phoenix.model.idp import Value
    from phoenix.model.qc import Measurement

__all__ = ["CALIBRATED", "UNCALIBRATED", "columns_of", "convert"]

OBJECT_LENGTH = 30
"""What fits into TITLE beside time and setup."""

ANGSTROM_PER_NM = 10.0
_SYSTEMATIC = 0.1 / SPEED_OF_LIGHT / ANGSTROM_PER_NM
"""SPEC_SYE (nm) per Angstrom of wavelength: 0.1 km/s, within which simulated nights of all
settings come out (ours; drifts of a real instrument between arc and science are not in it)."""
_FLUX_UNIT = "erg cm**(-2) s**(-1) angstrom**(-1)"
_ERROR = "stat.error;phot.flux.density;em.wl"

_WAVE = ("WAVE", "angstrom", "spec:Data.SpectralAxis.Value", "em.wl;obs.atmos")
_MAIN, _MAIN_ERROR = "spec:Data.FluxAxis.Value", "spec:Data.FluxAxis.Accuracy.StatError"
_QUALITY = (
    "QUAL",
    "",
    "spec:Data.FluxAxis.Accuracy.QualityStatus",
    "meta.code.qual;meta.main",
)

CALIBRATED = (
    _WAVE,
    ("FLUX", _FLUX_UNIT, _MAIN, "phot.flux.density;em.wl;src.net;meta.main"),
    ("ERR", _FLUX_UNIT, _MAIN_ERROR, f"{_ERROR};meta.main"),
    _QUALITY,
    (
        "FLUX_REDUCED",
        "adu",
        "eso:Data.FluxAxis.Value",
        "phot.flux.density;em.wl;src.net;stat.uncalib",
    ),
    ("ERR_REDUCED", "adu", "eso:Data.FluxAxis.Accuracy.StatError", f"{_ERROR};stat.uncalib"),
)
"""Name, unit, utype and UCD of the columns of a calibrated spectrum."""

UNCALIBRATED = (
    _WAVE,
    ("FLUX_REDUCED", "adu", _MAIN, "phot.flux.density;em.wl;src.net;stat.uncalib;meta.main"),
    ("ERR_REDUCED", "adu", _MAIN_ERROR, f"{_ERROR};stat.uncalib;meta.main"),
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
    product: Product,
    frames: SetOfFrames,
    ancillaries: tuple[Product, ...],
    qc: tuple[Measurement, ...],
    qcflags: Mapping[int, str],
) -> tuple[InternalDataProduct, ...]:
    """Plan the IDP of an AB; there is one, whichever of its science products is asked for first.

    Raises
    ------
    DataError
        If a file is missing or not what it must be.
    """
    products = (product, *ancillaries)
    stacked = ab.recipe == STACK_RECIPE
    if not stacked and product.pro_catg != science_categories(ab.raw_type)[0]:
        return ()
    spectrum = read_stack(product.path) if stacked else read_spectrum(products, ab.raw_type)
    if spectrum is None:
        raise DataError(f"{product.path}: found one chip only; reduce {ab.name} again")
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
                *(_exposures(ab, frames, raws, qc) if stacked else ()),
                *reports(ab, ancillaries),
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
    header, arm = spectrum.header, arm_of(ab.raw_type)
    exposures = Exposures.of(raws or list(spectrum.headers[:1]), str(ab.name))
    code = CODES[spectrum.flux is not None, part_of_stack]
    root = science_root(ab, header, code, arm)
    if part_of_stack:
        root = root.replace(ab.name.timestamp, text(header, "ARCFILE")[5:-5])
    place = position(header)
    limits = _limits(spectrum)
    primary = (
        *cards_of({**place, "SPECSYS": spectrum.frame, **limits, **_quality(spectrum, flag)}),
        *primary_cards(spectrum, arm, exposures, qc),
        *qc_cards(qc).get(0, ()),
    )
    return _Made(
        f"{root}.fits",
        primary,
        cards_of({**place, **_extension(spectrum, arm, exposures, root, str(place["OBJECT"]))}),
        columns_of(spectrum),
    )


def _limits(spectrum: Spectrum) -> dict[str, Value]:
    wave = spectrum.wave / ANGSTROM_PER_NM
    return {
        "WAVELMIN": float(wave[0]),
        "WAVELMAX": float(wave[-1]),
        "SPEC_BIN": round(float(np.median(np.diff(wave))), 9),
    }


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
    spectrum: Spectrum, arm: str, exposures: Exposures, root: str, target: str
) -> dict[str, Value]:
    first, last = (float(wave) / ANGSTROM_PER_NM for wave in spectrum.wave[[0, -1]])
    wavelength = central_wavelength(spectrum.header, arm) or 0.0
    timestamp = root.split("_")[3]
    return {
        **virtual_observatory(),
        "TITLE": title(target[:OBJECT_LENGTH], timestamp, arm, f"{wavelength:.0f}"),
        "APERTURE": round((slit_width(spectrum.header, arm) or 1.0) / 3600.0, 9),
        "TELAPSE": exposures.elapsed,
        "TMID": exposures.middle,
        "SPEC_VAL": 0.5 * (first + last),
        "SPEC_BW": last - first,
    }


def columns_of(spectrum: Spectrum) -> tuple[Column, ...]:
    """Return the columns of a spectrum: calibrated flux beside the counts, or counts alone."""
    counts = (_single(spectrum.counts), _single(spectrum.counts_error))
    if spectrum.flux is None or spectrum.error is None:
        rows: tuple[tuple[str, str, str, str], ...] = UNCALIBRATED
        vectors: tuple[npt.NDArray[Any], ...] = (spectrum.wave, *counts, spectrum.quality)
    else:
        rows = CALIBRATED
        main = (_single(spectrum.flux), _single(spectrum.error))
        vectors = (spectrum.wave, *main, spectrum.quality, *counts)
    return columns(rows, vectors)


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
        products = tuple(_of_exposure(frames, number(raw, "MJD-OBS")))
        spectrum = read_spectrum(products, tag)
        if spectrum is None:
            continue
        made = _made(ab, barycentric(spectrum), [raw], of_calibrations, "", part_of_stack=True)
        yield Ancillary(
            name=made.name,
            category="ANCILLARY.SPECTRUM",
            cards=made.primary,
            hdus=(Table("SPECTRUM", _one_row(made.columns), made.extension),),
        )


_SHARED = frozenset({"SPEC_RES", "LAMRMS", "LAMNLIN", "SPEC_RES_RATIO"})


def _of_exposure(frames: SetOfFrames, begin: float | None) -> Iterator[Product]:
    families = ("RED_", "ERRORBAR_", "FLUXCAL_")
    for tag in dict.fromkeys(tag for _, tag in frames.frames if tag.startswith(families)):
        for path in paths_of(frames, tag):
            if number(read_header(path), "MJD-OBS") == begin:
                yield Product(path, tag)


def _one_row(columns: tuple[Column, ...]) -> tuple[Column, ...]:
    return tuple(
        Column(one.name, one.values[np.newaxis, :], one.unit, one.utype, one.ucd)
        for one in columns
    )
