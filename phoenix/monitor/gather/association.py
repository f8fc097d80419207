"""Why an AB has its calibrations, as its page tells it: what was written when it was created."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from phoenix.errors import DataError
from phoenix.monitor.record import AssociationRow
from phoenix.steps.shelf.jsonfile import read_json

if TYPE_CHECKING:
    from phoenix.model.workspace import Workspace

__all__ = ["association_rows"]


def association_rows(workspace: Workspace, date: str, root: str) -> tuple[AssociationRow, ...]:
    """Return the rules of an AB, none for one that was not created here."""
    try:
        told: dict[str, Any] | None = read_json(workspace.folder("ab", date) / f"{root}.why.json")
    except DataError:
        return ()
    if told is None:
        return ()
    from phoenix.oca.explanation.explanation import explanation_of  # noqa: PLC0415 - loads the rule language

    rules = explanation_of(told).associations
    return tuple(
        AssociationRow(rule.name, rule.verdict, tuple(rule.text().splitlines())) for rule in rules
    )
