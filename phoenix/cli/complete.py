"""What a shell offers for half a word: nights, months, ABs and QC parameters of the workspace."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

# Looked up by typer when the verbs are put together.
import typer  # noqa: TC002 - see above

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["ab_names", "months", "nights", "parameters"]


def nights(ctx: typer.Context, incomplete: str) -> list[str]:
    """Return the nights that the workspace has ABs of, or its repositories raw files."""
    return [night for night in _every_night(ctx) if night.startswith(incomplete)]


def months(ctx: typer.Context, incomplete: str) -> list[str]:
    """Return the months of these nights."""
    found = dict.fromkeys(night[:7] for night in _every_night(ctx))
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


def parameters(ctx: typer.Context, incomplete: str) -> list[str]:
    """Return the QC parameters of the workspace's process."""
    from phoenix.errors import PhoenixError
    from phoenix.line.plugins import instrument_of
    from phoenix.line.workspace import open_workspace

    try:
        _, settings = open_workspace(_workspace(ctx))
        instrument = instrument_of(settings.process)
        rows = instrument.qc_parameters(instrument.process(settings.process))
    except (PhoenixError, OSError):
        # A shell that is asked for half a word wants no complaint.
        return []
    return sorted(row.name for row in rows if row.name.startswith(incomplete))


def _workspace(ctx: typer.Context) -> Path:
    return Path(str(ctx.params.get("where") or os.environ.get("PHOENIX_WORKSPACE") or "."))


def _folder(ctx: typer.Context) -> Path:
    return _workspace(ctx) / "ab"


def _nights(ctx: typer.Context) -> Iterator[str]:
    yield from _nights_in(_folder(ctx))


def _every_night(ctx: typer.Context) -> list[str]:
    from phoenix.errors import PhoenixError
    from phoenix.line.workspace import open_workspace, repositories

    found = set(_nights(ctx))
    try:
        places = repositories(*open_workspace(_workspace(ctx)))
    except (PhoenixError, OSError):
        places = ()
    return sorted(found.union(*(_nights_in(place / "raw") for place in places)))


def _nights_in(folder: Path) -> Iterator[str]:
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError:
        return
    yield from (entry.name for entry in entries if entry.is_dir() and entry.name[:4].isdigit())
