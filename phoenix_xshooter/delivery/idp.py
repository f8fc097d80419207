"""From the merged spectrum of one arm to a SCIENCE.SPECTRUM.

**Frame.** WAVE is in air and barycentric: as measured at the telescope times 1 + BARYCORR / c, the
velocity of :mod:`phoenix.toolkit.barycentre` in the middle of each exposure of the target.

**Exposures.** Frames of the sky beside the target are in neither EXPTIME, NCOMBINE nor PROV (SDP
standard, 2.2). In the near infrared an exposure is DIT times NDIT. The recipes take the header of
the first frame, also if that is one of the sky: where and when is said by the first of the target.

**Flux.** Calibrated flux and counts stand side by side; the main columns are the flux, or the
counts where there was no response. TOT_FLUX is true behind the slit of 5 arcsec.

**What travels with it.** The 2-D spectrum, flux, errors and quality, the QC report and the
recipe's log.
"""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING, Any

import numpy as np
from attrs import evolve

from phoenix.errors import DataError
from phoenix.model.idp import Ancillary, Card, Image, InternalDataProduct
from phoenix.toolkit.exposures import Exposures
from phoenix.toolkit.files import find
from phoenix.toolkit.fits import read_image
from phoenix.toolkit.headers import (
    Header,
    number,
    read_header,
    required_number,
    required_text,
    text,
)
from phoenix.toolkit.idpcards import COMMENTS as SHARED
from phoenix.toolkit.idpcards import (
    commented,
    copied_cards,
    group_cards,
    provenance_cards,
    qc_cards,
)
from phoenix.toolkit.spectra import SPEED_OF_LIGHT, snr
from phoenix.toolkit.spectrumcards import (
    UNCALIBRATED as COUNTS_ONLY,
)
from phoenix.toolkit.spectrumcards import (
    columns_of,
    logs,
    origin,
    reduction,
    reports,
    resolution,
    title,
    virtual_observatory,
)
from phoenix_xshooter.delivery.names import science_root
from phoenix_xshooter.process import arm_of
from phoenix_xshooter.quality.science import target_headers
from phoenix_xshooter.setups import WIDE, exposure_time, nominal_resolution, slit_width
from phoenix_xshooter.spectrum import Spectrum, barycentric, read_spectrum

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import numpy.typing as npt

    from phoenix.model.ab import AssociationBlock
    from phoenix.model.frames import Product, SetOfFrames
    from phoenix.model.idp import Column, Value
    from phoenix.model.qc import Measurement

    ColumnRow = tuple[str, str, str, str]

__all__ = ["CALIBRATED", "UNCALIBRATED", "convert"]

COMMENTS: Mapping[str, str] = {
    **SHARED,
    "FLUXERR": "[%] Uncertainty in flux scale (-2: unknown)",
    "SPEC_BIN": "[nm] Wavelength bin size",
    "DISPELEM": "Arm of the spectrograph",
    "DETRON": "[e-] Read-out noise per output",
    "M_EPOCH": "T if exposures of several nights were combined",
    "PRODLVL": "Product level: 1 raw, 2 science grade, 3 advanced",
    "APERTURE": "[deg] Slit width",
}
"""Keyword to its comment, in the words of the standard."""

GROUPS = ("ESO OBS ", "ESO OCS ", "ESO INS ", "ESO DET ", "ESO PRO REC1 ")
"""Beginnings of keywords that are taken over from the product as they are."""

EXPOSURE_GROUPS = ("ESO TPL ", "ESO TEL ", "ESO ADA ", "ESO SEQ ")
"""Those that are taken over from the first exposure of the target."""

COPIED = ("PI-COI", "OBSERVER", "PIPEFILE")
EXPOSURE_COPIED = ("UTC", "LST")
"""Keywords taken over likewise."""

DAY = 86400.0
"""Seconds."""

SAME_BEGIN = 0.5
"""Seconds within which the begins of one exposure lie (ours)."""

FLUX: Mapping[str, Value] = {"FLUXCAL": "ABSOLUTE", "FLUXERR": -2.0}
"""What a calibrated spectrum says of its flux: how photometric the night was is unknown."""

OBJECT_LENGTH = 30
"""What fits into TITLE beside arm, slit and time."""

_SYSTEMATIC = 2.0 / SPEED_OF_LIGHT
"""SPEC_SYE over wavelength: 2 km/s, a tenth of a pixel, within which simulated nights come out
(ours; flexure between the arc and the target is not in it)."""

_FLUX_UNIT = "erg cm**(-2) s**(-1) angstrom**(-1)"
_NET = "phot.flux.density;em.wl;src.net"
_MODEL = "Data.FluxAxis"
_WAVE = ("WAVE", "nm", "spec:Data.SpectralAxis.Value", "em.wl;obs.atmos")
_QUALITY = ("QUAL", "", f"spec:{_MODEL}.Accuracy.QualityStatus", "meta.code.qual;meta.main")
_RATIO = ("SNR", "", f"eso:{_MODEL}.Accuracy.SNR", "stat.snr;meta.main")


