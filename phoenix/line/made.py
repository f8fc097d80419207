"""Which ABs a pool made before, so that making them again is the same as making them once.

When a night is finished, the masters that it made are certified files like any other. Associated
once more, its science would take those instead of what it waits for, and be another AB. So each
pool remembers its ABs, and leaves their products out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from phoenix.steps.jsonfile import read_json, write_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from phoenix.line.create import Wanted
    from phoenix.line.production import ProductionLine
    from phoenix.model.workspace import Workspace

__all__ = ["made_before", "made_by", "remember_made"]


def _record(workspace: Workspace, wanted: Wanted) -> Path:
    return workspace.folder("ab") / f"{wanted.label}.json"


def made_before(workspace: Workspace, wanted: Wanted) -> set[str]:
    """Return the names of the ABs that were made of this pool before."""
    return set((read_json(_record(workspace, wanted)) or {}).get("blocks", ()))


def remember_made(workspace: Workspace, wanted: Wanted, names: Iterable[str]) -> None:
    """Write down the names of the ABs that are made of a pool."""
    workspace.folder("ab").mkdir(parents=True, exist_ok=True)
    write_json(_record(workspace, wanted), {"blocks": sorted(names)})


def made_by(line: ProductionLine) -> Mapping[str, str]:
    """Return the path of each product that is in its final folder, and the AB that made it."""
    root = line.workspace.root.resolve()
    rows = line.store.products.rows()
    return {str(root / row.path): row.ab_name for row in rows if row.final_name}
