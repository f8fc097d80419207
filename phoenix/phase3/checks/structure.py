"""Checks of every file, science or ancillary: name, FITS structure, units (SDP, sections 3-5)."""

from __future__ import annotations

import re
from collections import Counter
from functools import partial
from typing import TYPE_CHECKING

from phoenix.phase3.categories import ANCILLARY_FITS, SCIENCE
from phoenix.phase3.checks.check import Check
from phoenix.phase3.checks.units import is_unit
from phoenix.phase3.product import integer_of
from phoenix.phase3.report import Fault, Severity
from phoenix.phase3.standard import PATTERNS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from phoenix.phase3.fitsfile import Hdu
    from phoenix.phase3.product import Product

__all__ = ["CHECKS", "FITS_NAME"]

FITS_NAME = re.compile(r".+\.fits(\.fz)?")
PLAIN_NAME = re.compile(PATTERNS["<file name>"])
LONGEST_NAME = 68
SECOND_WCS = re.compile(r"(CRVAL|CRPIX|CTYPE|CUNIT|CDELT)\d[A-Z]|(CD|PC)\d_\d[A-Z]")
UNIT_KEYWORD = re.compile(r"BUNIT|[TC]UNIT\d+")
NO_PRIMARY = tuple(
    f"SCIENCE.{name}" for name in ("SPECTRUM", "CUBE", "MEFIMAGE", "SRCTBL", "CATALOG", "MCATALOG")
)
"""Categories whose primary HDU is empty (sections 6.2.2, 8.2, 9.2, 10.2 and 12.2)."""


def _file_name(product: Product) -> Iterator[Fault]:
    name = product.name
    if not FITS_NAME.fullmatch(name):
        yield Fault(None, "file name", name, "a name that ends in .fits or .fits.fz")
    if not PLAIN_NAME.fullmatch(name):
        expected = "letters, digits and _ - . : + = @ % , ~, and no two dots together"
        yield Fault(None, "file name", ascii(name)[1:-1], expected)
    if len(name) > LONGEST_NAME:
        found, expected = f"{len(name)} characters", f"at most {LONGEST_NAME}"
        yield Fault(None, "file name", found, expected)


def _known_category(product: Product) -> Iterator[Fault]:
    if product.category not in SCIENCE | ANCILLARY_FITS:
        yield Fault(0, "PRODCATG", product.category, "a category of the standard")


def _structure(product: Product) -> Iterator[Fault]:
    for hdu in product.file.hdus:
        expected = _leading(hdu)
        found = hdu.keywords[: len(expected)]
        if found != expected:
            yield Fault(hdu.index, expected[0], " ".join(found), " ".join(expected))


def _leading(hdu: Hdu) -> tuple[str, ...]:
    axes = min(integer_of(hdu.header, "NAXIS"), 999)
    start = ("XTENSION" if hdu.index else "SIMPLE", "BITPIX", "NAXIS")
    end = ("PCOUNT", "GCOUNT") if hdu.index else ()
    last = ("TFIELDS",) if hdu.header.get("XTENSION") == "BINTABLE" else ()
    return (*start, *(f"NAXIS{i}" for i in range(1, axes + 1)), *end, *last)


def _table_width(product: Product) -> Iterator[Fault]:
    for index, columns in product.tables.items():
        width = sum(column.width for column in columns)
        found = integer_of(product.file.hdus[index].header, "NAXIS1")
        if found != width:
            yield Fault(index, "NAXIS1", found, width)


def _some_data(product: Product) -> Iterator[Fault]:
    if not any(integer_of(hdu.header, "NAXIS") for hdu in product.file.hdus):
        yield Fault(None, "NAXIS", 0, "data in at least one HDU")


def _empty_primary(product: Product) -> Iterator[Fault]:
    found = integer_of(product.primary, "NAXIS", -1)
    if found != 0:
        yield Fault(0, "NAXIS", found, 0)


def _compression(product: Product) -> Iterator[Fault]:
    compressed = any(hdu.header.get("ZIMAGE") is True for hdu in product.file.hdus)
    if compressed != product.name.endswith(".fz"):
        expected = "a name ending in .fz for compressed images, and only for them"
        yield Fault(None, "file name", product.name, expected)


def _compressed_table(product: Product) -> Iterator[Fault]:
    for hdu in product.file.hdus:
        if "ZTABLE" in hdu.header:
            yield Fault(
                hdu.index, "ZTABLE", hdu.header["ZTABLE"], "a table that is not compressed"
            )


def _extension_names(product: Product) -> Iterator[Fault]:
    counts = Counter(hdu.name for hdu in product.file.hdus[1:] if hdu.name)
    for name, count in counts.items():
        if count > 1:
            yield Fault(None, "EXTNAME", f"{count} x {name}", "a name for each extension")


def _second_wcs(product: Product) -> Iterator[Fault]:
    for hdu in product.file.hdus:
        for keyword in hdu.keywords:
            if keyword[-1:].isalpha() and SECOND_WCS.fullmatch(keyword):
                yield Fault(hdu.index, keyword, "a second WCS", "one WCS per header")


def _units(product: Product) -> Iterator[Fault]:
    for hdu in product.file.hdus:
        for keyword, value in hdu.header.items():
            if "UNIT" in keyword and UNIT_KEYWORD.fullmatch(keyword) and not is_unit(str(value)):
                yield Fault(hdu.index, keyword, value, "a unit such as erg.s**(-1).cm**(-2)")


_row = partial(Check, categories=("SCIENCE.", "ANCILLARY."))

CHECKS = (
    _row(
        "file-name",
        "3.4",
        "names are plain, of at most 68 characters, with a FITS suffix",
        _file_name,
    ),
    _row("category", "4", "PRODCATG is a category of the standard", _known_category),
    _row("fits-structure", "3.1", "mandatory FITS keywords come first, in order", _structure),
    _row("table-width", "3.1", "NAXIS1 is the sum of the column widths", _table_width),
    _row("no-data", "3.1", "at least one HDU holds data", _some_data),
    _row("compression", "3.3", "compressed images are named .fits.fz", _compression),
    _row("compressed-table", "3.2", "compressed tables are not supported", _compressed_table),
    _row("extension-name", "8.2", "EXTNAMEs are distinct", _extension_names),
    _row("second-wcs", "5.4", "a header holds one set of world coordinates", _second_wcs),
    _row("unit", "5.19", "units follow ESO's DICD", _units, severity=Severity.WARNING),
    Check("primary-empty", "8.2", "the primary HDU has no data", _empty_primary, NO_PRIMARY),
)
"""The checks of this module, in the order they are made."""
