"""Header cards that the IDPs of all instruments have: exposures, provenance, QC."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import frozen

from phoenix.errors import HeaderError
from phoenix.model.idp import Card
from phoenix.toolkit.headers import Header, integer, required_number, required_text, text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from phoenix.model.idp import Value
    from phoenix.model.qc import Measurement

__all__ = ["Exposures", "numbered_cards", "one_or_many", "qc_cards"]

_S_PER_DAY = 86400.0


@frozen
class Exposures:
    """When and for whom the raw files of one product were taken.

    Attributes
    ----------
    names : tuple of str
        Archive names (ARCFILE), in the order of time.
    begin, end : float
        MJD (days, UTC) of the start of the first and the end of the last exposure.
    exptime : float
        Sum of the exposure times in s.
    programmes : tuple of str
        OBS PROG ID, each once.
    blocks : tuple of int
        OBS ID, each once.
    """

    names: tuple[str, ...]
    begin: float
    end: float
    exptime: float
    programmes: tuple[str, ...]
    blocks: tuple[int, ...]

    @classmethod
    def of(cls, headers: Sequence[Header], ab_name: str) -> Exposures:
        """Take them from the headers of raw files, or of products of one raw file each.

        Raises
        ------
        HeaderError
            If there is no header, or one lacks what must be known.
        """
        if not headers:
            raise HeaderError(f"{ab_name}: found no raw file in the set of frames, expected one")
        ordered = sorted(headers, key=lambda header: required_number(header, "MJD-OBS"))
        times = [required_number(header, "EXPTIME") for header in ordered]
        starts = [required_number(header, "MJD-OBS") for header in ordered]
        return cls(
            names=tuple(map(_archive_name, ordered)),
            begin=starts[0],
            end=max(a + t / _S_PER_DAY for a, t in zip(starts, times, strict=True)),
            exptime=sum(times),
            programmes=_each_once(required_text(one, "ESO OBS PROG ID") for one in ordered),
            blocks=_each_once(integer(one, "ESO OBS ID") or 0 for one in ordered),
        )

    @property
    def elapsed(self) -> float:
        """Seconds from begin to end, to the millisecond."""
        return round((self.end - self.begin) * _S_PER_DAY, 3)

    @property
    def middle(self) -> float:
        """Middle of it (MJD, days, UTC)."""
        return round(0.5 * (self.begin + self.end), 8)


def _archive_name(header: Header) -> str:
    # A product made before the frame was archived only knows the name of its raw file.
    name = text(header, "ARCFILE") or text(header, "ESO PRO REC1 RAW1 NAME")
    return name or required_text(header, "ARCFILE")


def _each_once(values: Iterable[Any]) -> tuple[Any, ...]:
    return tuple(dict.fromkeys(values))


def one_or_many(keyword: str, root: str, values: Sequence[str], comment: str) -> tuple[Card, ...]:
    """Write one value, or MULTI and the values one by one (SDP standard, 5.1)."""
    if len(values) == 1:
        return (Card(keyword, values[0], comment),)
    return (Card(keyword, "MULTI", comment), *numbered_cards(root, values, comment))


def numbered_cards(root: str, values: Sequence[Value], comment: str) -> tuple[Card, ...]:
    """Write ``PROV1``, ``PROV2`` and so on."""
    return tuple(Card(f"{root}{i}", value, comment) for i, value in enumerate(values, 1))


def qc_cards(qc: Iterable[Measurement]) -> dict[int, tuple[Card, ...]]:
    """Give ESO QC cards by element; 0 are those of the AB that no element has its own of."""
    rows = [row for row in qc if row.value is not None]
    of_elements = {row.parameter for row in rows if row.element}
    cards: dict[int, list[Card]] = {}
    for row in rows:
        if row.element or row.parameter not in of_elements:
            keyword = f"ESO QC {row.parameter.replace('_', ' ')}"
            cards.setdefault(row.element, []).append(Card(keyword, _rounded(row.value)))
    return {element: tuple(found) for element, found in cards.items()}


def _rounded(value: Value | None) -> Value:
    """Eight significant digits: more is noise, and cards stay short."""
    return float(f"{value:.8g}") if isinstance(value, float) else value or 0
