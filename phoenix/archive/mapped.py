"""A source for files that lie anywhere: the header pool knows where."""

from __future__ import annotations

from pathlib import Path

from attrs import frozen

from phoenix.archive.unpack import MOST_UNPACKED
from phoenix.model.counted import counted

__all__ = ["MappedSource"]


@frozen
class MappedSource:
    """Single files under the names that they have in the workspace.

    Attributes
    ----------
    files : tuple of (str, str)
        Path below the workspace, ``raw/2020-01-01/GIRAF....fits``, and where the file lies.
    most_unpacked : int
        Bytes that a packed file may unpack to.
    """

    files: tuple[tuple[str, str], ...]
    most_unpacked: int = MOST_UNPACKED

    def locate(self, below: str) -> Path | None:
        """Return the file, None where it is none of these or is gone."""
        for name, place in self.files:
            if name == below and Path(place).is_file():
                return Path(place)
        return None

    def __str__(self) -> str:
        return f"{counted(len(self.files), 'file')} of the header pool"
