"""Copy a FITS file as a product: with a category and associated files of its own."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from phoenix.errors import StandardError
from phoenix.formats.fits.copying import copy_fits
from phoenix.formats.fits.edit_cards import LAYOUT
from phoenix.model.idp import HduEdit

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from phoenix.formats.fits.copying import Copied, Known
    from phoenix.model.idp import Card

__all__ = ["copy_product"]

_OLD_LABEL: Final = ("PRODCATG", "ASSON*", "ASSOC*", "ASSOM*")
_OWNS: Final = re.compile(
    rf"{LAYOUT.pattern}|PRODCATG|ASSO[CNM]\d+|CHECKSUM|DATASUM|ZHECKSUM|CONTINUE"
)
"""Cards that follow from the plan or belong to the pixels; an edit that names one is refused."""


def copy_product(
    source: Path,
    target: Path,
    label: Iterable[Card],
    edits: Iterable[HduEdit],
    known: Known | None = None,
) -> Copied:
    """Copy a FITS file as a product, whole or not at all.

    Parameters
    ----------
    source : Path
        The file that is copied.
    target : Path
        The file to write.
    label : iterable of Card
        PRODCATG, ASSONi, ASSOCi and ASSOMi; those of the source go.
    edits : iterable of HduEdit
        What else changes.
    known : Known or None
        What the source must be; None where nothing is known of it.

    Raises
    ------
    ChangedError
        The source has another sha256.
    StandardError
        An edit speaks of a card that is the writer's, of a keyword twice, or of no HDU that is
        there; or a card cannot stand in a header.
    HeaderError
        The source is no plain FITS file, is cut, or its data were changed after it was written.
    OSError
        One of the files cannot be read or written; nothing of the copy is left.
    """
    wanted = tuple(edits)
    for edit in wanted:
        _check(edit)
    return copy_fits(source, target, (HduEdit(0, tuple(label), _OLD_LABEL), *wanted), known)


def _check(edit: HduEdit) -> None:
    for keyword in (*(card.keyword for card in edit.cards), *edit.removed):
        if _OWNS.fullmatch(keyword):
            raise StandardError(
                f"HDU {edit.hdu}: {keyword}: found it in the plan, expected no word of it: it "
                "follows from the product"
            )
