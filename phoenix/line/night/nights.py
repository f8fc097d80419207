"""Night by night: one that another run holds is left for the end, the others go on."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, TypeVar

from phoenix.errors import BusyError
from phoenix.line.pages import write_due_pages
from phoenix.line.report import NightReport

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from phoenix.line.context import LineContext
    from phoenix.line.report import PreparedNight

__all__ = ["in_turn", "run_nights"]

T = TypeVar("T")

_log = logging.getLogger(__name__)


def run_nights(
    line: LineContext,
    nights: Sequence[PreparedNight],
    part: Callable[[PreparedNight], NightReport],
) -> tuple[NightReport, ...]:
    """Do a part of a run with each night, and show it on the pages."""

    def one(night: PreparedNight) -> NightReport:
        report = part(night)
        write_due_pages(line, night.every_night)
        return report

    return in_turn(nights, one, NightReport.of_held)


def in_turn(
    nights: Sequence[PreparedNight],
    do: Callable[[PreparedNight], T],
    skip: Callable[[PreparedNight, str], T],
) -> tuple[T, ...]:
    """Do something with each night; those that are held are tried once more at the end.

    Parameters
    ----------
    nights : sequence of PreparedNight
        Of a pool.
    do : callable
        Given a night.
    skip : callable
        Given a night that was held both times, and by whom.

    Raises
    ------
    BusyError
        If another run holds the only night.
    """
    if len(nights) == 1:
        return (do(nights[0]),)
    done: dict[int, T] = {}
    held = _try(nights, range(len(nights)), do, done)
    held = _try(nights, held, do, done)
    done |= {number: skip(nights[number], why) for number, why in held.items()}
    return tuple(done[number] for number in range(len(nights)))


def _try(
    nights: Sequence[PreparedNight],
    numbers: Sequence[int] | dict[int, str],
    do: Callable[[PreparedNight], T],
    done: dict[int, T],
) -> dict[int, str]:
    """Do what can be done; return the numbers of the nights that are held, and by whom."""
    held = {}
    for number in numbers:
        try:
            done[number] = do(nights[number])
        except BusyError as error:
            _log.warning("%s is left for later: %s", nights[number].date, error)
            held[number] = str(error)
    return held
