"""The AB repository: the historical ABs of the operational years, in a folder.

Laid out as the original's, ``<instrument>/logs/<date>/*.ab`` (VLT-MAN-ESO-19600-6104, 4.1).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

from phoenix.errors import ABFormatError, ArchiveError, DataError
from phoenix.formats.abfile import read_ab
from phoenix.model.dates import CivilDate
from phoenix.model.limits import MB, Limits

if TYPE_CHECKING:
    from pathlib import Path

    from phoenix.model.ab import AssociationBlock

__all__ = ["ABRepository", "Refused"]


@frozen
class Refused:
    """An AB that the night goes on without.

    Attributes
    ----------
    name : str
        Its file name.
    reason : str
        What was found, what was expected, what to do.
    """

    name: str
    reason: str


@frozen
class ABRepository:
    """A folder of historical ABs.

    Attributes
    ----------
    root : Path
        The folder that holds one folder for each instrument.
    instrument : str
        Name of the instrument's folder.
    most_bytes : int
        A larger AB is refused.
    """

    root: Path
    instrument: str
    most_bytes: int = int(Limits().ab_mb * MB)

    def folder(self, date: CivilDate) -> Path:
        """Return the folder of one night."""
        return self.root / self.instrument / "logs" / str(date)

    def nights(self) -> tuple[CivilDate, ...]:
        """Return the nights that have a folder, in order.

        Raises
        ------
        ArchiveError
            If there is no such repository.
        """
        logs = self.root / self.instrument / "logs"
        try:
            names = [entry.name for entry in logs.iterdir() if entry.is_dir()]
        except OSError as error:
            raise ArchiveError(
                f"AB repository {logs}: found {error.strerror}, expected one folder a night; "
                "set the repository in phoenix.toml"
            ) from error
        return tuple(sorted(date for name in names if (date := _date(name))))

    def list(self, date: CivilDate) -> tuple[str, ...]:
        """Return the names of the ABs of a night, sorted; empty where the night has none."""
        folder = self.folder(date)
        if not folder.is_dir():
            return ()
        return tuple(sorted(path.name for path in folder.glob("*.ab")))

    def fetch(self, date: CivilDate) -> tuple[tuple[AssociationBlock, ...], tuple[Refused, ...]]:
        """Read the ABs of a night; what cannot be read is told, not raised.

        Returns
        -------
        blocks : tuple of AssociationBlock
            In order of name.
        refused : tuple of Refused
            The ABs that cannot be read, and why.
        """
        blocks, refused = [], []
        for name in self.list(date):
            try:
                ab = read_ab(self.folder(date) / name, self.most_bytes)
            except ABFormatError as error:
                refused.append(Refused(name, str(error)))
                continue
            if ab.date not in {None, date}:
                # Its products would go to a night that nobody holds.
                why = f"found DATE {ab.date}, expected {date}, the night of its folder"
                refused.append(Refused(name, why))
            else:
                blocks.append(ab)
        return tuple(blocks), tuple(refused)


def _date(name: str) -> CivilDate | None:
    try:
        return CivilDate.parse(name)
    except DataError:
        return None
