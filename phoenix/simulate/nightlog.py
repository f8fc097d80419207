"""Night logs of simulated nights: what the observers wrote of each OB, and its grade."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phoenix.formats.nightlog import SUFFIX
from phoenix.model.grade import GRADES
from phoenix.simulate.header import origfile
from phoenix.simulate.raw import folder, write_bytes
from phoenix.simulate.site import PARANAL, airmass, horizontal

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from phoenix.model.dates import CivilDate
    from phoenix.simulate.exposure import Exposure

__all__ = ["SAID", "night_log", "write_night_logs"]

SAID: tuple[tuple[str, str], ...] = (
    ("A", "No comments"),
    ("B", "Seeing 10 % above the constraint in the last exposure."),
    ("C", "Thin clouds came in; stopped and to be repeated."),
    ("D", "Moon closer than asked for, accepted by the user."),
)
"""Grades of the OBs of a night, in turn, and what is said of them. The first night of a month
begins with A, each after it with the next: four nights of one OB each have all of them."""

_LINE = "-" * 51


def write_night_logs(
    out: Path, date: CivilDate, exposures: Iterable[Exposure]
) -> tuple[Path, ...]:
    """Write a night log beside the first exposure of each science OB, as the archive has them.

    Parameters
    ----------
    out : Path
        The folder of the night: the logs go into ``raw/<night>/``.
    date : CivilDate
        The night.
    exposures : iterable of Exposure
        All of the night, in any order; only science has a log.
    """
    of_ob: dict[int, list[Exposure]] = {}
    science = (one for one in exposures if one.category == "SCIENCE")
    for exposure in sorted(science, key=lambda one: (one.start, one.prefix)):
        of_ob.setdefault(exposure.block.id, []).append(exposure)
    place = folder(out, "raw", str(date)) if of_ob else out
    return tuple(
        write_bytes(place / f"{taken[0].root}{SUFFIX}", night_log(date, number, taken).encode())
        for number, taken in enumerate(of_ob.values())
    )


def night_log(date: CivilDate, number: int, exposures: Sequence[Exposure]) -> str:
    """Return the night log of one OB.

    Parameters
    ----------
    date : CivilDate
        The night.
    number : int
        Place of the OB in the night, from 0; its grade follows from both.
    exposures : sequence of Exposure
        Those of the OB, in the order of time.
    """
    first = exposures[0]
    block = first.block
    grade, said = SAID[(date.day - 1 + number) % len(SAID)]
    lines = [
        *_weather(),
        "General Comments:",
        _LINE,
        "",
        f"OB:         {block.id}",
        f"Instrument: {first.prefix}",
        f"Name:       {block.name}",
        f"Target:     {block.target}",
        f"Run:        {block.programme}",
        f"Container:  {block.container}",
        _LINE,
        "",
        "Comments:",
        said,
        _LINE,
        "",
        "Constraint       \tFulfilled\tRequested",
        "Seeing:          \tyes\t\t1.0",
        "Airmass:         \tyes\t\t2.0",
        f"Grade:       \t \t{grade}",
        _LINE,
        "",
        "Files produced and additional information",
        _LINE,
        f"OBS.ID: {block.id}",
        f"OBS.START: {first.template.start:%Y-%m-%dT%H:%M:%S}",
        _LINE,
        *_files(exposures),
        _LINE,
        "OB Grades",
        *(f"{letter} : {meaning}" for letter, meaning in GRADES.items()),
        "_ : no grade assigned",
    ]
    return "".join(f"{line}\n" for line in lines)


def _weather() -> list[str]:
    return [
        "General weather conditions:",
        'Seeing:          0.7 - 1.1"',
        "Humidity:        8 - 15 %",
        "Wind:            4.0 - 7.5 m/s",
        "Temperature:     11.5 - 13.0 C",
        "Overall comment: simulated",
        _LINE,
        "",
        "Weather observations:",
        "Time\tConditions\tComment",
        "23:00\tClear\t",
        _LINE,
        "",
    ]


def _files(exposures: Sequence[Exposure]) -> list[str]:
    head = "Original Filename\tArchive Filename\tTPL.EXPNO/NEXP\tEXPTIME\tAIRMASS\tDIMM\t"
    rows = [
        f"{origfile(one)}\t{one.root}\t{one.number}/{one.template.exposures}\t"
        f"{one.exptime:.1f}\t{_airmass(one):.3f}\t0.80\t"
        for one in exposures
    ]
    return [head, *rows]


def _airmass(one: Exposure) -> float:
    return airmass(horizontal(one.block.ra, one.block.dec, one.start, PARANAL).altitude)
