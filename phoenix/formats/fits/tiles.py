"""Headers of images packed in tiles (``fpack``, ``.fz``), given back as they were before.

The registered tiled-image convention, FITS standard 4.0, section 10.1: the image became a binary
table, its own structural keywords kept with a Z in front.
"""

from __future__ import annotations

import re
from itertools import chain
from typing import TYPE_CHECKING, Final

from phoenix.formats.fits.standard import CARD

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

__all__ = ["original_headers"]

# Keyword of the original image by the one that keeps it (table 36 of the standard).
_KEPT: Final = {
    b"ZSIMPLE": b"SIMPLE",
    b"ZTENSION": b"XTENSION",
    b"ZBITPIX": b"BITPIX",
    b"ZNAXIS": b"NAXIS",
    b"ZPCOUNT": b"PCOUNT",
    b"ZGCOUNT": b"GCOUNT",
    b"ZEXTEND": b"EXTEND",
    b"ZBLOCKED": b"BLOCKED",
    b"ZHECKSUM": b"CHECKSUM",
    b"ZDATASUM": b"DATASUM",
}
_RANK: Final = {keyword: rank for rank, keyword in enumerate(_KEPT.values())}
_AXIS: Final = re.compile(rb"ZNAXIS\d+\Z").match
# Keywords of the table, or of how it was packed; the image never had them.
_packing = re.compile(
    rb"(?:XTENSION|BITPIX|NAXIS[12]?|PCOUNT|GCOUNT|TFIELDS|CHECKSUM|DATASUM"
    rb"|(?:TTYPE|TFORM|TUNIT|ZTILE|ZNAME|ZVAL)\d+"
    rb"|ZIMAGE|ZCMPTYPE|ZMASKCMP|ZQUANTIZ|ZDITHER0|ZBLANK|ZSCALE|ZZERO)\Z"
).match
_DEFAULT_NAME: Final = b"EXTNAME = 'COMPRESSED_IMAGE'"
_IMAGE: Final = b"XTENSION= 'IMAGE   '".ljust(CARD)


def original_headers(blocks: Iterator[bytes]) -> Generator[bytes, None, None]:
    """Headers of the HDUs before packing.

    Parameters
    ----------
    blocks : iterator of bytes
        The cards of each HDU of the packed file. Its first, which is empty, was put in front by
        the packing where the second was once the primary.
    """
    primary, second = next(blocks), next(blocks, b"")
    if not any(_name(card) == b"ZSIMPLE" for card in _cards(second)):
        yield primary
    for cards in chain([second] if second else [], blocks):
        yield _original(cards)


def _original(header: bytes) -> bytes:
    cards = _cards(header)
    if not any(_name(card) == b"ZIMAGE" for card in cards):
        return header
    kept = [_renamed(card) for card in cards if _name(card) in _KEPT or _AXIS(_name(card))]
    if not any(_name(card) in {b"SIMPLE", b"XTENSION"} for card in kept):
        kept.append(_IMAGE)
    own = [card for card in cards if not _of_packing(card)]
    return b"".join(sorted(kept, key=_rank) + own)


def _cards(header: bytes) -> list[bytes]:
    return [header[at : at + CARD] for at in range(0, len(header), CARD)]


def _name(card: bytes) -> bytes:
    return card[:8].rstrip()


def _renamed(card: bytes) -> bytes:
    name = _name(card)
    return _KEPT.get(name, name[1:]).ljust(8) + card[8:]


def _rank(card: bytes) -> int:
    """Place in the order that the standard demands; NAXISn behind NAXIS."""
    return _RANK[_name(card).rstrip(b"0123456789")]


def _of_packing(card: bytes) -> bool:
    name = _name(card)
    return bool(name in _KEPT or _AXIS(name) or _packing(name) or card.startswith(_DEFAULT_NAME))
