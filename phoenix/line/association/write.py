"""Created ABs on disk: with their association logs, explanations and lists."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from phoenix.line.night.created_blocks import OF_NIGHT, record_of
from phoenix.oca import association_log, explain
from phoenix.steps.prepare import write_block, write_blocks
from phoenix.steps.shelf.jsonfile import write_json, write_text

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from phoenix.line.association.create import CreatedPool
    from phoenix.line.report import PreparedNight
    from phoenix.model.ab import AssociationBlock
    from phoenix.model.dates import CivilDate
    from phoenix.model.workspace import Workspace

__all__ = ["write_explanations", "write_made"]

# Candidates in an explanation; the others are counted.
_SHOWN = 50


def write_made(workspace: Workspace, created: CreatedPool, night: PreparedNight) -> None:
    """Write the ABs of a created pool, their association logs and explanations, and the lists.

    What names other files comes last.
    """
    by_night: dict[CivilDate, list[AssociationBlock]] = defaultdict(list)
    for ab in night.prepared.cascade:
        by_night[ab.date or night.date].append(ab)
    for date in night.nights:
        by_night.setdefault(date, [])
    for one in night.waiting:
        _write_association(_folder(workspace, one.block.date or night.date), created, one.block)
        write_block(workspace, one.block)
    for date, blocks in by_night.items():
        folder = _folder(workspace, date)
        for ab in blocks:
            _write_association(folder, created, ab)
        if blocks:
            write_blocks(workspace, date, blocks)
    write_json(record_of(workspace, created.wanted.label), _content(night))
    for date in night.nights:
        write_json(workspace.folder("ab", date) / OF_NIGHT, {"label": created.wanted.label})


def write_explanations(
    workspace: Workspace, created: CreatedPool, blocks: Iterable[AssociationBlock]
) -> None:
    """Write why ABs would be as they are that are not made."""
    for ab in blocks:
        _write_association(_folder(workspace, ab.date or created.wanted.nights[0]), created, ab)


def _folder(workspace: Workspace, date: CivilDate) -> Path:
    folder = workspace.folder("ab", date)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _write_association(folder: Path, created: CreatedPool, ab: AssociationBlock) -> None:
    name = str(ab.name)
    creation = created.creation_of(name)
    if creation is None:
        return  # of the plugin: no rule chose its files
    write_text(folder / f"{ab.root}.alog", association_log(creation.block(name)))
    told = explain(creation, name).to_dict()
    for rule in told["associations"]:
        left = rule["candidates"][_SHOWN:]
        rule["candidates"] = rule["candidates"][:_SHOWN]
        rule["others"] += len(left)
    write_json(folder / f"{ab.root}.why.json", told | {"rejected_abs": list(created.rejected)})


def _content(night: PreparedNight) -> dict[str, object]:
    return {
        "pool": night.pool,
        "masters": night.masters,
        "nights": [str(date) for date in night.nights],
        "blocks": [[str(ab.date), str(ab.name)] for ab in night.prepared.cascade],
        "refused": [list(row) for row in night.prepared.refused],
        "files": [list(row) for row in night.files],
        "waiting": [
            [str(one.block.date), str(one.block.name), list(one.masters)] for one in night.waiting
        ],
    }
