"""Where pipelines lie: the folders of those who package them, and phoenix's own prefixes."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from phoenix.model.settings import PipelinePlace

__all__ = [
    "PLACES",
    "RULE_PLACES",
    "SYSTEM_PATH",
    "PipelinePlaces",
    "prefixes",
    "prefixes_folder",
]

SYSTEM_PATH = "/usr/local/bin:/usr/bin:/bin:/opt/local/bin:/opt/homebrew/bin"
"""Where programs are looked for; the caller's own PATH does not count."""

PLACES = (
    ("/usr/lib/*/cpl/plugins", "Debian and Ubuntu packages"),
    ("/usr/lib64/esopipes-plugins", "ESO packages for Fedora and its kin"),
    ("/usr/lib/esopipes-plugins", "ESO packages, 32 bit"),
    ("/opt/local/lib/esopipes-plugins", "MacPorts"),
    ("/opt/homebrew/lib/esopipes-plugins", "Homebrew on ARM"),
    ("/usr/local/lib/esopipes-plugins", "Homebrew on Intel, ESO's install script"),
)
"""Folders that hold one folder ``<pipeline>-<version>`` each, and who puts them there."""

RULE_PLACES = (
    ("/usr/share/cpl-plugins", "Debian and Ubuntu packages"),
    ("/usr/share/esopipes", "ESO packages for Fedora and its kin"),
    ("/opt/local/share/esopipes", "MacPorts"),
    ("/opt/homebrew/share/esopipes", "Homebrew on ARM"),
    ("/usr/local/share/esopipes", "Homebrew on Intel, ESO's install script"),
)
"""Folders with one folder ``<pipeline>-<version>`` each that holds rules, and whose they are."""

PipelinePlaces = Mapping[str, PipelinePlace]
"""Name of a pipeline, or :data:`~phoenix.model.settings.ALL_PIPELINES`, to where it is."""


def prefixes_folder() -> Path:
    """Return the folder of phoenix's own prefixes: PHOENIX_PIPELINES, else in the user's data."""
    told = os.environ.get("PHOENIX_PIPELINES")
    if told:
        return Path(told).absolute()
    data = os.environ.get("XDG_DATA_HOME") or Path("~/.local/share").expanduser()
    return Path(data) / "phoenix" / "pipelines"


def prefixes() -> tuple[Path, ...]:
    """Return the prefixes that there are: each the root of unpacked packages."""
    folder = prefixes_folder()
    found = folder.iterdir() if folder.is_dir() else ()
    return tuple(sorted(path for path in found if path.is_dir() and path.name[0] != "."))