def _flux(
    names: tuple[str, str], unit: str, model: str, words: str
) -> tuple[ColumnRow, ColumnRow]:
    return (
        (names[0], unit, f"{model}:{_MODEL}.Value", f"{_NET};{words}"),
        (names[1], unit, f"{model}:{_MODEL}.Accuracy.StatError", f"stat.error;{_NET};{words}"),
    )


CALIBRATED: tuple[ColumnRow, ...] = (
    _WAVE,
    *_flux(("FLUX", "ERR"), _FLUX_UNIT, "spec", "meta.main"),
    _QUALITY,
    _RATIO,
    *_flux(("FLUX_REDUCED", "ERR_REDUCED"), "adu", "eso", "stat.uncalib"),
)
"""Name, unit, utype and UCD of the columns of a calibrated spectrum, as the recipes order them."""

UNCALIBRATED: tuple[ColumnRow, ...] = (
    _WAVE,
    *_flux(("FLUX", "ERR"), "adu", "spec", "stat.uncalib;meta.main"),
    _QUALITY,
    _RATIO,
)
"""The same of a spectrum in counts."""


def convert(
    ab: AssociationBlock,
    products: tuple[Product, ...],
    frames: SetOfFrames,
    qc: tuple[Measurement, ...],
    qcflags: Mapping[int, str],
) -> tuple[InternalDataProduct, ...]:
    """Plan the IDP of an AB.

    Raises
    ------
    DataError
        If a file is missing or not what it must be.
    """
    arm = arm_of(ab.raw_type)
    raws = target_headers(ab, frames)
    spectrum = read_spectrum(products, arm)
    if spectrum is None:
        have = ", ".join(product.pro_catg for product in products)
        raise DataError(
            f"{ab.name}: found {have or 'nothing'}, expected a merged spectrum; reduce it again"
        )
    spectrum = barycentric(spectrum, raws)
    header = spectrum.header
    first = _first_of_target(header, raws)
    exposures = _exposures(raws or [header], str(ab.name), arm)
    place = _position(first)
    code = "SRED" if spectrum.flux is None else "SFLX"
    return (
        InternalDataProduct(
            name=f"{science_root(ab, header, code, arm)}.fits",
            prodcatg="SCIENCE.SPECTRUM",
            primary=(
                *commented({**place, **_summary(spectrum, qcflags.get(0, ""))}, COMMENTS),
                *_primary(spectrum, first, exposures, qc),
            ),
            extension=commented({**place, **_extension(spectrum, exposures, place)}, COMMENTS),
            columns=_columns(spectrum),
            ancillaries=(
                *_two_dimensional(ab, products, arm, raws),
                *reports(ab, products),
                *logs(ab, products),
            ),
        ),
    )


def _first_of_target(header: Header, raws: Sequence[Header]) -> Header:
    """Return the header of the first exposure of the target: that of the product, as a rule."""
    first = min(raws, key=_begun, default=header)
    return header if abs(_begun(first) - _begun(header)) * DAY < SAME_BEGIN else first


def _begun(header: Header) -> float:
    return number(header, "MJD-OBS") or inf


def _exposures(headers: Sequence[Header], name: str, arm: str) -> Exposures:
    """Take times and names from raw headers; in NIR an exposure is DIT times NDIT."""
    exposures = Exposures.of(headers, name)
    times = [exposure_time(header, arm) for header in headers]
    if any(time is None for time in times):
        return exposures
    seconds = [float(time or 0.0) for time in times]
    ends = (
        required_number(header, "MJD-OBS") + time / DAY
        for header, time in zip(headers, seconds, strict=True)
    )
    return evolve(exposures, exptime=sum(seconds), end=max(exposures.end, *ends))


def _summary(spectrum: Spectrum, flag: str) -> dict[str, Value]:
    """Say what the table is about: limits, quality, frame."""
    flux, error = (values[spectrum.good] for values in spectrum.main)
    wave = spectrum.wave
    values: dict[str, Value] = {
        "SPECSYS": spectrum.frame,
        "WAVELMIN": float(wave[0]),
        "WAVELMAX": float(wave[-1]),
        "SPEC_BIN": round(float(np.median(np.diff(wave))), 9),
        "SNR": round(float(np.nan_to_num(snr(flux, error))) if flux.size else 0.0, 3),
    }
    if spectrum.correction is not None:
        values["BARYCORR"] = round(spectrum.correction, 6)
        values["SPEC_SYE"] = round(_SYSTEMATIC * float(np.mean(wave[[0, -1]])), 6)
    return {**values, "QCFLAG": flag} if flag else values


