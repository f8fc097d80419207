"""From the rebinned spectra of one AB to one SCIENCE.SPECTRUM for every fibre on a target.

**Frame.** WAVE is in air and barycentric: the grid of giscience, as measured at the telescope,
times 1 + BARYCORR / c, with the velocity of :mod:`phoenix.toolkit.barycentre` for each fibre's
target. BCORR and HCORR of giscience both start from the Earth's centre and leave out its rotation,
up to 0.42 km/s, which stands in GCORR and is applied nowhere. The factor is the same in air and in
vacuum to 1e-9. Spectra of exposures that do not say when they were taken say TOPOCENT.

**Flux.** ADU of one exposure per row of the detector, divided by the normalised flat; neither
fluxed nor corrected for the sky. The sky fibres travel in an ancillary.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from attrs import field, frozen

from phoenix.errors import DataError
from phoenix.model.idp import Card, Column, InternalDataProduct, LeftOut
from phoenix.model.plain import plain_ascii
from phoenix.toolkit.barycentre import velocity_of_exposures
from phoenix.toolkit.exposures import Exposures
from phoenix.toolkit.files import find, paths_of
from phoenix.toolkit.headers import read_header, text
from phoenix.toolkit.idpcards import qc_cards
from phoenix.toolkit.spectra import in_rest_of, snr
from phoenix.toolkit.spectrumcards import columns_of, title, virtual_observatory
from phoenix_giraffe.delivery.ancillaries import ancillaries_of
from phoenix_giraffe.delivery.cards import cards_of, shared_cards
from phoenix_giraffe.delivery.names import science_root
from phoenix_giraffe.fibres import TARGET, FibreSpectra, read_fibre_spectra
from phoenix_giraffe.quality.cosmics import hit_pixels
from phoenix_giraffe.setups import FIBRE_DIAMETER

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import numpy.typing as npt

    from phoenix.model.ab import AssociationBlock
    from phoenix.model.frames import Product, SetOfFrames
    from phoenix.model.idp import Ancillary, Value
    from phoenix.model.qc import Measurement

__all__ = ["convert"]

OBJECT_LENGTH = 24
"""What fits into TITLE beside time, setup and fibre; OBJECT of the OzPoz table has as many."""

COLUMNS = (
    ("WAVE", "nm", "spec:Data.SpectralAxis.Value", "em.wl;obs.atmos"),
    (
        "FLUX_REDUCED",
        "adu",
        "spec:Data.FluxAxis.Value",
        "phot.flux.density;em.wl;stat.uncalib;meta.main",
    ),
    (
        "ERR_REDUCED",
        "adu",
        "spec:Data.FluxAxis.Accuracy.StatError",
        "stat.error;phot.flux.density;em.wl;stat.uncalib;meta.main",
    ),
    ("SNR", "", "eso:Data.FluxAxis.Accuracy.SNR", "stat.snr;meta.main"),
    ("QUAL", "", "spec:Data.FluxAxis.Accuracy.QualityStatus", "meta.code.qual;meta.main"),
)
"""Name, unit, utype and UCD: the columns of giscience --generate-SDP-format, and meta.main,
which the standard wants of the main columns (section 8.2) and giscience does not write; QUAL is
ours."""

NO_ERROR, HIT = 1, 2
"""QUAL: pixels without an error, and pixels that cosmic rays hit."""


@frozen
class _Night:
    """What the fibres of one product share."""

    ab: AssociationBlock
    spectra: FibreSpectra = field(repr=False)
    exposures: Exposures
    primary: tuple[Card, ...] = field(repr=False)
    extension: tuple[Card, ...] = field(repr=False)
    ancillaries: tuple[Ancillary, ...]
    correction: npt.NDArray[np.float64] | None = field(eq=False, repr=False)
    """Barycentric correction in km/s, shape (n_fibre,)."""
    ratio: npt.NDArray[np.float32] = field(eq=False, repr=False)
    """Signal-to-noise ratio of every pixel, shape (n_fibre, n_pixel)."""
    snr: npt.NDArray[np.floating] = field(eq=False, repr=False)
    """Median of it, shape (n_fibre,)."""
    quality: npt.NDArray[np.uint8] = field(eq=False, repr=False)
    """QUAL of every pixel, shape (n_fibre, n_pixel)."""
    qc: Mapping[int, tuple[Card, ...]] = field(eq=False, repr=False)
    qcflags: Mapping[int, str] = field(eq=False, repr=False)


def convert(
    ab: AssociationBlock,
    products: tuple[Product, ...],
    frames: SetOfFrames,
    qc: tuple[Measurement, ...],
    qcflags: Mapping[int, str],
) -> tuple[InternalDataProduct | LeftOut, ...]:
    """Plan the IDPs of one SCIENCE_RBNSPECTRA; the targets of lost fibres are left out.

    Raises
    ------
    DataError
        If the spectra or their errors are missing, or a file is not what it must be.
    """
    rebinned, errors = (find(products, f"SCIENCE_RBN{kind}") for kind in ("SPECTRA", "ERRORS"))
    if rebinned is None or errors is None:
        have = ", ".join(product.pro_catg for product in products)
        raise DataError(
            f"{ab.name}: found {have or 'nothing'}, expected SCIENCE_RBNSPECTRA and "
            "SCIENCE_RBNERRORS; reduce it again"
        )
    spectra = read_fibre_spectra(rebinned, errors)
    night = _prepare(ab, spectra, frames, products, qc, qcflags)
    plans = (_plan(night, row) for row in spectra.rows(TARGET).tolist())
    return (*plans, *_left_out(qc))


def _left_out(qc: tuple[Measurement, ...]) -> Iterator[LeftOut]:
    for row in qc:
        if row.parameter == "LOST_TARGET" and row.element:
            why = f"the flat shows no light from its fibre, FPS {row.element}"
            yield LeftOut(str(row.value), why)


def _prepare(
    ab: AssociationBlock,
    spectra: FibreSpectra,
    frames: SetOfFrames,
    products: tuple[Product, ...],
    qc: tuple[Measurement, ...],
    qcflags: Mapping[int, str],
) -> _Night:
    raws = [read_header(path) for path in paths_of(frames, "SCIENCE")]
    exposures = Exposures.of(raws, str(ab.name))
    correction = velocity_of_exposures(raws, spectra.table["RA"], spectra.table["DEC"])
    frame = "TOPOCENT" if correction is None else "BARYCENT"
    shared = shared_cards(spectra.header, exposures, qc)
    by_fibre = qc_cards(qc)
    return _Night(
        ab=ab,
        spectra=spectra,
        exposures=exposures,
        primary=(*cards_of({"SPECSYS": frame}), *shared, *by_fibre.get(0, ())),
        extension=cards_of(
            {
                **virtual_observatory(),
                "APERTURE": round(FIBRE_DIAMETER, 9),
                "TELAPSE": exposures.elapsed,
                "TMID": exposures.middle,
            }
        ),
        ancillaries=ancillaries_of(ab, spectra, shared, products),
        correction=correction,
        ratio=_ratio(spectra),
        snr=snr(spectra.flux, spectra.error),
        quality=_quality(spectra),
        qc=by_fibre,
        qcflags=qcflags,
    )


def _ratio(spectra: FibreSpectra) -> npt.NDArray[np.float32]:
    known = np.where(spectra.error > 0, spectra.error, np.float32(np.nan))
    return np.asarray(spectra.flux / known)


def _quality(spectra: FibreSpectra) -> npt.NDArray[np.uint8]:
    flags = np.where(spectra.error > 0, 0, NO_ERROR) | np.where(hit_pixels(spectra), HIT, 0)
    return flags.astype(np.uint8)


# ---- one fibre ---------------------------------------------------------------------------------


def _plan(night: _Night, row: int) -> InternalDataProduct:
    spectra, fps = night.spectra, int(night.spectra.table["FPS"][row])
    wave = spectra.wave
    if night.correction is not None:
        wave = in_rest_of(wave, float(night.correction[row]))
    place = _place(night, row)
    limits = _limits(wave)
    return InternalDataProduct(
        name=f"{science_root(night.ab)}_{fps:03d}.fits",
        prodcatg="SCIENCE.SPECTRUM",
        primary=(
            *place,
            *_primary(night, row, fps, limits),
            *night.primary,
            *night.qc.get(fps, ()),
        ),
        extension=(*place, *_extension(night, row, fps, limits), *night.extension),
        columns=_columns(wave, night, row),
        ancillaries=night.ancillaries,
    )


def _place(night: _Night, row: int) -> tuple[Card, ...]:
    """Cards that stand in both HDUs."""
    table = night.spectra.table
    return cards_of(
        {
            "OBJECT": _target(night, row),
            "RA": float(table["RA"][row]) % 360.0,
            "DEC": float(table["DEC"][row]),
        }
    )


def _limits(wave: npt.NDArray[np.float64]) -> tuple[float, float, float]:
    """First and last wavelength and the bin in nm."""
    first, last = float(wave[0]), float(wave[-1])
    return first, last, (last - first) / (wave.size - 1)


def _primary(
    night: _Night, row: int, fps: int, limits: tuple[float, float, float]
) -> tuple[Card, ...]:
    values: dict[str, Value] = {
        "WAVELMIN": limits[0],
        "WAVELMAX": limits[1],
        "SPEC_BIN": limits[2],
        "SNR": round(float(np.nan_to_num(night.snr[row])), 3),
        "FPS": fps,
    }
    for keyword, column in (("GEOCORR", "GCORR"), ("HELICORR", "HCORR")):
        if column in night.spectra.table:
            values[keyword] = round(float(night.spectra.table[column][row]), 6)
    if night.correction is not None:
        values["BARYCORR"] = round(float(night.correction[row]), 6)
    flag = night.qcflags.get(fps, night.qcflags.get(0, ""))
    return cards_of({**values, "QCFLAG": flag} if flag else values)


def _extension(
    night: _Night, row: int, fps: int, limits: tuple[float, float, float]
) -> tuple[Card, ...]:
    first, last, _ = limits
    return cards_of(
        {
            "TITLE": _title(night, row, fps),
            "SPEC_VAL": 0.5 * (first + last),
            "SPEC_BW": last - first,
        }
    )


def _target(night: _Night, row: int) -> str:
    """Return the name of a target as headers can hold it, without one that of its fibre.

    Catalogues have letters beyond ASCII, and blanks in the place of names.
    """
    name = plain_ascii(str(night.spectra.table["OBJECT"][row])).strip()
    return name[:OBJECT_LENGTH] or f"FPS {int(night.spectra.fps[row])}"


def _title(night: _Night, row: int, fps: int) -> str:
    """Name the spectrum: OBJECT, and what makes it the only one in the collection."""
    mode = text(night.spectra.header, "ESO INS EXP MODE")
    return title(_target(night, row), night.ab.name.timestamp, mode, f"fibre {fps:03d}")


def _columns(wave: npt.NDArray[np.float64], night: _Night, row: int) -> tuple[Column, ...]:
    values: tuple[npt.NDArray[Any], ...] = (
        wave,
        night.spectra.flux[row],
        night.spectra.error[row],
        night.ratio[row],
        night.quality[row],
    )
    return columns_of(COLUMNS, values)
