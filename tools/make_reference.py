"""Write the pages of docs/reference that are made of the code: ``python tools/make_reference.py``.

A test (tests/docs/test_reference.py) compares every page with what this would write.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from phoenix.cli.reference import reference as commands_page
from phoenix.model.settings import describe
from phoenix.model.workspace import FOLDERS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

__all__ = ["PAGES", "folders_page", "settings_page"]

REFERENCE = Path(__file__).parents[1] / "docs" / "reference"

SETTINGS_HEAD = """# Settings

<!-- Made by `python tools/make_reference.py`; edit phoenix/model/settings.py instead. -->

`phoenix.toml` lies in the root of the workspace. `phoenix init` writes it with every setting, its
meaning and its default; a setting that is left out has its default, one that is misspelt is
refused with its place in the file. Relative paths under `[paths]` and `[rules.files]`, and that of
an SQLite file, begin at the workspace. Recipe parameters under `[pipeline.RECIPE]` win over those
of an AB, which win over those of the plugin.
"""

FOLDERS_HEAD = """# Folders of a workspace

<!-- Made by `python tools/make_reference.py`; edit phoenix/model/workspace.py instead. -->

`phoenix init` makes them; their names are fixed, so that any two workspaces look alike. Inside ABs
places stay symbolic, under the names of the dfos tools, so that an AB can be run in any workspace.
"""

FOLDERS_TAIL = """
Beside them lie `phoenix.toml` ([settings](settings.md)) and `phoenix.db`, the database, unless
`store.url` names another.

## What is in the folders of a night

| place | content |
|---|---|
| `ab/<night>/<AB>` | the AB as it is run, with its edits and their reasons |
| `ab/<night>/AB_list` | their order |
| `products/<night>/<AB root>/` | what waits for certification or the move; see below |
| `products/<night>/<AB root>.gated/` | the same of an AB that was gated, to be looked at |
| `products/<night>/<AB root>.failed/` | the same of one that failed; the next try replaces it |
| `reduced/<night>/` | science products and ancillaries under their final names |
| `reduced/<night>/idp/<AB root>/` | IDPs and what belongs to them |
| `calib/<night>/` | master calibrations under their final names |
| `logs/<night>/<AB root>.json` | the manifest, which now says where each product went |
| `logs/<night>/<AB root>.log` | the log of the recipe |
| `logs/<night>/<AB root>.sof` | its set of frames |
| `logs/<night>/<AB root>.ab` | the AB |
| `logs/<night>/<AB root>.qc.json` | what was measured, and the scores |
| `logs/<night>/ob_grades` | grades of the night's OBs, and the observers' comments |
| `listings/comments/<night>.json` | what persons wrote of the night's ABs and raw files |
| `listings/hidden.json` | files that were hidden or shown again, by whom and why |
| `plots/<night>/<AB root>.png` | the QC report |
| `monitor/index.html` | the front page; each page has a twin that ends in `.json` |
| `monitor/metrics/` | workflow metrics of years and months |

A folder of products is published by one rename. It holds `r.<AB root>_<nnnn>.fits`, the log, the
set of frames, and `manifest.json`: inputs with checksums, command line, versions, times, memory,
products with checksums.
"""


def settings_page() -> str:
    """Return the page of the settings."""
    rows = (
        (f"`{row.key}`", row.kind, _default(row.default), row.unit, row.meaning)
        for row in describe()
    )
    return SETTINGS_HEAD + "\n" + _table(("setting", "holds", "default", "unit", "meaning"), rows)


def _default(value: object) -> str:
    if value in ("", (), {}):
        return "empty"
    return f"`{value}`"


def folders_page() -> str:
    """Return the page of the folders."""
    rows = (
        (f"`{name}/`", meaning, f"`{dfos}`" if dfos else "") for name, meaning, dfos in FOLDERS
    )
    return FOLDERS_HEAD + "\n" + _table(("folder", "holds", "in ABs"), rows) + FOLDERS_TAIL


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    columns = tuple(head)
    lines = (columns, ("---",) * len(columns), *rows)
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


PAGES: Mapping[str, Callable[[], str]] = {
    "commands.md": lambda: commands_page().rstrip("\n") + "\n",
    "settings.md": settings_page,
    "folders.md": folders_page,
}
"""File name in docs/reference, and what makes its text."""


def main() -> None:
    """Write the pages."""
    for name, page in PAGES.items():
        (REFERENCE / name).write_text(page(), "utf-8")


if __name__ == "__main__":
    main()
