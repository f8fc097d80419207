"""A file as the checks see it: its headers by HDU, its table by column."""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from attrs import field, frozen

from phoenix.phase3.standard import PROVENANCE

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy.typing as npt

    from phoenix.model.idp import Value
    from phoenix.phase3.fitsfile import FitsFile, Hdu

__all__ = [
    "FORMAT",
    "MODELS",
    "UTYPES",
    "Product",
    "TableColumn",
    "integer_of",
    "main_columns",
    "number_of",
    "tables_of",
    "text_of",
]

FORMAT = re.compile(
    r"(?:(?P<repeat>\d*)(?P<letter>[LXBIJKAEDCM])(?:(?<=A)\d+)?"
    r"|(?P<few>[01]?)(?P<heap>[PQ])[LXBIJKAEDCM](?:\(\d*\))?) *"
)
"""TFORM of a binary table (FITS 4.0, 7.3.1 and 7.3.5)."""
MODELS = {"SPECTRUM V1.0": "Spectrum.", "SPECTRUM V2.0": "spec:"}
"""VOCLASS, and how the UTypes of its main columns begin (UTypes have no case)."""
UTYPES = ("Data.SpectralAxis.Value", "Data.FluxAxis.Value", "Data.FluxAxis.Accuracy.StatError")
"""How the UTypes of spectral axis, flux and error end."""
NUMBERS = {"B": "u1", "I": ">i2", "J": ">i4", "K": ">i8", "E": ">f4", "D": ">f8"}
WIDTHS = {"L": 1, "B": 1, "I": 2, "J": 4, "K": 8, "A": 1, "E": 4, "D": 8, "C": 8, "M": 16}
WIDTHS |= {"P": 8, "Q": 16}


def number_of(header: Mapping[str, Value], keyword: str) -> float | None:
    """Return a number; None where the keyword is missing or no number (said by other rules)."""
    value = header.get(keyword)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return float(value)


def integer_of(header: Mapping[str, Value], keyword: str, default: int = 0) -> int:
    """Return an integer, or the default where the keyword is missing or no integer."""
    value = header.get(keyword)
    return value if isinstance(value, int) and not isinstance(value, bool) else default


def text_of(header: Mapping[str, Value], keyword: str) -> str:
    """Return a string; empty where the keyword is missing or no string."""
    value = header.get(keyword, "")
    return value if isinstance(value, str) else ""


