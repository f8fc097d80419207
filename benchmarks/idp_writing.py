"""CPU time to write and to judge IDPs: own bytes, fitsio and astropy on the same plans.

Fibre spectra of GIRAFFE (130 per exposure, 4000 pixels, 200 cards, most of them shared by the
fibres) and echelle spectra of 3 MB; all with CHECKSUM, DATASUM and md5.

    python benchmarks/idp_writing.py [--n 260] [--seed 1]
"""

from __future__ import annotations

import argparse
import hashlib
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import fitsio
import numpy as np
from astropy.io import fits

from phoenix.formats.idpfile import encode_idp, write_idp
from phoenix.model.idp import Card, Column, InternalDataProduct
from phoenix.phase3.validate import validate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

FIBRES = 130
FLUX_UCD = "phot.flux.density;em.wl;stat.uncalib"


def exposure_cards(number: int) -> list[Card]:
    """Cards that all fibres of an exposure share: 150 of QC, and what was observed."""
    start = 58849.0 + number / 24
    return [
        Card("ORIGIN", "ESO-PARANAL", "European Southern Observatory"),
        Card("TELESCOP", "ESO-VLT-U2", "ESO Telescope Name"),
        Card("INSTRUME", "GIRAFFE", "Instrument used"),
        Card("RADESYS", "ICRS", "Coordinate reference frame"),
        Card("DATE", "2020-01-05T12:00:00", "Date this file was written"),
        Card("MJD-OBS", start, "[d] Start of observations"),
        Card("MJD-END", start + 0.02, "[d] End of observations"),
        Card("EXPTIME", 1500.0, "[s] Total integration time per data element"),
        Card("TEXPTIME", 1500.0, "[s] Total integration time of all exposures"),
        Card("PROG_ID", "0104.D-0001(A)", "ESO programme identification"),
        Card("OBID1", 200123456 + number, "Observation block ID"),
        Card("NCOMBINE", 1, "Number of combined raw science data files"),
        Card("OBSTECH", "MOS", "Technique of observation"),
        Card("PROCSOFT", "giraf/2.16.10", "Data reduction software"),
        Card("REFERENC", "", "Bibliographic reference"),
        Card("PROV1", f"GIRAF.2020-01-01T02:24:00.{number:03}", "Originating raw science file"),
        Card("SPECSYS", "HELIOCEN", "Reference frame for spectral coordinates"),
        Card("FLUXCAL", "UNCALIBRATED", "Certifies the validity of the flux calibration"),
        Card("FLUXERR", -1.0, "Fractional uncertainty of the flux [%]"),
        Card("CONTNORM", False, "TRUE if normalised to the continuum"),
        Card("TOT_FLUX", False, "TRUE if all source flux is captured"),
        Card("EXT_OBJ", False, "TRUE if extended"),
        *(Card(f"ESO QC PAR{i}", i * 1.37 + number, "quality of the frame") for i in range(140)),
    ]


def target_cards(fibre: int) -> list[Card]:
    """Cards of one fibre."""
    return [
        Card("OBJECT", f"Star {fibre:04}", "Target designation"),
        Card("RA", 6.0 + fibre / 997, "[deg] Target position (J2000)"),
        Card("DEC", -72.0 - fibre / 991, "[deg] Target position (J2000)"),
    ]


def quality_cards(fibre: int, low: float, high: float, step: float) -> list[Card]:
    return [
        Card("WAVELMIN", low, "[nm] Minimum wavelength"),
        Card("WAVELMAX", high, "[nm] Maximum wavelength"),
        Card("SPEC_BIN", step, "[nm] Wavelength bin size"),
        Card("SNR", 10 + fibre / 7, "Median signal to noise ratio per pixel"),
        Card("SPEC_RES", 17000.0, "Spectral resolving power"),
        Card("SPEC_ERR", 0.0002, "[nm] Statistical error in spectral coordinate"),
        *(Card(f"ESO QC FIBRE{i}", i + fibre / 13, "quality of the fibre") for i in range(20)),
    ]


def extension_cards(fibre: int, low: float, high: float, start: float) -> tuple[Card, ...]:
    return (
        Card("VOCLASS", "SPECTRUM v1.0", "VO Data Model"),
        Card("VOPUB", "ESO/SAF", "VO Publishing Authority"),
        Card("TITLE", f"Star {fibre:04}", "Dataset title"),
        *target_cards(fibre),
        Card("APERTURE", 1.2 / 3600, "[deg] Aperture diameter"),
        Card("TELAPSE", 1728.0, "[s] Total elapsed time"),
        Card("TMID", start + 0.01, "[d] MJD mid exposure"),
        Card("SPEC_VAL", (low + high) / 2, "[nm] Mean wavelength"),
        Card("SPEC_BW", high - low, "[nm] Bandpass width"),
    )


def plan(number: int, pixels: int, rng: np.random.Generator) -> InternalDataProduct:
    """Plan fibre ``number % 130`` of exposure ``number // 130``."""
    exposure, fibre = divmod(number, FIBRES)
    wave = 515.0 + 20.0 / pixels * np.arange(pixels)
    flux = rng.normal(1000, 30, pixels).astype(np.float32)
    error = np.sqrt(np.abs(flux))
    low, high = float(wave[0]), float(wave[-1])
    utype = "Spectrum.Data.FluxAxis"
    columns = (
        Column("WAVE", wave, "nm", "Spectrum.Data.SpectralAxis.Value", "em.wl;obs.atmos"),
        Column("FLUX", flux, "adu", f"{utype}.Value", FLUX_UCD),
        Column("ERR", error, "adu", f"{utype}.Accuracy.StatError", f"stat.error;{FLUX_UCD}"),
        Column("SNR", flux / error, "", "eso:Data.FluxAxis.Accuracy.SNR", "stat.snr"),
        Column("QUAL", np.zeros(pixels, np.int32), "", "", "meta.code.qual"),
    )
    return InternalDataProduct(
        name=f"GI_SRBS_{200123456 + exposure}_2020-01-01_H525.8B_o8_{fibre:03}.fits",
        prodcatg="SCIENCE.SPECTRUM",
        primary=(
            *exposure_cards(exposure),
            *target_cards(fibre),
            *quality_cards(fibre, low, high, 20.0 / pixels),
        ),
        extension=extension_cards(fibre, low, high, 58849.0 + exposure / 24),
        columns=columns,
    )


