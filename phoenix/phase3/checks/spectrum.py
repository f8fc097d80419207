"""Checks of spectra: what the headers say of the table (SDP, section 8)."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING

from phoenix.phase3.checks import spectrumtimes as times
from phoenix.phase3.checks.check import Check
from phoenix.phase3.product import MODELS, UTYPES, integer_of, number_of, tables_of, text_of
from phoenix.phase3.report import Fault, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from phoenix.model.idp import Value
    from phoenix.phase3.product import Product, TableColumn

__all__ = ["CHECKS"]

SPECTRA = ("SCIENCE.SPECTRUM",)
UNSUPERVISED = ("XSHOOTER", "SHOOT", "FORS2", "VIMOS", "ESPRESSO")
"""Instruments whose products need no EXT_OBJ (checks of the Phase 3 server, 2025)."""

SAME = (("OBJECT", 0.0), ("RA", 1e-7), ("DEC", 1e-7))
"""Keywords that stand in both HDUs, and by how much numbers may differ (degrees; ours, for
rounding)."""

SHAPE = (("NAXIS", 2), ("NAXIS2", 1), ("PCOUNT", 0), ("GCOUNT", 1))
"""One row, nothing of variable length."""

LEADING = (
    ("WAVE, FREQ or ENER", re.compile("WAVE|FREQ|ENER")),
    ("a name that begins with FLUX", re.compile("FLUX.*")),
    ("a name that begins with ERR", re.compile("ERR.*")),
)
"""Names of the first three columns."""

WAVELENGTH_UCDS = ("em.wl", "em.wl;obs.atmos")
SPECTRAL_UNITS = {
    "WAVE": ("nm", "angstrom", "Angstrom", "um"),
    "FREQ": ("Hz", "kHz", "MHz", "GHz", "THz"),
    "ENER": ("eV", "keV", "MeV", "J", "erg"),
}
DESCRIPTORS = ("TTYPE", "TFORM", "TUNIT", "TUTYP", "TUCD")


def _one_table(product: Product) -> Iterator[Fault]:
    kinds = [str(hdu.header.get("XTENSION", "")) for hdu in product.extensions]
    if kinds != ["BINTABLE"]:
        yield Fault(None, "XTENSION", ", ".join(kinds) or "nothing", "one BINTABLE")


def _one_row(product: Product) -> Iterator[Fault]:
    for hdu in tables_of(product):
        for keyword, expected in SHAPE:
            found = integer_of(hdu.header, keyword, -1)
            if found != expected:
                yield Fault(hdu.index, keyword, found, expected)


def _fixed_length(product: Product) -> Iterator[Fault]:
    for hdu in tables_of(product):
        for column in product.columns:
            if column.code in {"P", "Q"}:
                found = text_of(hdu.header, f"TFORM{column.index}")
                yield Fault(hdu.index, f"TFORM{column.index}", found, "a vector of fixed length")


def _equal_lengths(product: Product) -> Iterator[Fault]:
    for hdu in tables_of(product):
        length = integer_of(hdu.header, "NELEM")
        for column in product.columns:
            if column.code not in {"P", "Q"} and column.repeat != length:
                expected = f"{length} elements, as NELEM says"
                yield Fault(hdu.index, f"TFORM{column.index}", column.repeat, expected)


def _leading_names(product: Product) -> Iterator[Fault]:
    for column, (expected, pattern) in zip(product.columns, LEADING, strict=False):
        if not pattern.fullmatch(column.name):
            yield Fault(product.table_index, f"TTYPE{column.index}", column.name, expected)
    if product.table is not None and len(product.columns) < len(LEADING):
        yield Fault(product.table_index, "TFIELDS", len(product.columns), "at least three columns")


def _distinct_names(product: Product) -> Iterator[Fault]:
    names = [column.name.upper() for column in product.columns]
    for i, name in enumerate(names, 1):
        if name in names[: i - 1]:
            yield Fault(product.table_index, f"TTYPE{i}", name, "a name for each column")


def _described(product: Product) -> Iterator[Fault]:
    for hdu in tables_of(product):
        for column in product.columns:
            for stem in DESCRIPTORS:
                keyword = f"{stem}{column.index}"
                if keyword not in hdu.header:
                    yield Fault(hdu.index, keyword, "nothing", "a card for each column")


def _model(product: Product) -> tuple[str, str] | None:
    """VOCLASS in capitals, and the beginning of its UTypes."""
    for hdu in tables_of(product):
        voclass = text_of(hdu.header, "VOCLASS").upper()
        if voclass in MODELS:
            return voclass, MODELS[voclass]
    return None


def _main_utypes(product: Product) -> Iterator[Fault]:
    model = _model(product)
    if model is None:
        return
    for place, ending in enumerate(UTYPES):
        utype = model[1] + ending
        named = [one for one in product.columns if one.utype.lower() == utype.lower()]
        if not named:
            expected = f"{utype}, as VOCLASS is {model[0]}"
            for column in product.columns[place : place + 1]:
                yield Fault(product.table_index, f"TUTYP{column.index}", column.utype, expected)
        for column in named[1:]:
            yield Fault(product.table_index, f"TUTYP{column.index}", utype, "one such column")


def _mains(product: Product, *numbers: int) -> Iterator[TableColumn]:
    for number in numbers:
        column = product.main[number]
        if column is not None:
            yield column


def _real(product: Product) -> Iterator[Fault]:
    for column in _mains(product, 0, 1, 2):
        if column.code not in {"E", "D", ""}:
            found = f"{column.repeat}{column.code}"
            yield Fault(product.table_index, f"TFORM{column.index}", found, "real numbers, E or D")


def _dimensions(product: Product) -> Iterator[Fault]:
    for hdu in tables_of(product):
        for column in product.columns:
            found = text_of(hdu.header, f"TDIM{column.index}")
            sizes = {int(size) for size in re.findall(r"\d+", found)} - {1}
            if found and sizes and sizes != {column.repeat}:
                yield Fault(hdu.index, f"TDIM{column.index}", found, f"({column.repeat})")


def _one_main(product: Product) -> Iterator[Fault]:
    mains = [one for one in product.columns if "meta.main" in one.ucd.split(";")]
    for i, column in enumerate(mains):
        first = column.ucd.partition(";")[0]
        if any(first == other.ucd.partition(";")[0] for other in mains[:i]):
            expected = f"one {first} with meta.main"
            yield Fault(product.table_index, f"TUCD{column.index}", column.ucd, expected)


def _several_fluxes(product: Product) -> Iterator[Fault]:
    model = _model(product)
    fluxes = [one for one in product.columns if one.utype.lower().endswith(UTYPES[1].lower())]
    if model is not None and model[0] == "SPECTRUM V1.0" and len(fluxes) > 1:
        found = ", ".join(column.name for column in fluxes)
        yield Fault(product.table_index, "VOCLASS", f"{model[0]} with {found}", "SPECTRUM v2.0")


def _main_marked(product: Product) -> Iterator[Fault]:
    model = _model(product)
    if model is None or model[0] != "SPECTRUM V2.0":
        return
    for column in _mains(product, 1, 2):
        if "meta.main" not in column.ucd.split(";"):
            yield Fault(
                product.table_index, f"TUCD{column.index}", column.ucd, "a UCD with meta.main"
            )


def _wavelength_ucd(product: Product) -> Iterator[Fault]:
    for column in _mains(product, 0):
        if column.name == "WAVE" and column.ucd not in WAVELENGTH_UCDS:
            yield Fault(
                product.table_index,
                f"TUCD{column.index}",
                column.ucd,
                "em.wl (vacuum) or em.wl;obs.atmos (air)",
            )


def _flux_ucd(product: Product) -> Iterator[Fault]:
    for column in _mains(product, 1):
        if not column.ucd.startswith(
            ("phot.flux", "phot.count", "phys.luminosity", "arith.ratio")
        ):
            yield Fault(
                product.table_index,
                f"TUCD{column.index}",
                column.ucd,
                "a UCD of a flux, such as phot.flux.density;em.wl",
            )


def _error_ucd(product: Product) -> Iterator[Fault]:
    for column in _mains(product, 2):
        if not column.ucd.startswith("stat.error;"):
            yield Fault(
                product.table_index,
                f"TUCD{column.index}",
                column.ucd,
                "a UCD that begins with stat.error;",
            )


def _uncalibrated_ucd(product: Product) -> Iterator[Fault]:
    # A spectrum that is normalised says so by arith.ratio instead.
    main = product.main[1]
    if main is None or product.primary.get("CONTNORM") is True:
        return
    uncalibrated = product.primary.get("FLUXCAL") == "UNCALIBRATED"
    if uncalibrated != ("stat.uncalib" in main.ucd.split(";")):
        expected = f"stat.uncalib {'in' if uncalibrated else 'not in'} the UCD"
        yield Fault(product.table_index, f"TUCD{main.index}", main.ucd, expected)


def _spectral_unit(product: Product) -> Iterator[Fault]:
    for column in _mains(product, 0):
        expected = SPECTRAL_UNITS.get(column.name, ())
        if expected and column.unit not in expected:
            yield Fault(
                product.table_index, f"TUNIT{column.index}", column.unit, " or ".join(expected)
            )


def _error_unit(product: Product) -> Iterator[Fault]:
    _, flux, error = product.main
    if flux is not None and error is not None and flux.unit != error.unit:
        expected = f"{flux.unit}, as TUNIT{flux.index}"
        yield Fault(product.table_index, f"TUNIT{error.index}", error.unit, expected)


def _normalised(product: Product) -> Iterator[Fault]:
    main = product.main[1]
    if main is None or product.primary.get("CONTNORM") is not True:
        return
    if main.unit:
        yield Fault(
            product.table_index,
            f"TUNIT{main.index}",
            main.unit,
            "an empty string, as CONTNORM is T",
        )
    if "arith.ratio" not in main.ucd.split(";"):
        yield Fault(
            product.table_index,
            f"TUCD{main.index}",
            main.ucd,
            "a UCD with arith.ratio, as CONTNORM is T",
        )


def _background(product: Product) -> Iterator[Fault]:
    main = product.main[1]
    backgrounds = [column for column in product.columns if column.name == "BGFLUX"]
    if len(backgrounds) > 1:
        yield Fault(
            product.table_index, "BGFLUX", f"{len(backgrounds)} columns", "one column at most"
        )
    if main is None or product.primary.get("CONTNORM") is True:
        return
    for column in backgrounds:
        if (column.unit, _plain(column.ucd)) != (main.unit, _plain(main.ucd)):
            found, expected = f"{column.unit}, {column.ucd}", f"{main.unit}, {main.ucd}"
            yield Fault(product.table_index, f"TTYPE{column.index}", found, expected)


def _plain(ucd: str) -> set[str]:
    """Words of a UCD that say what is measured, not which column is the main one."""
    return set(ucd.split(";")) - {"meta.main", "src.net"}


def _sky_name(product: Product) -> Iterator[Fault]:
    for column in product.columns:
        if column.name == "SKYBACK":
            yield Fault(product.table_index, f"TTYPE{column.index}", column.name, "BGFLUX")


def _exposure_column(product: Product) -> Iterator[Fault]:
    for column in product.columns:
        if column.name == "EXPOSURE":
            yield from _is(product, column, "TUCD", column.ucd, "time.duration;obs.exposure")
            yield from _is(product, column, "TUTYP", column.utype, "")


def _is(
    product: Product, column: TableColumn, stem: str, found: str, expected: str
) -> Iterator[Fault]:
    if found != expected:
        yield Fault(product.table_index, f"{stem}{column.index}", found, repr(expected))


def _flux_error(product: Product) -> Iterator[Fault]:
    header = product.primary
    found = number_of(header, "FLUXERR")
    calibration = header.get("FLUXCAL")
    if found is None:
        return
    if calibration == "UNCALIBRATED" and found != -1:
        yield Fault(0, "FLUXERR", found, "-1, as FLUXCAL is UNCALIBRATED")
    if calibration == "ABSOLUTE" and found != -2 and not 0 <= found <= 100:  # noqa: PLR2004 (FLUXERR: -2 unknown, else per cent)
        yield Fault(0, "FLUXERR", found, "0 to 100, or -2 for unknown")


def _total_flux(product: Product) -> Iterator[Fault]:
    if product.primary.get("TOT_FLUX") is True and product.primary.get("FLUXCAL") != "ABSOLUTE":
        yield Fault(0, "TOT_FLUX", True, "F, as FLUXCAL is not ABSOLUTE")


def _extended(product: Product) -> Iterator[Fault]:
    instrument = text_of(product.primary, "INSTRUME")
    if "EXT_OBJ" not in product.primary and not instrument.startswith(UNSUPERVISED):
        yield Fault(0, "EXT_OBJ", "nothing", "T or F")


def _same_in_both(product: Product) -> Iterator[Fault]:
    for hdu in tables_of(product):
        for keyword, tolerance in SAME:
            first, second = product.primary.get(keyword), hdu.header.get(keyword)
            if first is not None and second is not None and not _close(first, second, tolerance):
                yield Fault(hdu.index, keyword, second, f"{first}, as in the primary HDU")


def _close(first: Value, second: Value, tolerance: float) -> bool:
    if isinstance(first, str) or isinstance(second, str):
        return first == second
    return abs(first - second) <= tolerance


_row = partial(Check, categories=SPECTRA)
_warning = partial(_row, severity=Severity.WARNING)

CHECKS = (
    _row("one-table", "8.2", "there is one extension, a binary table", _one_table),
    _row("one-row", "8.2", "the table has one row and no heap", _one_row),
    _row("fixed-length", "8.2", "no vector has a variable length", _fixed_length),
    _row("equal-lengths", "8.2 Req-1", "all vectors have NELEM elements", _equal_lengths),
    _row("leading-columns", "8.2", "WAVE, FLUX, ERR come first, in this order", _leading_names),
    _row("column-names", "8.2", "column names are distinct", _distinct_names),
    _row("column-described", "8.2", "every column is described", _described),
    _row("utype", "8.2", "UTypes of the main columns fit VOCLASS", _main_utypes),
    _row("several-fluxes", "8.2", "several fluxes need SPECTRUM v2.0", _several_fluxes),
    _row("main-columns", "8.2", "UCDs of main flux and error hold meta.main", _main_marked),
    _row("one-main", "8.2", "one flux and one error is the main one", _one_main),
    _row("real-columns", "8.2", "spectral axis, flux and error are real numbers", _real),
    _row("dimensions", "8.2", "every vector has one dimension", _dimensions),
    _row("wavelength-ucd", "8.2 Req-8", "TUCD1 tells air from vacuum", _wavelength_ucd),
    _row("flux-ucd", "8.2 Req-4", "TUCD2 is that of a flux", _flux_ucd),
    _row("error-ucd", "8.2", "TUCD3 is that of an error", _error_ucd),
    _row("spectral-unit", "8.1", "TUNIT1 fits the spectral coordinate", _spectral_unit),
    _row("error-unit", "8.2", "flux and error have the same unit", _error_unit),
    _row("normalised", "8.2", "a normalised flux is a ratio without unit", _normalised),
    _row("background", "8.2 Req-6, 7", "one BGFLUX at most, described as FLUX", _background),
    _row("sky-name", "8.2", "the sky background is called BGFLUX", _sky_name),
    _row("exposure-column", "8.2 Req-10", "EXPOSURE has its own UCD, no UType", _exposure_column),
    _row("flux-error", "5.6", "FLUXERR fits FLUXCAL", _flux_error),
    _row("total-flux", "5.6", "TOT_FLUX needs FLUXCAL = ABSOLUTE", _total_flux),
    _row("extended-object", "5.6", "EXT_OBJ tells point source from extended one", _extended),
    _row("same-in-both", "8.2", "OBJECT, RA and DEC agree in both HDUs", _same_in_both),
    _row("telapse", "5.6.1", "TELAPSE is MJD-END - MJD-OBS in seconds", times.telapse),
    _row("tmid", "5.6.1", "TMID is the mean of MJD-OBS and MJD-END", times.tmid),
    _row("spec-val", "5.6.1", "SPEC_VAL is the mean of WAVELMIN and WAVELMAX", times.spec_val),
    _row("spec-bw", "5.6.1", "SPEC_BW is WAVELMAX - WAVELMIN", times.spec_bw),
    _row("elapsed", "5.6.1", "TELAPSE is not below TEXPTIME", times.elapsed),
    _warning("title", "5.6.1", "TITLE contains OBJECT", times.title),
    _warning(
        "spectral-error", "5.6", "SPEC_ERR is not below its lower limit", times.spectral_error
    ),
    _warning("uncalibrated-ucd", "16", "stat.uncalib goes with UNCALIBRATED", _uncalibrated_ucd),
)
"""The checks of this module, in the order they are made."""
