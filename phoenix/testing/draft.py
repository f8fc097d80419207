"""A FITS file taken apart into its cards and data: changed at one place, it is sealed again.

::

    draft = Draft.of("spectrum.fits", content)
    draft.put(0, "SNR", -1.0)
    path.write_bytes(draft.encoded())       # with true checksums
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import define

from phoenix.formats.fits.hdu import encode_checksum, sum_words
from phoenix.formats.fits.standard import BLOCK, CARD
from phoenix.formats.fits.write_cards import format_card

if TYPE_CHECKING:
    from phoenix.model.idp import Value

__all__ = ["Draft"]


@define
class Draft:
    """The cards and data of a file, to be changed and sealed again with true checksums.

    Attributes
    ----------
    name : str
        File name.
    cards : list of list of bytes
        Cards of each header without END, 80 bytes each.
    data : list of bytes
        Data of each HDU; the last block is filled with zeros.
    sealed : bool
        False leaves CHECKSUM and DATASUM as they are.
    tail : bytes
        What follows the last HDU.
    cut : int or None
        Bytes of the file that are left.
    """

    name: str
    cards: list[list[bytes]]
    data: list[bytes]
    sealed: bool = True
    tail: bytes = b""
    cut: int | None = None

    @classmethod
    def of(cls, name: str, content: bytes) -> Draft:
        """Take a file apart whose extensions begin with XTENSION, as ours do."""
        cards, data, start = [], [], 0
        while start < len(content):
            end = start
            while content[end : end + 8] != b"END     ":
                end += CARD
            cards.append([content[i : i + CARD] for i in range(start, end, CARD)])
            body = start + -(-(end + CARD - start) // BLOCK) * BLOCK
            after = content.find(b"XTENSION= '", body)
            start = after if after > 0 else len(content)
            data.append(content[body:start])
        return cls(name, cards, data)

    def place(self, hdu: int, keyword: str) -> int | None:
        """Return which card of a header a keyword is."""
        stem = f"HIERARCH {keyword} =" if " " in keyword else f"{keyword:8}"
        places = (i for i, card in enumerate(self.cards[hdu]) if card.startswith(stem.encode()))
        return next(places, None)

    def put(self, hdu: int, keyword: str, value: Value, comment: str = "") -> None:
        """Change a card, or add it at the end."""
        card, place = format_card(keyword, value, comment), self.place(hdu, keyword)
        if place is None:
            self.cards[hdu].append(card)
        else:
            self.cards[hdu][place] = card

    def add(self, hdu: int, text: str) -> None:
        """Add a card as it stands."""
        self.cards[hdu].append(text.ljust(CARD).encode("latin-1"))

    def write(self, hdu: int, keyword: str, text: str) -> None:
        """Put a text in the place of a card, as it stands."""
        self.cards[hdu][self._known(hdu, keyword)] = text.ljust(CARD).encode("latin-1")

    def drop(self, hdu: int, keyword: str) -> None:
        """Take a card out."""
        del self.cards[hdu][self._known(hdu, keyword)]

    def _known(self, hdu: int, keyword: str) -> int:
        place = self.place(hdu, keyword)
        if place is None:
            raise KeyError(f"HDU {hdu}: found no card {keyword}")
        return place

    def encoded(self) -> bytes:
        """Return the file."""
        blocks = b"".join(map(self._hdu, self.cards, self.data)) + self.tail
        return blocks[: self.cut]

    def _hdu(self, cards: list[bytes], data: bytes) -> bytes:
        data = data + b"\0" * (-len(data) % BLOCK)
        if self.sealed:
            cards = [_sealing(card, data) for card in cards]
        header = b"".join([*cards, b"END".ljust(CARD)])
        header += b" " * (-len(header) % BLOCK)
        if self.sealed:
            checksum = encode_checksum(sum_words(header, sum_words(data)))
            header = header.replace(b"CHECKSUM= '0000000000000000'", b"CHECKSUM= '%s'" % checksum)
        return header + data


def _sealing(card: bytes, data: bytes) -> bytes:
    if card.startswith(b"DATASUM = '"):
        return format_card("DATASUM", str(sum_words(data)))
    return format_card("CHECKSUM", "0" * 16) if card.startswith(b"CHECKSUM= '") else card
