"""The moving window of master calibrations.

Masters come from the archive when a night needs them and stay for the nights around it; those of
nights more than 28 days off leave when another date is run (VLT-MAN-ESO-19600-6104, 4.6). What is
static (``calib/gen``) stays, and so does what no source could give again: the masters that this
line made itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from phoenix.errors import DataError
from phoenix.model.dates import CivilDate

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from pathlib import Path

    from phoenix.archive.source import Source

__all__ = ["WINDOW_DAYS", "clear_window", "leaving"]

WINDOW_DAYS = 28
"""Nights on either side of a date whose masters stay."""


def leaving(
    folders: Iterable[str], nights: Collection[CivilDate], days: int = WINDOW_DAYS
) -> tuple[str, ...]:
    """Say which night folders of ``calib/`` lie outside the window.

    Parameters
    ----------
    folders : iterable of str
        Names of folders; one that is no date (``gen``) never leaves.
    nights : collection of CivilDate
        The date to be run and all nights that are running; each keeps a window of its own.
    days : int
        Half width of the window in days.

    Returns
    -------
    tuple of str
        Sorted.
    """
    return tuple(sorted(name for name in folders if _is_outside(name, nights, days)))


def _is_outside(name: str, nights: Collection[CivilDate], days: int) -> bool:
    try:
        date = CivilDate.parse(name)
    except DataError:
        return False
    return all(abs(date.mjd - night.mjd) > days for night in nights)


def clear_window(
    workspace: Path,
    nights: Collection[CivilDate],
    sources: Sequence[Source],
    in_use: Collection[str] = (),
    days: int = WINDOW_DAYS,
) -> tuple[Path, ...]:
    """Remove the masters outside the window that a source can give again.

    Parameters
    ----------
    workspace : Path
        Root of the workspace.
    nights : collection of CivilDate
        The date to be run and all nights that are running.
    sources : sequence of Source
        Where masters come from.
    in_use : collection of str
        Paths below the workspace (``calib/2019-11-01/GI_MBIA_20191101A.fits``) that the ABs of
        running nights name, however far off.
    days : int
        Half width of the window in days.

    Returns
    -------
    tuple of Path
        What was removed.
    """
    calib = workspace / "calib"
    if not calib.is_dir() or not nights:
        return ()
    folders = leaving((entry.name for entry in calib.iterdir() if entry.is_dir()), nights, days)
    gone = tuple(
        path
        for folder in folders
        for path in sorted((calib / folder).glob("*.fits"))
        if _may_leave(path, workspace, sources, in_use)
    )
    for path in gone:
        path.unlink(missing_ok=True)
    for folder in folders:
        _remove_if_empty(calib / folder)
    return gone


def _may_leave(
    path: Path, workspace: Path, sources: Sequence[Source], in_use: Collection[str]
) -> bool:
    below = path.relative_to(workspace).as_posix()
    if below in in_use:
        return False
    places = (source.locate(below) for source in sources)
    # A source that is this folder itself could not give the file again.
    return any(place and place.resolve() != path.resolve() for place in places)


def _remove_if_empty(folder: Path) -> None:
    try:
        folder.rmdir()
    except OSError:
        # Something is left in it, or another run was quicker: both are well.
        return
