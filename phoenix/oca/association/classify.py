"""Classification: what a file is, by its header."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

from phoenix.oca.association.classifier import Applied, category_of
from phoenix.oca.association.compile import compile_rules
from phoenix.oca.language.syntax import written

if TYPE_CHECKING:
    from collections.abc import Iterable

    from phoenix.oca.association.compile import Compiled
    from phoenix.oca.language.frame import Frame
    from phoenix.oca.language.rules import RuleSet
    from phoenix.oca.language.syntax import Value

__all__ = ["Classification", "classify"]


@frozen
class Classification:
    """What the rules say about one file.

    Attributes
    ----------
    name : str
        The file.
    category : str
        Its class: DO.CLASS, else DO.CATG, else PRO.CATG, else UNCLASSIFIED; the tag in a set of
        frames.
    raw_type : str
        RAW.TYPE, else the category.
    assigned : tuple of (str, value)
        All keywords assigned, with their last values.
    applied : tuple of Applied
        The rules that were true, in order.
    """

    name: str
    category: str
    raw_type: str
    assigned: tuple[tuple[str, Value | None], ...]
    applied: tuple[Applied, ...]

    def __str__(self) -> str:
        values = ", ".join(f"{key} = {written(value)}" for key, value in self.assigned)
        return f"{self.name}: {self.category} ({values or 'no rule is true'})"


def classify(rules: RuleSet, frames: Iterable[Frame]) -> tuple[Classification, ...]:
    """Classify files, with the rules that were true for each.

    Returns
    -------
    tuple of Classification
        In the order of the frames; a file that no rule knows is UNCLASSIFIED.
    """
    ready = compile_rules(rules)
    return tuple(_classification(ready, frame) for frame in frames)


def _classification(rules: Compiled, frame: Frame) -> Classification:
    raw = rules.row(frame)
    row = rules.classifier.classified(raw)
    applied = rules.classifier.applied(raw, rules.layout)
    category = category_of(row, rules.layout)
    raw_type = row[rules.layout.places["RAW.TYPE"]]
    last = {key: value for rule in applied for key, value in rule.assigned}
    return Classification(
        frame.name,
        category,
        raw_type if isinstance(raw_type, str) else category,
        tuple(last.items()),
        applied,
    )
