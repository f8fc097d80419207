"""A raw file is the exposure that its name says: files change places, their headers do not."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from phoenix.errors import ArchiveError
from phoenix.formats.fits.headers import read_header
from phoenix.model.filename import root_name
from phoenix.model.plain import one_line

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["check_name"]

_ARCHIVED = re.compile(r"[A-Z0-9]+\.(\d{4}-\d\d-\d\dT\d\d[:_]\d\d[:_]\d\d(\.\d+)?)\Z", re.ASCII)
"""Names of the archive; some tools write ``_`` for ``:``."""


def check_name(path: Path) -> None:
    """Check that a raw file under a name of the archive is the file of that name.

    What does not tell, because it was taken before it was archived or is called otherwise, passes.

    Raises
    ------
    ArchiveError
        If its ARCFILE is that of another exposure.
    """
    own = root_name(path.name).replace("_", ":")
    told = read_header(path).get("ARCFILE")
    if not isinstance(told, str) or not _ARCHIVED.match(own):
        return
    other = root_name(told.strip()).replace("_", ":")
    if _ARCHIVED.match(other) and _stamp(other) != _stamp(own):
        raise ArchiveError(
            f"{path.name}: found ARCFILE {one_line(told)} in it, another exposure; fetch the file "
            "of this name again"
        )


def _stamp(root: str) -> str:
    """Return the time in a name: archives of old called the instrument otherwise."""
    return root.partition(".")[2]
