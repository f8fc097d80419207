"""FITS headers, read fast: all the cards of a file typed, or just the ten that a table needs.

A header of 400 cards costs about 0.1 ms of CPU, ten of its keywords about 0.03 ms, since a night
may have thousands of files and an archive a hundred thousand. `benchmarks/header_scan.py` measures
it against others. Values agree with ``astropy.io.fits``.
"""

from __future__ import annotations

import struct
from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import closing
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, TypeVar, overload

from phoenix.errors import HeaderError
from phoenix.formats.fits.blocks import find_card, header_blocks
from phoenix.formats.fits.cards import (
    UNREADABLE,
    WITHOUT_VALUE,
    Fault,
    Value,
    card_comment,
    card_fault,
    parse_all,
    parse_card,
    parse_long_card,
)
from phoenix.formats.fits.standard import CARD
from phoenix.formats.fits.tiles import original_headers

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Header", "Value", "parse_cards", "read_header", "read_headers", "read_keys"]

T = TypeVar("T", str, int, float, complex, bool)
D = TypeVar("D")

_CONTINUE: Final = b"CONTINUE"
_NO_KEYWORDS: Final = WITHOUT_VALUE | {UNREADABLE}


class Header(Mapping[str, Value]):
    """The keywords of one header and their values; never changed once made.

    Keywords are spelt as astropy spells them: ``"MJD-OBS"``, ``"ESO DPR CATG"``. A keyword that
    stands more than once has its first value; one without a value has None. What is less often
    asked for (comments, history, faults) is looked up in the cards when asked.

    Attributes
    ----------
    cards : bytes
        The header as it stands in the file, END excluded.
    source : str
        File and HDU, for messages.
    """

    __slots__ = ("_values", "cards", "source")

    def __init__(self, values: dict[str, Value], cards: bytes, source: str) -> None:
        self._values = values
        self.cards = cards
        self.source = source

    def __getitem__(self, key: str) -> Value:
        return self._values[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __contains__(self, key: object) -> bool:
        return key in self._values

    @overload
    def get(self, key: str, /) -> Value: ...
    @overload
    def get(self, key: str, /, default: D) -> Value | D: ...
    def get(self, key: str, /, default: Any = None) -> Any:
        """Value of a keyword, or `default` where it does not stand in the header."""
        return self._values.get(key, default)

    def __reduce__(self) -> tuple[Any, ...]:
        # The cards are a third of the size of the values, and quick to read again.
        return parse_cards, (self.cards, self.source)

    def __repr__(self) -> str:
        return f"<Header of {self.source or 'no file'}: {len(self)} keywords>"

    def require(self, key: str, kind: type[T]) -> T:
        """Value of a keyword that must be there and of that kind; an integer will do as a float.

        Raises
        ------
        HeaderError
            Names file, keyword, what was found and what was expected.
        """
        value = self._values.get(key)
        if type(value) is kind:
            return value
        if kind is float and type(value) is int:
            return kind(value)
        raise HeaderError(
            f"{self.source or 'header'}: {key}: found {self._found(key)}, "
            f"expected a value of type {kind.__name__}"
        )

    def _found(self, key: str) -> str:
        if key in self._values:
            return repr(self._values[key])
        broken = [f for f in self.faults if f.image.removeprefix("HIERARCH ").startswith(key)]
        return str(broken[0]) if broken else "no such keyword"

    def comment(self, key: str) -> str:
        """Comment behind the value of a keyword, with those of its CONTINUE cards.

        Raises
        ------
        KeyError
            The keyword does not stand in the header.
        """
        if key in _NO_KEYWORDS:
            raise KeyError(key)
        return " ".join(filter(None, map(card_comment, self._group(key))))

    def beginning(self, groups: tuple[str, ...]) -> Iterator[tuple[str, Value, str]]:
        """Yield keyword, value and comment of all keywords that begin with one of these.

        In one pass over the cards; :meth:`comment` looks for one keyword alone.

        Parameters
        ----------
        groups : tuple of str
            Beginnings of keywords; with the blank behind a whole word: ``"ESO INS "``.
        """
        starts = tuple(
            f"{'HIERARCH ' if ' ' in group else ''}{group}".encode("latin-1") for group in groups
        )
        cards = self.cards
        images = (cards[i : i + CARD] for i in range(0, len(cards), CARD))
        comments = {
            parse_card(image)[0]: card_comment(image)
            for image in images
            if image.startswith(starts)
        }
        for keyword, value in self._values.items():
            if keyword.startswith(groups):
                yield keyword, value, comments.get(keyword, "")

    def _group(self, key: str) -> Iterable[bytes]:
        """Return the card of a keyword with the CONTINUE cards that follow it."""
        at = _find_key(self.cards, key)
        if at >= 0:
            end = at + CARD
            while self.cards.startswith(_CONTINUE, end):
                end += CARD
            return _split(self.cards[at:end])
        # Not there, or spelt in an unusual way: only a look at every card can tell.
        for group in _groups(_split(self.cards)):
            if parse_card(group[0])[0] == key:
                return group
        raise KeyError(key)

    @property
    def comments(self) -> tuple[str, ...]:
        """The COMMENT cards, trailing blanks removed."""
        return self._texts("COMMENT")

    @property
    def history(self) -> tuple[str, ...]:
        """The HISTORY cards, trailing blanks removed."""
        return self._texts("HISTORY")

    def _texts(self, key: str) -> tuple[str, ...]:
        pairs = parse_all(_split(self.cards))
        return tuple(str(text) for keyword, text in pairs if keyword == key)

    @property
    def faults(self) -> tuple[Fault, ...]:
        """The cards that break the standard, and how; their values are given where possible."""
        cards = enumerate(_split(self.cards), 1)
        return tuple(
            Fault(number, card.decode("latin-1").rstrip(), reason)
            for number, card in cards
            if (reason := card_fault(card))
        )


def _split(cards: bytes) -> tuple[bytes, ...]:
    count = len(cards) // CARD
    return struct.unpack("80s" * count, cards[: count * CARD])


def _groups(cards: Iterable[bytes]) -> list[list[bytes]]:
    """Cards, each with the CONTINUE cards that follow it."""
    groups: list[list[bytes]] = []
    for card in cards:
        if groups and card.startswith(_CONTINUE):
            groups[-1].append(card)
        else:
            groups.append([card])
    return groups


def _parse_group(cards: list[bytes]) -> tuple[str, Value]:
    return parse_card(cards[0]) if len(cards) == 1 else parse_long_card(cards)


def parse_cards(cards: bytes, source: str = "") -> Header:
    """Read the cards of one header.

    Parameters
    ----------
    cards : bytes
        Cards of 80 bytes, with or without END.
    source : str
        File and HDU, for messages.
    """
    split = _split(cards)
    pairs = parse_all(split)
    values = dict(pairs)
    if "CONTINUE" in values:
        pairs = [_parse_group(group) for group in _groups(split)]
        values = dict(pairs)
    if len(values) < len(pairs):
        # Some keyword stands twice: the first value counts, as in astropy.
        values.update(reversed(pairs))
    for key in _NO_KEYWORDS:
        values.pop(key, None)
    return Header(values, cards, source)


def read_header(path: Path | str, hdu: int = 0) -> Header:
    """Read the whole header of one HDU.

    Parameters
    ----------
    path : Path or str
        FITS file: plain, packed by gzip (``.gz``) or compress (``.Z``), or with packed tiles
        (``.fz``: the header of the original image is given); or a header alone (``.hdr``).
    hdu : int
        0 is the primary.

    Raises
    ------
    HeaderError
        Not FITS, cut, or no such HDU; names the file, what was found and what was expected.
    OSError
        The file cannot be opened.
    """
    return parse_cards(_cards_of(path, hdu), f"{path}[{hdu}]")


def read_headers(path: Path | str) -> tuple[Header, ...]:
    """Read the headers of all HDUs, passing over the data.

    Raises as `read_header` does; also where the file ends inside the data of an HDU.
    """
    return tuple(
        parse_cards(cards, f"{path}[{hdu}]") for hdu, cards in enumerate(_original_blocks(path))
    )


def read_keys(path: Path | str, keys: Iterable[str], hdu: int = 0) -> dict[str, Value]:
    """Read a few keywords of one HDU, the fastest way.

    Keywords that do not stand in the header are left out. Raises as `read_header` does.
    """
    header = _cards_of(path, hdu)
    places = [at for key in keys if (at := _find_key(header, key)) >= 0]
    pairs = parse_all([header[at : at + CARD] for at in places])
    if any(header.startswith(_CONTINUE, at + CARD) for at in places):
        pairs = [_parse_group(_groups(_split(header[at:]))[0]) for at in places]
    return dict(pairs)


@lru_cache(4096)
def _spelt(key: str) -> tuple[bytes, bytes]:
    """Return a keyword as it stands in a card, and the bytes that such a card begins with."""
    short = len(key) <= 8 and " " not in key  # noqa: PLR2004  section 4.1.2.1
    name = (key if short else f"HIERARCH {key}").encode("latin-1", "replace")
    return name, name.ljust(8) + b"=" if short else name


def _find_key(header: bytes, key: str) -> int:
    """Offset of the first card of that keyword; -1 where there is none."""
    name, start = _spelt(key)
    at = find_card(header, start)
    while at >= 0 and header[at : at + CARD].partition(b"=")[0].rstrip() != name:
        at = find_card(header, start, at + CARD)
    return at


def _original_blocks(path: Path | str) -> Generator[bytes, None, None]:
    blocks = header_blocks(path)
    return original_headers(blocks) if str(path).endswith(".fz") else blocks


def _cards_of(path: Path | str, hdu: int) -> bytes:
    with closing(_original_blocks(path)) as blocks:
        for cards in islice(blocks, hdu, None):
            return cards
    raise HeaderError(f"{path}: found fewer HDUs, expected HDU {hdu} (0 is the primary)")
