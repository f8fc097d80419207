"""Internal Data Products: plans of what the core will write."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import field, frozen

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    import numpy.typing as npt

__all__ = [
    "Ancillary",
    "Card",
    "Column",
    "HduEdit",
    "Image",
    "InternalDataProduct",
    "LeftOut",
    "Table",
    "Value",
]

Value = str | int | float | bool


@frozen
class Card:
    """One header card: a keyword as astropy spells it (``ESO QC SNR``), its value and comment."""

    keyword: str
    value: Value
    comment: str = ""


@frozen
class Column:
    """One vector column of the one-row spectrum table (SDP standard, section 12).

    Attributes
    ----------
    name : str
        TTYPE, for example ``WAVE``.
    values : ndarray, shape (n_element,)
        Written big-endian with its own dtype (float32, float64, int32 or int16).
    unit, utype, ucd : str
        TUNIT, TUTYP and TUCD; empty strings are written as empty.
    """

    name: str
    values: npt.NDArray[np.generic] = field(eq=False, repr=False)
    unit: str = ""
    utype: str = ""
    ucd: str = ""


@frozen
class Image:
    """One image extension of an ancillary: EXTNAME, pixels and further cards."""

    name: str
    data: npt.NDArray[np.generic] = field(eq=False, repr=False)
    cards: tuple[Card, ...] = field(default=(), repr=False)


@frozen
class Table:
    """One table extension of an ancillary, one row an element of its columns."""

    name: str
    columns: tuple[Column, ...] = field(repr=False)
    cards: tuple[Card, ...] = field(default=(), repr=False)


@frozen
class HduEdit:
    """What becomes of the header of one HDU of a file that is copied; its pixels stay.

    Attributes
    ----------
    hdu : int or str
        Number (0 is the primary) or EXTNAME, as in the file that is copied.
    cards : tuple of Card
        Each takes the place of the card of its keyword, or is added; COMMENT and HISTORY always
        are. All other cards stay as they are.
    removed : tuple of str
        Keywords, or how they begin, with a star at the end (``ESO DRS MUSE *``). What is not
        there need not be removed, and a keyword of ``cards`` is not.
    """

    hdu: int | str
    cards: tuple[Card, ...] = field(default=(), repr=False)
    removed: tuple[str, ...] = field(default=(), repr=False)


@frozen
class Ancillary:
    """A file that travels with an IDP.

    Attributes
    ----------
    name : str
        File name in the archive.
    category : str
        What ASSOCi says of a non-FITS file (``ANCILLARY.PREVIEW``), PRODCATG of a FITS file.
    path : Path or None
        The file itself, copied; None if it is made of ``cards`` and ``hdus``, or of ``text``.
    cards : tuple of Card
        Cards of the primary HDU of a FITS file: all of one that is made, those that are set in
        one that is copied.
    hdus : tuple of Image or Table
        The extensions of a FITS file that is made.
    edits : tuple of HduEdit
        What else changes in the headers of a FITS file that is copied.
    text : str
        What stands in a plain file that is made; empty for one that is copied.
    """

    name: str
    category: str
    path: Path | None = None
    cards: tuple[Card, ...] = field(default=(), repr=False)
    hdus: tuple[Image | Table, ...] = field(default=(), repr=False)
    edits: tuple[HduEdit, ...] = field(default=(), repr=False)
    text: str = field(default="", repr=False)


@frozen
class InternalDataProduct:
    """The plan of one IDP; the core writes it, so a notebook can look at it without a disk.

    There are two kinds: a spectrum is made of its ``columns``; a cube or an image is a product
    that exists already, ``path``, copied with other headers.

    Attributes
    ----------
    name : str
        File name, at most 68 characters (SDP standard, section 2).
    prodcatg : str
        ``SCIENCE.SPECTRUM`` or another category of the standard.
    primary, extension : tuple of Card
        The cards of the primary HDU and of the table; structural cards and those that follow
        from the columns (NELEM, TTYPEi, TDMIN1 ...) are added by the writer. In a file that is
        copied the primary cards are set as those of an edit.
    columns : tuple of Column
        The one-row table, all of the same length.
    ancillaries : tuple of Ancillary
        The files named by ASSONi, in order.
    path : Path or None
        A FITS file that is copied; then there are no columns, and no cards of the table.
    edits : tuple of HduEdit
        What else changes in its headers.
    """

    name: str
    prodcatg: str
    primary: tuple[Card, ...] = field(repr=False)
    extension: tuple[Card, ...] = field(default=(), repr=False)
    columns: tuple[Column, ...] = field(default=(), repr=False)
    ancillaries: tuple[Ancillary, ...] = ()
    path: Path | None = None
    edits: tuple[HduEdit, ...] = field(default=(), repr=False)


@frozen
class LeftOut:
    """A target without an IDP, and why."""

    name: str
    reason: str

    def __str__(self) -> str:
        return f"{self.name}: {self.reason}"
