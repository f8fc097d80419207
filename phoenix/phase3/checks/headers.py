"""Checks of every header against the FITS standard itself (FITS 4.0; SDP, section 3.1)."""

from __future__ import annotations

import math
import re
from functools import partial
from typing import TYPE_CHECKING

from phoenix.phase3.checks.check import Check
from phoenix.phase3.product import FORMAT, integer_of
from phoenix.phase3.report import Fault

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from phoenix.model.idp import Value
    from phoenix.phase3.fitsfile import Hdu
    from phoenix.phase3.product import Product, TableColumn

__all__ = ["CHECKS"]

IMAGES, BINARY, ASCII = ("", "IMAGE"), ("BINTABLE",), ("TABLE",)
EVERY = (*IMAGES, *BINARY, *ASCII)
"""Values of XTENSION; the primary HDU has none."""

MOST = 999
"""Axes and columns of an HDU."""


def _one_of(*allowed: Value) -> Callable[[Value], bool]:
    return lambda value: any(value == one and type(value) is type(one) for one in allowed)


def _integer(least: int, most: float = math.inf) -> Callable[[Value], bool]:
    return lambda value: type(value) is int and least <= value <= most


def _truth(value: Value) -> bool:
    return isinstance(value, bool)


def _number(value: Value) -> bool:
    return type(value) in {int, float}


PIXELS = (8, 16, 32, 64, -32, -64)
"""BITPIX."""

VALUES = (
    ("SIMPLE", EVERY, _one_of(True), "T"),
    ("XTENSION", EVERY, _one_of("IMAGE", "BINTABLE", "TABLE"), "IMAGE, BINTABLE or TABLE"),
    ("BITPIX", IMAGES, _one_of(*PIXELS), "8, 16, 32, 64, -32 or -64"),
    ("BITPIX", BINARY + ASCII, _one_of(8), "8"),
    ("NAXIS", IMAGES, _integer(0, MOST), f"an integer from 0 to {MOST}"),
    ("NAXIS", BINARY + ASCII, _one_of(2), "2"),
    ("PCOUNT", IMAGES + ASCII, _one_of(0), "0"),
    ("PCOUNT", BINARY, _integer(0), "an integer from 0"),
    ("GCOUNT", EVERY, _one_of(1), "1"),
    ("TFIELDS", BINARY + ASCII, _integer(0, MOST), f"an integer from 0 to {MOST}"),
    ("EXTEND", EVERY, _truth, "T or F"),
    ("INHERIT", EVERY, _truth, "T or F"),
    ("BSCALE", EVERY, lambda value: _number(value) and value != 0, "a number, not 0"),
    ("BZERO", EVERY, _number, "a number"),
)
"""Keyword, kinds of HDU, what its value may be, and the same in words (FITS 4.0, 4.4 and 7)."""

COLUMN = frozenset(
    [
        "TTYPE",
        "TFORM",
        "TUNIT",
        "TDISP",
        "TNULL",
        "TSCAL",
        "TZERO",
        "TDIM",
        "TUTYP",
        "TUCD",
        "TBCOL",
    ]
)
"""What tells of one column, its number behind it."""
DIMENSIONS = re.compile(r"\( *\d+ *(?:, *\d+ *)*\)")
INTEGERS, UNSCALED = "BIJK", "AXL"
"""Letters of TFORM that may have TNULL, and that have no TSCAL and TZERO (FITS 4.0, 7.3.2)."""


def _kind(hdu: Hdu) -> str:
    return str(hdu.header.get("XTENSION", "IMAGE")) if hdu.index else ""


def _values(product: Product) -> Iterator[Fault]:
    for hdu in product.file.hdus:
        kind = _kind(hdu)
        for keyword, kinds, fits, expected in VALUES:
            value = hdu.header.get(keyword)
            if value is not None and (kind in kinds or kinds == EVERY) and not fits(value):
                yield Fault(hdu.index, keyword, value, expected)


def _axes(product: Product) -> Iterator[Fault]:
    for hdu in product.file.hdus:
        for keyword, stem, number in hdu.numbered:
            if stem != "NAXIS":
                continue
            value = hdu.header.get(keyword)
            if type(value) is not int or value < 0:
                found = "no value" if value is None else value
                yield Fault(hdu.index, keyword, found, "an integer from 0")
            if not _is_place(number, integer_of(hdu.header, "NAXIS")):
                axes = hdu.header.get("NAXIS", "nothing")
                yield Fault(hdu.index, keyword, keyword, f"no such axis, as NAXIS is {axes}")


def _columns(product: Product) -> Iterator[Fault]:
    for hdu in product.file.hdus:
        for keyword, stem, number in hdu.numbered:
            if stem in COLUMN and not _is_place(number, integer_of(hdu.header, "TFIELDS")):
                fields = hdu.header.get("TFIELDS", "nothing")
                yield Fault(hdu.index, keyword, keyword, f"no such column, as TFIELDS is {fields}")


def _is_place(number: str, last: int) -> bool:
    return not number.startswith("0") and int(number) <= last


def _formats(product: Product) -> Iterator[Fault]:
    for index, columns in product.tables.items():
        for column in columns:
            yield from _format(product.file.hdus[index], column)


def _format(hdu: Hdu, column: TableColumn) -> Iterator[Fault]:
    i, header = column.index, hdu.header
    form = header.get(f"TFORM{i}", "nothing")
    if not FORMAT.fullmatch(str(form)):
        yield Fault(hdu.index, f"TFORM{i}", form, "the format of a binary column, such as 1000E")
        return
    if f"TDIM{i}" in header and not _fits(str(header[f"TDIM{i}"]), column):
        expected = f"dimensions such as ({column.repeat}), as TFORM{i} is {form}"
        yield Fault(hdu.index, f"TDIM{i}", header[f"TDIM{i}"], expected)
    null = header.get(f"TNULL{i}")
    if null is not None and not (column.code in INTEGERS and type(null) is int):
        expected = f"an integer in a column of integers; TFORM{i} is {form}"
        yield Fault(hdu.index, f"TNULL{i}", null, expected)
    for keyword in (f"TSCAL{i}", f"TZERO{i}"):
        value = header.get(keyword)
        if value is not None and not _scales(keyword, value, column):
            expected = f"a number that scales, in a column of numbers; TFORM{i} is {form}"
            yield Fault(hdu.index, keyword, value, expected)


def _scales(keyword: str, value: Value, column: TableColumn) -> bool:
    usable = _number(value) and (value != 0 or keyword.startswith("TZERO"))
    return usable and column.code not in UNSCALED


def _fits(dimensions: str, column: TableColumn) -> bool:
    if not DIMENSIONS.fullmatch(dimensions.strip()):
        return False
    product = math.prod(int(one) for one in re.findall(r"\d+", dimensions))
    return column.code in "PQ" or product <= column.repeat


_row = partial(Check, categories=("SCIENCE.", "ANCILLARY."))

CHECKS = (
    _row("fits-values", "3.1", "structural keywords have values that FITS allows", _values),
    _row("fits-axes", "3.1", "there is a size for each axis, and for no other", _axes),
    _row("fits-columns", "3.1", "numbered keywords speak of columns that are there", _columns),
    _row("column-format", "3.1", "TFORM, TDIM, TNULL, TSCAL and TZERO fit each other", _formats),
)
"""The checks of this module, in the order they are made."""