@frozen
class TableColumn:
    """One column of a binary table as its header describes it.

    Attributes
    ----------
    index : int
        From 1.
    name, unit, utype, ucd : str
        TTYPE, TUNIT, TUTYP, TUCD.
    code : str
        Letter of TFORM, empty where it cannot be read.
    repeat : int
        Elements in one row.
    offset : int
        First byte within the row.
    """

    index: int
    name: str
    unit: str
    utype: str
    ucd: str
    code: str
    repeat: int
    offset: int

    @property
    def width(self) -> int:
        """Bytes in one row."""
        return -(-self.repeat // 8) if self.code == "X" else WIDTHS.get(self.code, 0) * self.repeat


@frozen
class Product:
    """A file and the category it claims to be.

    Attributes
    ----------
    file : FitsFile
        At least the primary HDU could be read.
    """

    file: FitsFile = field(repr=False)

    @property
    def name(self) -> str:
        """File name."""
        return self.file.path.name

    @property
    def primary(self) -> Mapping[str, Value]:
        """Header of the primary HDU."""
        return self.file.hdus[0].header

    @cached_property
    def _lists(self) -> Mapping[str, Mapping[str, Value]]:
        lists: dict[str, dict[str, Value]] = {}
        for keyword, stem, number in self.file.hdus[0].numbered:
            if keyword in self.primary:
                lists.setdefault(stem, {})[number] = self.primary[keyword]
        return lists

    def numbered(self, stem: str) -> Mapping[str, Value]:
        """Return the primary values of PROV1, PROV2 ... by what follows the stem."""
        return self._lists.get(stem, {})

    @cached_property
    def category(self) -> str:
        """PRODCATG, for example ``SCIENCE.SPECTRUM``."""
        return text_of(self.primary, "PRODCATG")

    @cached_property
    def column_of_standard(self) -> str:
        """Column of the standard's table: ``SPECTRUM``, ``IMAGE (MEF)``."""
        short = self.category.removeprefix("SCIENCE.")
        empty = integer_of(self.primary, "NAXIS") == 0
        return "IMAGE (MEF)" if short == "IMAGE" and empty else short

    @cached_property
    def extensions(self) -> tuple[Hdu, ...]:
        """Extensions, without the table of precursors."""
        return tuple(hdu for hdu in self.file.hdus[1:] if hdu.name != PROVENANCE)

    @cached_property
    def provenance(self) -> tuple[Hdu, ...]:
        """Tables of precursors."""
        return tuple(hdu for hdu in self.file.hdus[1:] if hdu.name == PROVENANCE)

    @cached_property
    def table(self) -> Hdu | None:
        """The first binary table."""
        tables = (one for one in self.extensions if one.header.get("XTENSION") == "BINTABLE")
        return next(tables, None)

    @property
    def table_index(self) -> int:
        """Number of its HDU."""
        return 1 if self.table is None else self.table.index

    @cached_property
    def columns(self) -> tuple[TableColumn, ...]:
        """Columns of the first binary table."""
        return () if self.table is None else self.tables[self.table.index]

    @cached_property
    def tables(self) -> Mapping[int, tuple[TableColumn, ...]]:
        """Columns of every binary table, by the number of its HDU."""
        return {
            hdu.index: columns_of(hdu)
            for hdu in self.file.hdus[1:]
            if hdu.header.get("XTENSION") == "BINTABLE"
        }

    def column(self, index: int) -> TableColumn | None:
        """Return a column of the first table by its number; None where there is none."""
        return self.columns[index - 1] if 0 < index <= len(self.columns) else None

    @cached_property
    def main(self) -> tuple[TableColumn | None, ...]:
        """Spectral axis, flux and error of a spectrum, see :func:`main_columns`."""
        header = {} if self.table is None else self.table.header
        return tuple(self.column(number) for number in main_columns(header))

    @cached_property
    def vectors(self) -> Mapping[int, npt.NDArray[Any]]:
        """Arrays of the first row of the first table, by number of the column."""
        if self.table is None:
            return {}
        arrays = ((column.index, vector_of(self.table, column)) for column in self.columns)
        return {index: array for index, array in arrays if array is not None}


def main_columns(header: Mapping[str, Value]) -> tuple[int, ...]:
    """Return the numbers of spectral axis, flux and error: by their UTypes, else 1, 2 and 3.

    ESO's own spectra of UVES have the counts in columns 2 and 3 and the calibrated flux, which is
    the main one, in columns 5 and 6.
    """
    begin = MODELS.get(text_of(header, "VOCLASS").upper(), "").lower()
    count = min(integer_of(header, "TFIELDS"), 999)
    utypes = [text_of(header, f"TUTYP{i}").lower() for i in range(1, count + 1)]
    wanted = [begin + ending.lower() for ending in UTYPES]
    return tuple(
        1 + (utypes.index(utype) if utype in utypes else place)
        for place, utype in enumerate(wanted)
    )


def columns_of(hdu: Hdu) -> tuple[TableColumn, ...]:
    """Read the description of all columns."""
    columns = []
    offset = 0
    for i in range(1, min(integer_of(hdu.header, "TFIELDS"), 999) + 1):
        column = _column(hdu.header, i, offset)
        offset += column.width
        columns.append(column)
    return tuple(columns)


def _column(header: Mapping[str, Value], i: int, offset: int) -> TableColumn:
    match = FORMAT.fullmatch(text_of(header, f"TFORM{i}"))
    return TableColumn(
        index=i,
        name=text_of(header, f"TTYPE{i}"),
        unit=text_of(header, f"TUNIT{i}"),
        utype=text_of(header, f"TUTYP{i}"),
        ucd=text_of(header, f"TUCD{i}"),
        code=(match["letter"] or match["heap"]) if match else "",
        repeat=int(match["repeat"] or match["few"] or 1) if match else 0,
        offset=offset,
    )


def vector_of(hdu: Hdu, column: TableColumn) -> npt.NDArray[Any] | None:
    """Return the numbers of the first row, scaled; None where there are none to read."""
    end = column.offset + column.width
    if column.code not in NUMBERS or not column.repeat or end > len(hdu.data):
        return None
    values = np.frombuffer(hdu.data[column.offset : end], dtype=NUMBERS[column.code])
    scale = number_of(hdu.header, f"TSCAL{column.index}")
    zero = number_of(hdu.header, f"TZERO{column.index}")
    if scale is None and zero is None:
        return values
    return values * (1.0 if scale is None else scale) + (zero or 0.0)


def tables_of(product: Product) -> tuple[Hdu, ...]:
    """Return the table of a spectrum, none where there is none."""
    return () if product.table is None else (product.table,)