def with_phoenix(idp: InternalDataProduct, path: Path) -> None:
    write_idp(idp, path)


def with_plain_bytes(content: bytes, path: Path) -> None:
    path.write_bytes(content)


def with_fitsio(idp: InternalDataProduct, path: Path) -> None:
    kinds = [(column.name, column.values.dtype, column.values.shape) for column in idp.columns]
    table = np.zeros(1, dtype=kinds)
    for column in idp.columns:
        table[column.name][0] = column.values
    with fitsio.FITS(str(path), "rw", clobber=True) as out:
        out.write(None, header=fitsio_cards([Card("PRODCATG", idp.prodcatg), *idp.primary]))
        out.write_table(table, units=[column.unit for column in idp.columns], extname="SPECTRUM",
                        header=fitsio_cards([*idp.extension, *vector_cards(idp)]))  # fmt: skip
        for hdu in out:
            hdu.write_checksum()
    hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()


def fitsio_cards(cards: list[Card]) -> list[dict[str, object]]:
    return [
        {
            "name": f"HIERARCH {card.keyword}" if " " in card.keyword else card.keyword,
            "value": card.value,
            "comment": card.comment,
        }
        for card in cards
    ]


def vector_cards(idp: InternalDataProduct) -> Iterator[Card]:
    """List what our writer adds by itself."""
    wave = idp.columns[0].values
    yield Card("INHERIT", True)
    yield Card("NELEM", wave.size)
    yield Card("TDMIN1", float(wave[0]))
    yield Card("TDMAX1", float(wave[-1]))
    for i, column in enumerate(idp.columns, 1):
        yield Card(f"TUTYP{i}", column.utype)
        yield Card(f"TUCD{i}", column.ucd)


def with_astropy(idp: InternalDataProduct, path: Path) -> None:
    columns = [
        fits.Column(column.name, f"{column.values.size}{code}", column.unit,
                    array=column.values[None, :])
        for column, code in zip(idp.columns, "DEEEJ", strict=True)
    ]  # fmt: skip
    primary = fits.PrimaryHDU(header=astropy_header([Card("PRODCATG", ""), *idp.primary]))
    table = fits.BinTableHDU.from_columns(
        columns,
        header=astropy_header([*idp.extension, *vector_cards(idp)]),
        name="SPECTRUM",
    )
    fits.HDUList([primary, table]).writeto(path, checksum=True, overwrite=True)
    hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()


def astropy_header(cards: list[Card]) -> fits.Header:
    return fits.Header(
        fits.Card(
            f"HIERARCH {card.keyword}" if " " in card.keyword else card.keyword,
            card.value,
            card.comment,
        )
        for card in cards
    )


def cpu_ms(work: Callable[[int], None], count: int) -> float:
    """CPU milliseconds per call."""
    start = time.process_time()
    for i in range(count):
        work(i)
    return (time.process_time() - start) / count * 1e3


def measure(pixels: int, count: int, rng: np.random.Generator, folder: Path) -> dict[str, float]:
    """CPU milliseconds per file, by way of writing."""
    plans = [plan(number, pixels, rng) for number in range(count)]
    contents = [encode_idp(idp) for idp in plans[:10]]
    paths = [folder / idp.name for idp in plans]
    few = min(count, 50)
    rows = {
        "phoenix": cpu_ms(lambda i: with_phoenix(plans[i], paths[i]), count),
        "phoenix validate": cpu_ms(lambda i: print_faults(paths[i]), count),
        "plain bytes": cpu_ms(
            lambda i: with_plain_bytes(contents[i % len(contents)], paths[i]), count
        ),
        "fitsio": cpu_ms(lambda i: with_fitsio(plans[i], paths[i]), few),
        "astropy": cpu_ms(lambda i: with_astropy(plans[i], paths[i]), few),
    }
    for path in paths:
        path.unlink()
    return rows


def print_faults(path: Path) -> None:
    report = validate(path)
    if not report.ok:
        print(report)


def print_rows(title: str, rows: dict[str, float]) -> None:
    print(f"\n{title}")
    print(f"{'way':18}{'CPU ms per file':>16}{'files per CPU-s':>17}{'ratio':>8}")
    for way, ms in rows.items():
        print(f"{way:18}{ms:16.2f}{1e3 / ms:17.0f}{ms / rows['phoenix']:8.1f}")


def main() -> None:
    parser = argparse.ArgumentParser(description="CPU time to write and to judge IDPs.")
    parser.add_argument("--n", type=int, default=2 * FIBRES, help="fibre spectra (default 260)")
    parser.add_argument("--seed", type=int, default=1, help="of the noise")
    options = parser.parse_args()
    rng = np.random.default_rng(options.seed)
    with tempfile.TemporaryDirectory() as name:
        fibres = measure(4000, options.n, rng, Path(name))
        echelle = measure(125_000, max(1, options.n // 10), rng, Path(name))
    print_rows(f"{options.n} fibre spectra of 4000 pixels, 200 cards", fibres)
    print_rows(f"{max(1, options.n // 10)} spectra of 3 MB, 200 cards", echelle)


if __name__ == "__main__":
    main()
