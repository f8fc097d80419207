"""Write Internal Data Products: a one-row table of vectors, or the copy of a cube or an image.

The bytes of a table and of the empty primary HDU in front of it are made here and not by a FITS
library because a GIRAFFE night yields thousands of small files that share most of their cards: a
card is formatted once per run, and file, checksums and digest come out of the same block of memory
(see ``benchmarks/idp_writing.py``). A cube passes in pieces (``benchmarks/idp_copying.py``).
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from typing import TYPE_CHECKING

from attrs import frozen

from phoenix.errors import StandardError
from phoenix.formats.filedigest import file_digest
from phoenix.formats.fits.copying import whole_or_not
from phoenix.formats.fits.hdu import TABLE_CODES, encode_hdu
from phoenix.formats.fits.standard import COMMENTARY
from phoenix.formats.idpcopy import copy_product
from phoenix.model.idp import Card, HduEdit

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from phoenix.formats.fits.copying import Known
    from phoenix.model.idp import Ancillary, Column, InternalDataProduct

__all__ = ["Written", "association_cards", "encode_idp", "write_idp"]

LONGEST = 68
"""Characters of a file name and of a string value (SDP standard, sections 3.4.1 and 3.5)."""

EXTENSION_NAME = "SPECTRUM"

WRITER_OWNS = re.compile(
    r"SIMPLE|XTENSION|BITPIX|NAXIS\d*|EXTEND|PCOUNT|GCOUNT|TFIELDS|EXTNAME|INHERIT|NELEM"
    r"|PRODCATG|ASSO[CNM]\d+|CHECKSUM|DATASUM|END|T(TYPE|FORM|UNIT|UTYP|UCD)\d+|TDM(IN|AX)1"
)
"""Cards that follow from the plan; a plan that holds one itself is refused."""

FILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+:-]*\.fits")
COLUMN_NAME = re.compile(r"[A-Z][A-Z0-9_]*")


@frozen
class Written:
    """An IDP on disk: what ingestion wants to know of it.

    Attributes
    ----------
    name : str
        File name.
    size : int
        Bytes.
    sha256 : str
        Of the whole file, 64 hexadecimal digits. The standard wants an md5 of no FITS file, and
        it takes a processor more than twice as long, which a cube feels.
    """

    name: str
    size: int
    sha256: str


def write_idp(idp: InternalDataProduct, path: Path, known: Known | None = None) -> Written:
    """Write an IDP, whole or not at all.

    Parameters
    ----------
    idp : InternalDataProduct
        The plan; ancillaries that are not FITS must lie on disk already, because ASSOMi is their
        md5. What FITS ancillaries hold is written elsewhere; here they are only named.
    path : Path
        The file to write; its name is that of the plan.
    known : Known or None
        What a file to be copied must be, compared on the way; None where nothing is known of it.

    Returns
    -------
    Written
        Name, size and sha256 of the file.

    Raises
    ------
    StandardError
        The plan breaks the standard; names file, keyword, what was found and what was expected.
    DataError
        The file to be copied is not the one meant, is not whole, or not plain FITS.
    OSError
        The file could not be written; nothing of it is left.
    """
    if path.name != idp.name:
        raise StandardError(f"{path}: found the plan of {idp.name!r}, expected the same name")
    if idp.path is not None:
        return _copy(idp, idp.path, path, known)
    content = encode_idp(idp)
    with whole_or_not(path) as part:
        part.write_bytes(content)
    return Written(path.name, len(content), hashlib.sha256(content).hexdigest())


def _copy(idp: InternalDataProduct, source: Path, path: Path, known: Known | None) -> Written:
    try:
        _check_name(idp.name)
        if idp.columns or idp.extension:
            raise _refusal("TFIELDS", "columns, or cards of their table", "none beside a path")
        label = (*_label(idp), *association_cards(idp.ancillaries))
        edits = (HduEdit(0, idp.primary), *idp.edits)
        copied = copy_product(source, path, label, edits, known)
    except StandardError as error:
        raise StandardError(f"{idp.name}: {error}") from error
    return Written(path.name, copied.size, copied.sha256)


def encode_idp(idp: InternalDataProduct) -> bytes:
    """Make all bytes of a file of columns (a multiple of 2880).

    Raises
    ------
    StandardError
        See :func:`write_idp`.
    """
    try:
        _check_name(idp.name)
        _check_plan(idp.primary)
        _check_plan(idp.extension)
        _check_columns(idp.columns)
        data = _encode_row(idp.columns)
        return encode_hdu(_primary_cards(idp), b"") + encode_hdu(_table_cards(idp), data)
    except StandardError as error:
        raise StandardError(f"{idp.name}: {error}") from error


def association_cards(ancillaries: Iterable[Ancillary]) -> tuple[Card, ...]:
    """List the cards ASSONi, and for what is not FITS also ASSOCi and ASSOMi (section 4.2)."""
    return tuple(card for i, one in enumerate(ancillaries, 1) for card in _association(i, one))


def _association(i: int, ancillary: Ancillary) -> Iterator[Card]:
    if len(ancillary.name) > LONGEST:
        raise _refusal(f"ASSON{i}", ancillary.name, f"at most {LONGEST} characters")
    yield Card(f"ASSON{i}", ancillary.name, "Associated file name")
    if not ancillary.name.endswith((".fits", ".fits.fz")):
        yield Card(f"ASSOC{i}", ancillary.category, "Associated file category")
        yield Card(
            f"ASSOM{i}", _md5_of_file(f"ASSOM{i}", ancillary.path), "Associated file md5sum"
        )


def _md5_of_file(keyword: str, path: Path | None) -> str:
    if path is None:
        raise _refusal(keyword, "no path", "the path of an ancillary file that is not FITS")
    try:
        return file_digest(path, "md5")
    except OSError as error:
        expected = "the ancillary file, written before its IDP"
        raise _refusal(keyword, str(path), expected) from error


def _check_name(name: str) -> None:
    if not FILE_NAME.fullmatch(name) or len(name) > LONGEST:
        raise _refusal("file name", name, f"a plain .fits name of at most {LONGEST} characters")


def _check_plan(cards: tuple[Card, ...]) -> None:
    counts = Counter(card.keyword for card in cards)
    for keyword, count in counts.items():
        if keyword in COMMENTARY:
            continue
        if count > 1:
            raise _refusal(keyword, f"{count} cards", "one card for each keyword")
        if WRITER_OWNS.fullmatch(keyword):
            raise _refusal(keyword, "a card in the plan", "none: it follows from the product")


def _check_columns(columns: tuple[Column, ...]) -> None:
    if not columns:
        raise _refusal("TFIELDS", 0, "at least one column")
    names = [column.name for column in columns]
    if len(set(names)) < len(names):
        raise _refusal("TTYPE", names, "names that differ")
    for i, column in enumerate(columns, 1):
        _check_column(i, column, columns[0].values.size)


def _check_column(i: int, column: Column, length: int) -> None:
    values = column.values
    if not COLUMN_NAME.fullmatch(column.name):
        raise _refusal(f"TTYPE{i}", column.name, "upper-case letters, digits and underscores")
    if values.ndim != 1 or values.size != length or not length:
        found = f"{column.name} of shape {values.shape}"
        raise _refusal(f"TFORM{i}", found, f"a vector of {max(length, 1)} elements, as the first")
    if values.dtype.str[1:] not in TABLE_CODES:
        found = f"{column.name} of type {values.dtype}"
        raise _refusal(f"TFORM{i}", found, f"one of {', '.join(TABLE_CODES)}")


def _encode_row(columns: tuple[Column, ...]) -> bytes:
    return b"".join(_big_endian(column) for column in columns)


def _big_endian(column: Column) -> bytes:
    values = column.values
    return values.astype(values.dtype.newbyteorder(">"), copy=False).tobytes()


def _primary_cards(idp: InternalDataProduct) -> Iterator[Card]:
    yield Card("SIMPLE", True, "Standard FITS format (NOST-100-2.0)")
    yield Card("BITPIX", 8, "Number of bits per data pixel")
    yield Card("NAXIS", 0, "Number of data axes")
    yield Card("EXTEND", True, "Extension may be present")
    yield from _label(idp)
    yield from association_cards(idp.ancillaries)
    yield from idp.primary


def _label(idp: InternalDataProduct) -> Iterator[Card]:
    yield Card("PRODCATG", idp.prodcatg, "Data product category")


def _table_cards(idp: InternalDataProduct) -> Iterator[Card]:
    yield from _structure_cards(idp.columns)
    yield Card("EXTNAME", EXTENSION_NAME, "FITS Extension name")
    yield Card("INHERIT", True, "Primary header keywords are inherited")
    yield Card("NELEM", int(idp.columns[0].values.size), "Length of the data arrays")
    for i, column in enumerate(idp.columns, 1):
        yield from _column_cards(i, column)
    yield from _limit_cards(idp.columns[0])
    yield from idp.extension


def _structure_cards(columns: tuple[Column, ...]) -> Iterator[Card]:
    yield Card("XTENSION", "BINTABLE", "FITS Extension first keyword")
    yield Card("BITPIX", 8, "Number of bits per data pixel")
    yield Card("NAXIS", 2, "Number of data axes")
    yield Card("NAXIS1", sum(column.values.nbytes for column in columns), "Length of data axis 1")
    yield Card("NAXIS2", 1, "Length of data axis 2")
    yield Card("PCOUNT", 0, "Parameter count")
    yield Card("GCOUNT", 1, "Group count")
    yield Card("TFIELDS", len(columns), "Number of table fields")


def _column_cards(i: int, column: Column) -> Iterator[Card]:
    code = TABLE_CODES[column.values.dtype.str[1:]]
    yield Card(f"TTYPE{i}", column.name, f"Label for field {i}")
    yield Card(f"TFORM{i}", f"{column.values.size}{code}", f"Data format of field {i}")
    yield Card(f"TUNIT{i}", column.unit, f"Physical unit of field {i}")
    yield Card(f"TUTYP{i}", column.utype, f"UType of field {i}")
    yield Card(f"TUCD{i}", column.ucd, f"UCD of field {i}{_medium(column.ucd)}")


def _medium(ucd: str) -> str:
    """Say what the UCD means to a human reader (section 8.2, Req-8)."""
    return {"em.wl": " (vacuum wavelength)", "em.wl;obs.atmos": " (air wavelength)"}.get(ucd, "")


def _limit_cards(spectral: Column) -> Iterator[Card]:
    unit = f"[{spectral.unit}] " if spectral.unit else ""
    ends = ((0, "TDMIN1", "Start"), (-1, "TDMAX1", "Stop"))
    for place, keyword, word in ends:
        value = float(spectral.values[place])
        yield Card(keyword, value, f"{unit}{word} in spectral coordinates")


def _refusal(keyword: str, found: object, expected: str) -> StandardError:
    return StandardError(f"{keyword}: found {found!r}, expected {expected}")
