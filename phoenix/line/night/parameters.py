"""Recipe parameters of ``phoenix.toml``: they win, whenever an AB was made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import evolve

from phoenix.model.recipe import Parameter

if TYPE_CHECKING:
    from phoenix.model.ab import AssociationBlock, Change
    from phoenix.model.settings import Settings

__all__ = ["with_present_settings", "with_settings"]


def with_settings(settings: Settings, ab: AssociationBlock) -> AssociationBlock:
    """Give an AB the parameters that ``phoenix.toml`` has for its recipe."""
    extra = settings.parameters(ab.recipe)
    merged = {row.name: row for row in (*ab.parameters, *extra)}
    return ab.edited(why=_why(ab), parameters=tuple(merged.values()) if extra else ab.parameters)


def with_present_settings(settings: Settings, ab: AssociationBlock) -> AssociationBlock:
    """Give an AB that was written down here the parameters of ``phoenix.toml`` as it is now.

    What an earlier ``phoenix.toml`` gave it is taken back: its edits remember what was there.
    """
    return with_settings(settings, _before_settings(ab))


def _why(ab: AssociationBlock) -> str:
    return f"phoenix.toml says so in [pipeline.{ab.recipe}]"


def _before_settings(ab: AssociationBlock) -> AssociationBlock:
    given = [edit for edit in ab.edits if edit.why == _why(ab)]
    parameters = ab.parameters
    for edit in reversed(given):
        for change in edit.changes:
            parameters = _undone(parameters, change)
    edits = tuple(edit for edit in ab.edits if edit not in given)
    return evolve(ab, parameters=parameters, edits=edits)


def _undone(parameters: tuple[Parameter, ...], change: Change) -> tuple[Parameter, ...]:
    """Return parameters as they were before a change of some values and new ones at the end."""
    added = {Parameter.parse(line).name for line in change.added}
    removed = {row.name: row for row in map(Parameter.parse, change.removed)}
    before = (removed.get(row.name) if row.name in added else row for row in parameters)
    return tuple(row for row in before if row is not None)
