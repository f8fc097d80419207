"""The workspace: where everything lies. Path arithmetic only, no files are touched."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from attrs import frozen

from phoenix.model.frames import PIPEFILE, symbolic_parts

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["FOLDERS", "Workspace"]

FOLDERS = (
    ("raw", "raw files, one folder a night; emptied when the night is finished", "$DFO_RAW_DIR"),
    ("headers", "headers of raw files, one folder a night", "$DFO_HDR_DIR"),
    (
        "calib",
        "master calibrations, one folder a night; calib/gen the static ones",
        "$DFO_CAL_DIR",
    ),
    ("ab", "edited ABs, one folder a night", "$DFO_AB_DIR"),
    ("products", "certification area: one folder a night, in it one an AB", "$DFS_PRODUCT"),
    ("reduced", "final science products, renamed; idp/ below it the IDPs", "$DFO_SCI_DIR"),
    (
        "logs",
        "recipe logs and manifests, one folder a night; in batch those of batch jobs",
        "$DFO_LOG_DIR",
    ),
    ("plots", "QC reports, one folder a night", "$DFO_PLT_DIR"),
    ("listings", "what persons wrote of ABs and raw files, and hid", "$DFO_LST_DIR"),
    ("trending", "yours, for what `phoenix qc plot` draws", "$DFO_TREND_DIR"),
    ("monitor", "pages", "$DFO_MON_DIR"),
    ("scratch", "one folder for each running recipe", "$TMP_DIR"),
    ("archive", "the embedded Phase 3 archive", ""),
)
"""Folder, what it holds, and its name in the dfos tools: one row each."""

_NIGHT = re.compile(r"\d{4}-\d\d-\d\d\Z", re.ASCII)


@frozen
class Workspace:
    """The folders of one process.

    Attributes
    ----------
    root : Path
        Absolute path of the folder with ``phoenix.toml``.
    """

    root: Path

    def folder(self, name: str, date: object = "") -> Path:
        """Return a folder of :data:`FOLDERS`, or its part for one night."""
        return _folder(self.root, name, str(date))

    def resolve(self, symbolic: str, date: object = "") -> Path:
        """Return the path behind a symbolic one of an AB; a bare name is a raw file of the night.

        Raises
        ------
        DataError
            For a path that leads out of the workspace.
        """
        symbol, below = symbolic_parts(symbolic)
        if symbol == "DFS_PRODUCT":
            return self._product(below, date)
        if symbol == "DFO_CAL_DIR":
            return self.folder("calib") / below
        return self.folder("raw", "" if symbol else date) / below

    def _product(self, below: str, date: object) -> Path:
        """Return the place of a product.

        The original kept ``<raw type>/<night>/<PIPEFILE>``; here every AB has a folder of its own,
        ``<night>/<AB root>/<PIPEFILE>``, and both are understood.
        """
        *folders, name = below.split("/")
        nights = [folder for folder in folders if _NIGHT.match(folder)]
        pipefile = PIPEFILE.match(name)
        if pipefile is None:
            return self.folder("products") / below
        return self.folder("products", nights[0] if nights else date) / pipefile[1] / name


# Asked for dozens of times an AB, of a few nights at a time.
@lru_cache(maxsize=1024)
def _folder(root: Path, name: str, date: str) -> Path:
    return root / name / date if date else root / name
