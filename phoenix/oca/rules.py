"""A set of rules: one or several files taken together, and its versions in time."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from attrs import evolve, field, frozen

from phoenix.errors import DataError
from phoenix.oca import syntax as oca
from phoenix.oca.parse import parse, read

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from phoenix.model.dates import CivilDate

__all__ = ["RuleSet", "RuleVersion", "RuleVersions", "load", "with_products"]


@frozen(eq=False)
class RuleSet:
    """Rules that are used together.

    Attributes
    ----------
    name : str
        The files they come from, for messages.
    classifications : tuple of Classification
        In order: a later one that is true overwrites.
    executes : tuple of Execute
        Which files form a group, and the action for it.
    actions : mapping of str to Action
        By name; of two actions of one name the later is taken.
    """

    name: str
    classifications: tuple[oca.Classification, ...]
    executes: tuple[oca.Execute, ...]
    actions: Mapping[str, oca.Action]

    @classmethod
    def of(cls, files: Iterable[oca.RuleFile]) -> RuleSet:
        """Put files together in their order, as if they were one."""
        every = tuple(files)
        return cls(
            " + ".join(file.path for file in every),
            tuple(rule for file in every for rule in file.classifications),
            tuple(rule for file in every for rule in file.executes),
            {action.name: action for file in every for action in file.actions},
        )

    @classmethod
    def parsed(cls, text: str, name: str = "rules") -> RuleSet:
        """Take the rules of one text.

        Raises
        ------
        RuleSyntaxError
            With place, what was found and what was expected.
        """
        return cls.of([parse(text, name)])

    def __str__(self) -> str:
        return self.name


def load(*paths: Path) -> RuleSet:
    """Read rule files and take them as one set.

    Raises
    ------
    RuleSyntaxError
        With file, line, column, what was found and what was expected.
    OSError
        If a file cannot be opened.
    """
    return RuleSet.of(read(path) for path in paths)


def with_products(rules: RuleSet, products: Mapping[str, Sequence[str]]) -> RuleSet:
    """Add the products that the rule files do not tell.

    The rules delivered with the pipelines declare next to no products, and without them no
    calibration can be predicted; an instrument's plugin knows them as rows.

    Parameters
    ----------
    products : mapping of str to sequence of str
        Name of an action, or of a recipe, to the PRO.CATG of its products in their order. An
        action goes before its recipe; products that a rule file declares go before both.
    """
    actions = {name: _with_products(action, products) for name, action in rules.actions.items()}
    return evolve(rules, actions=actions)


def _with_products(action: oca.Action, products: Mapping[str, Sequence[str]]) -> oca.Action:
    recipe = action.recipe.name if action.recipe else ""
    categories = products.get(action.name, products.get(recipe, ()))
    if action.products or not categories:
        return action
    return evolve(
        action,
        products=tuple(
            oca.ProductRule(
                category,
                (
                    oca.Assignment("PRO.CATG", oca.Literal(category)),
                    oca.Assignment("PRO.EXT", oca.Literal(f"{number:04d}.fits")),
                ),
            )
            for number, category in enumerate(categories)
        ),
    )


@frozen(eq=False)
class RuleVersion:
    """Rules and the nights for which they hold.

    Attributes
    ----------
    begins, ends : CivilDate or None
        First and last night; None = open.
    """

    rules: RuleSet
    begins: CivilDate | None = None
    ends: CivilDate | None = None

    def covers(self, night: CivilDate) -> bool:
        """Whether these rules hold for that night."""
        after = self.begins is None or self.begins <= night
        return after and (self.ends is None or night <= self.ends)

    def __str__(self) -> str:
        return f"{self.rules.name} ({self.begins or '...'} to {self.ends or '...'})"


def _checked(given: Iterable[RuleVersion]) -> tuple[RuleVersion, ...]:
    versions = tuple(sorted(given, key=lambda version: str(version.begins or "")))
    for earlier, later in pairwise(versions):
        if later.begins is None or earlier.ends is None or later.begins <= earlier.ends:
            raise DataError(
                f"rule versions overlap: {earlier} and {later}; expected one version per night: "
                "mend their validity ranges"
            )
    return versions


@frozen(eq=False)
class RuleVersions:
    """Rules of an instrument through the years: one version per night.

    Raises
    ------
    DataError
        If two versions hold for the same night.
    """

    versions: tuple[RuleVersion, ...] = field(converter=_checked)

    def on(self, night: CivilDate) -> RuleSet:
        """Return the rules that hold on a night.

        Raises
        ------
        DataError
            If there are none; names the versions there are.
        """
        for version in self.versions:
            if version.covers(night):
                return version.rules
        known = "; ".join(map(str, self.versions)) or "none"
        raise DataError(f"no rules for the night {night}, expected one of: {known}")
