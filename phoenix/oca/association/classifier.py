"""The classification rules, ready to run over many files.

The rules run from top to bottom and a later rule that is true overwrites what an earlier one
assigned; a rule sees what the earlier ones assigned.
"""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING

from attrs import field, frozen

from phoenix.oca.language import syntax as oca
from phoenix.oca.language.condition import compile_value, compiled, keys

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from phoenix.oca.language.condition import Evaluate, Layout, Row, Test

__all__ = ["UNCLASSIFIED", "Applied", "Classifier", "category_of"]

# Answers that are remembered; with more all are forgotten, so that memory has an end (ours).
_REMEMBERED = 65536
UNCLASSIFIED = "UNCLASSIFIED"
"""What a file is that no rule knows."""


@frozen
class Applied:
    """A classification rule that was true, and what it assigned."""

    rule: oca.Classification
    assigned: tuple[tuple[str, oca.Value | None], ...]

    def __str__(self) -> str:
        values = ", ".join(f"{key} = {oca.written(value)}" for key, value in self.assigned)
        return f"line {self.rule.line}: if {self.rule.condition} then {values}"


@frozen(eq=False)
class _Step:
    """One classification rule, ready to run."""

    rule: oca.Classification
    test: Test
    assignments: tuple[tuple[int, Evaluate], ...]


@frozen(eq=False)
class Classifier:
    """All classification rules, ready to run.

    Frames whose headers agree in the keywords that the rules read belong to the same class, so
    that the rules run once for each combination and not once for each frame.
    """

    steps: tuple[_Step, ...]
    signature: Callable[[Row], object]
    _memory: dict[object, tuple[tuple[int, oca.Value | None], ...]] = field(factory=dict)

    @classmethod
    def of(cls, rules: Iterable[oca.Classification], layout: Layout) -> Classifier:
        """Make the rules ready."""
        every = tuple(rules)
        steps = tuple(
            _Step(
                rule,
                compiled(rule.condition, layout),
                tuple(
                    (layout.places[item.key], compile_value(item.expression, layout))
                    for item in rule.assignments
                ),
            )
            for rule in every
        )
        read = {key.name for rule in every for part in _parts(rule) for key in keys(part)}
        places = sorted(layout.places[name] for name in read) or [0]
        return cls(steps, itemgetter(*places))

    def classified(self, row: Row) -> Row:
        """Return the row with what the rules assign."""
        signature = self.signature(row)
        changes = self._memory.get(signature)
        if changes is None:
            if len(self._memory) >= _REMEMBERED:
                self._memory.clear()
            changes = self._memory[signature] = tuple(self._run(row)[0].items())
        if not changes:
            return row
        values = list(row)
        for place, value in changes:
            values[place] = value
        return tuple(values)

    def applied(self, row: Row, layout: Layout) -> tuple[Applied, ...]:
        """Return the rules that are true for a row before classification."""
        names = layout.names
        return tuple(
            Applied(step.rule, tuple((names[place], value) for place, value in values))
            for step, values in self._run(row)[1]
        )

    def _run(
        self, row: Row
    ) -> tuple[
        dict[int, oca.Value | None],
        list[tuple[_Step, tuple[tuple[int, oca.Value | None], ...]]],
    ]:
        changes: dict[int, oca.Value | None] = {}
        applied = []
        for step in self.steps:
            if not step.test(row, row):
                continue
            given = tuple((place, evaluate(row, row)) for place, evaluate in step.assignments)
            changes.update(given)
            applied.append((step, given))
            values = list(row)
            for place, value in given:
                values[place] = value
            row = tuple(values)
        return changes, applied


def _parts(rule: oca.Classification) -> tuple[object, ...]:
    return (rule.condition, *(item.expression for item in rule.assignments))


def category_of(row: Row, layout: Layout) -> str:
    """Return the class of a classified row."""
    for name in ("DO.CLASS", "DO.CATG", "PRO.CATG"):
        value = row[layout.places[name]]
        if isinstance(value, str) and value:
            return value
    return UNCLASSIFIED
