"""What a shell offers for half a word: nights, months and ABs of the workspace, by its folders."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

# Looked up by typer when the verbs are put together.
import typer  # noqa: TC002 - see above

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["ab_names", "months", "nights"]


def nights(ctx: typer.Context, incomplete: str) -> list[str]:
    """Return the nights that the workspace has ABs of."""
    return [night for night in _nights(ctx) if night.startswith(incomplete)]


def months(ctx: typer.Context, incomplete: str) -> list[str]:
    """Return the months of these nights."""
    found = dict.fromkeys(night[:7] for night in _nights(ctx))
    return [month for month in found if month.startswith(incomplete)]


def ab_names(ctx: typer.Context, incomplete: str) -> list[str]:
    """Return the ABs of the night that the call names, of all nights if it names none."""
    wanted = str(ctx.params.get("date") or "")
    names = (
        path.name
        for night in _nights(ctx)
        if wanted in {"", night}
        for path in (_folder(ctx) / night).glob("*.ab")
    )
    return sorted(name for name in names if name.startswith(incomplete))


def _folder(ctx: typer.Context) -> Path:
    where = ctx.params.get("where") or os.environ.get("PHOENIX_WORKSPACE") or "."
    return Path(str(where)) / "ab"


def _nights(ctx: typer.Context) -> Iterator[str]:
    try:
        entries = sorted(os.scandir(_folder(ctx)), key=lambda entry: entry.name)
    except OSError:
        return iter(())
    return (entry.name for entry in entries if entry.is_dir() and entry.name[:4].isdigit())