def _primary(
    spectrum: Spectrum, first: Header, exposures: Exposures, qc: tuple[Measurement, ...]
) -> tuple[Card, ...]:
    header, arm = spectrum.header, spectrum.arm
    calibrated = spectrum.flux is not None
    noise = number(header, "ESO DET OUT1 RON")
    wide = (slit_width(header, arm) or 0.0) >= WIDE
    said = reduction(header, "ECHELLE", FLUX if calibrated else COUNTS_ONLY)
    begin = required_text(first, "DATE-OBS")
    whose = {**origin(header, exposures), "INSTRUME": "XSHOOTER", "DATE-OBS": begin}
    return (
        *commented(whose, COMMENTS),
        *provenance_cards(exposures),
        *commented({**said, "TOT_FLUX": calibrated and wide}, COMMENTS),
        *commented(resolution(qc, nominal_resolution(header, arm), decimals=9), COMMENTS),
        *commented(
            {
                "DISPELEM": arm,
                **({} if noise is None else {"DETRON": noise}),
                "M_EPOCH": len(exposures.names) > 1 and exposures.elapsed > DAY,
                "PRODLVL": 2,
            },
            COMMENTS,
        ),
        *copied_cards(header, COPIED),
        *copied_cards(first, EXPOSURE_COPIED),
        *group_cards(header, GROUPS),
        *group_cards(first, EXPOSURE_GROUPS),
        *qc_cards(qc).get(0, ()),
    )


def _position(header: Header) -> dict[str, Value]:
    """Return what stands in both HDUs; OBJECT is the target, not the category of the product."""
    target = text(header, "ESO OBS TARG NAME") or required_text(header, "OBJECT")
    return {
        "OBJECT": target,
        "RA": required_number(header, "RA") % 360.0,
        "DEC": required_number(header, "DEC"),
    }


def _extension(
    spectrum: Spectrum, exposures: Exposures, place: Mapping[str, Value]
) -> dict[str, Value]:
    first, last = float(spectrum.wave[0]), float(spectrum.wave[-1])
    width = slit_width(spectrum.header, spectrum.arm)
    begin = exposures.names[0].partition(".")[2].removesuffix(".fits")
    return {
        **virtual_observatory(),
        "TITLE": title(str(place["OBJECT"])[:OBJECT_LENGTH], spectrum.arm, begin),
        "APERTURE": round((width or 1.0) / 3600.0, 9),
        "TELAPSE": exposures.elapsed,
        "TMID": exposures.middle,
        "SPEC_VAL": 0.5 * (first + last),
        "SPEC_BW": last - first,
    }


def _columns(spectrum: Spectrum) -> tuple[Column, ...]:
    flux, error = spectrum.main
    ratio = np.divide(flux, error, out=np.zeros_like(flux), where=error > 0)
    vectors: tuple[npt.NDArray[Any], ...]
    vectors = (spectrum.wave, _single(flux), _single(error), spectrum.quality, _single(ratio))
    if spectrum.flux is None:
        return columns_of(UNCALIBRATED, vectors)
    counts = (_single(spectrum.counts), _single(spectrum.counts_error))
    return columns_of(CALIBRATED, (*vectors, *counts))


def _single(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float32]:
    return values.astype(np.float32)


# ---- what travels with it ----------------------------------------------------------------------

_ANCILLARY_COPIED = (
    "ORIGIN", "TELESCOP", "INSTRUME", "OBJECT", "EXPTIME",
)  # fmt: skip
_ANCILLARY_PLACE = ("RA", "DEC", "MJD-OBS", "DATE-OBS")
_AXES = (
    "CTYPE1", "CUNIT1", "CRPIX1", "CRVAL1", "CDELT1", "CTYPE2", "CUNIT2", "CRPIX2", "CRVAL2",
    "CDELT2", "BUNIT",
)  # fmt: skip


def _two_dimensional(
    ab: AssociationBlock, products: Sequence[Product], arm: str, raws: Sequence[Header]
) -> Iterator[Ancillary]:
    """Yield the rectified 2-D spectrum: wavelength (nm, as the telescope sees it) by slit."""
    for family, code in (("SCI_SLIT_FLUX_MERGE2D", "SF2D"), ("SCI_SLIT_MERGE2D", "SR2D")):
        path = find(products, f"{family}_{arm}")
        if path is None:
            continue
        header = read_header(path)
        first = _first_of_target(header, raws)
        yield Ancillary(
            name=f"{science_root(ab, header, code, arm)}.fits",
            category="ANCILLARY.2DSPECTRUM",
            cards=(
                *copied_cards(header, _ANCILLARY_COPIED),
                *copied_cards(first, _ANCILLARY_PLACE),
                Card("SPECSYS", "TOPOCENT", "Not corrected"),
                *group_cards(header, ("ESO OBS ", "ESO INS ", "ESO PRO REC1 ")),
                *group_cards(first, ("ESO SEQ ",)),
            ),
            hdus=tuple(
                Image(name, np.asarray(read_image(path, hdu)), copied_cards(header, _AXES))
                for hdu, name in enumerate(("SCI", "ERR", "QUAL"))
            ),
        )
        return
