"""Put pages where they belong: HTML and JSON, by atomic rename, only where they changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phoenix.formats.files import read_plain_text
from phoenix.monitor.places import twin_of
from phoenix.monitor.render import html, json_twin
from phoenix.steps.shelf.jsonfile import write_text

if TYPE_CHECKING:
    from pathlib import Path

    from phoenix.model.workspace import Workspace
    from phoenix.monitor.page import Page

__all__ = ["publish"]


def publish(workspace: Workspace, place: str, page: Page) -> Path:
    """Write a page and its JSON twin, and return the path of the page."""
    path = workspace.root / place
    path.parent.mkdir(parents=True, exist_ok=True)
    _write(workspace.root / twin_of(place), json_twin(page))
    _write(path, html(page))
    return path


def _write(path: Path, text: str) -> None:
    # A browser or a mirror that asks "modified since?" is told the truth.
    try:
        if read_plain_text(path) == text:
            return
    except (OSError, UnicodeDecodeError):
        # None yet, or what is no page: it is replaced.
        pass
    write_text(path, text)
