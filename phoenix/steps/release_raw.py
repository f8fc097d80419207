"""Raw frames leave when a night is finished; their headers stay.

The conversion to IDPs comes later and wants to know who observed what and when.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from phoenix.formats.fits.blocks import header_blocks
from phoenix.formats.fits.standard import CARD
from phoenix.steps.shelf.jsonfile import write_text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from phoenix.archive.source import Source
    from phoenix.model.workspace import Workspace

__all__ = ["release_raw", "save_header"]


def release_raw(workspace: Workspace, date: object, sources: Sequence[Source]) -> tuple[Path, ...]:
    """Save the headers of a night's raw frames and remove those that a source can give again.

    Returns
    -------
    tuple of Path
        What was removed (VLT-MAN-ESO-19600-6104, 4.6: raw data are deleted at the end of a batch).

    Raises
    ------
    HeaderError
        If a raw frame is no FITS file.
    OSError
        If a header cannot be written.
    """
    folder, headers = workspace.folder("raw", date), workspace.folder("headers", date)
    headers.mkdir(parents=True, exist_ok=True)
    gone = []
    for path in sorted(folder.glob("*.fits")):
        save_header(path, headers / f"{path.stem}.hdr")
        below = path.relative_to(workspace.root).as_posix()
        places = (source.locate(below) for source in sources)
        if any(place and place.resolve() != path.resolve() for place in places):
            path.unlink()
            gone.append(path)
    return tuple(gone)


def save_header(frame: Path, path: Path) -> None:
    """Write the headers of all HDUs as text, one card a line, each closed by END."""
    lines = []
    for cards in header_blocks(frame):
        text = cards.decode("latin-1")
        lines += [text[at : at + CARD].rstrip() for at in range(0, len(text), CARD)]
        lines.append("END")
    write_text(path, "".join(f"{line}\n" for line in lines))
