"""Instrument breakpoints: when its characteristics changed sharply (QC Handbook, glossary).

Nothing is associated across a breakpoint, and no trend goes through it. What lies between two is
an epoch.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from attrs import frozen

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["InstrumentBreakpoint", "epoch_of", "setup_values"]


@frozen
class InstrumentBreakpoint:
    """A moment at which an instrument, or one of its setups, became another one.

    Attributes
    ----------
    mjd : float
        The first moment after it (MJD, days, UTC).
    date : str
        The same as it was written: a night or a moment (UTC).
    why : str
        What happened; one line.
    setup : tuple of (str, str)
        Keywords, as the rules write them, and the values for which it holds, ``*`` and ``?`` in
        them as in file names; empty for the whole instrument.
    """

    mjd: float
    date: str
    why: str
    setup: tuple[tuple[str, str], ...] = ()

    def concerns(self, setup: Mapping[str, object]) -> bool:
        """Whether it holds for a setup: it has all the keywords, with such values."""
        return all(
            key in setup and fnmatchcase(str(setup[key]), pattern) for key, pattern in self.setup
        )

    def __str__(self) -> str:
        setup = " ".join(f"{key}={value}" for key, value in self.setup)
        return f"breakpoint of {self.date} ({setup or 'all setups'}): {self.why}"


def epoch_of(
    breakpoints: Iterable[InstrumentBreakpoint], mjd: float, setup: Mapping[str, object]
) -> int:
    """Return the number of breakpoints of a setup before a moment: equal numbers, same side.

    Parameters
    ----------
    breakpoints : iterable of InstrumentBreakpoint
        All of the instrument.
    mjd : float
        The moment (MJD, days, UTC); at a breakpoint it is after it.
    setup : mapping of str to value
        Keywords as the rules write them.
    """
    return sum(row.mjd <= mjd and row.concerns(setup) for row in breakpoints)


def setup_values(text: str) -> dict[str, str]:
    """Return the keywords of a setup as the store writes it, ``KEY=VALUE KEY=VALUE``.

    A value may have blanks: a word without ``=`` belongs to the one before.
    """
    found: dict[str, str] = {}
    key = ""
    for word in text.split():
        name, equals, value = word.partition("=")
        if equals:
            key, found[name] = name, value
        elif key:
            found[key] += f" {word}"
    return found
