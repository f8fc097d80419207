"""The raw exposures behind one product: names, times, programmes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import frozen

from phoenix.errors import HeaderError
from phoenix.toolkit.headers import Header, integer, number, required_number, required_text, text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["Exposures", "exposure_name", "is_same_exposure"]

_S_PER_DAY = 86400.0
_SAME_BEGIN = 0.5
"""Seconds within which the begins of one exposure lie (ours)."""


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
            names=tuple(map(exposure_name, ordered)),
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


def exposure_name(header: Header) -> str:
    """Return the archive name of the exposure that a raw file, or a product of it, is of.

    A product made before the frame was archived only knows the name of its raw file.

    Raises
    ------
    HeaderError
        If the header names none.
    """
    name = text(header, "ARCFILE") or text(header, "ESO PRO REC1 RAW1 NAME")
    return name or required_text(header, "ARCFILE")


def is_same_exposure(one: Header, other: Header) -> bool:
    """Tell whether two files are of one exposure: by name, else by the begin of both.

    The begin has eight decimals in one file and more in another: never compare it exactly.
    """
    if exposure_name(one) == exposure_name(other):
        return True
    begins = [number(header, "MJD-OBS") for header in (one, other)]
    if begins[0] is None or begins[1] is None:
        return False
    return abs(begins[0] - begins[1]) * _S_PER_DAY < _SAME_BEGIN


def _each_once(values: Iterable[Any]) -> tuple[Any, ...]:
    return tuple(dict.fromkeys(values))
