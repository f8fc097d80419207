"""A set of rules: one or several files taken together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from attrs import evolve, frozen

from phoenix.errors import DataError
from phoenix.oca.language import syntax as oca
from phoenix.oca.language.parse import MOST_BYTES, parse, read

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

__all__ = [
    "ProductRows",
    "RuleSet",
    "load",
    "with_limits",
    "with_products",
    "with_rules",
    "with_selects",
    "without_groupings",
]


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


def load(*paths: Path, most: int = MOST_BYTES) -> RuleSet:
    """Read rule files and take them as one set; one of more than so many bytes is refused.

    Raises
    ------
    RuleSyntaxError
        With file, line, column, what was found and what was expected.
    OSError
        If a file cannot be opened.
    """
    return RuleSet.of(read(path, most) for path in paths)


ProductRows = Mapping[str, Sequence[str | tuple[str, str]]]
"""Action or recipe to its products: PRO.CATG, or PRO.CATG and PRO.EXT (the ending of the name)."""


def with_rules(rules: RuleSet, *others: RuleSet) -> RuleSet:
    """Put further rules behind the others, as if they stood in one file."""
    every = (rules, *others)
    return RuleSet(
        " + ".join(one.name for one in every),
        tuple(rule for one in every for rule in one.classifications),
        tuple(rule for one in every for rule in one.executes),
        {name: action for one in every for name, action in one.actions.items()},
    )


def without_groupings(rules: RuleSet, actions: Iterable[str]) -> RuleSet:
    """Take out the ``select execute`` rules of some actions.

    Raises
    ------
    DataError
        For an action that no such rule names.
    """
    dropped = set(actions)
    known = {rule.action for rule in rules.executes}
    for action in sorted(dropped - known):
        raise DataError(
            f"{rules.name}: found no grouping that executes {action}, expected one of: "
            f"{', '.join(sorted(known)) or 'none'}"
        )
    left = tuple(rule for rule in rules.executes if rule.action not in dropped)
    return evolve(rules, executes=left)


def with_products(rules: RuleSet, products: ProductRows) -> RuleSet:
    """Add the products that the rule files do not tell.

    The rules delivered with the pipelines declare next to no products, and without them no
    calibration can be predicted; an instrument's plugin knows them as rows.

    Parameters
    ----------
    products : mapping of str to sequence of str or (str, str)
        Name of an action, or of a recipe, to its products in their order: PRO.CATG, with PRO.EXT
        where the name does not end in the number (``0000.fits``). An action goes before its
        recipe; products that a rule file declares go before both.
    """
    actions = {name: _with_products(action, products) for name, action in rules.actions.items()}
    return evolve(rules, actions=actions)


def with_limits(rules: RuleSet, limits: Mapping[tuple[str, str], tuple[int, int]]) -> RuleSet:
    """Change how many files some select rules want, without a rule file of one's own.

    The rules delivered with a pipeline serve the telescope, where last week's solution is the
    first guess of today's; a first month of master calibrations has none yet.

    Parameters
    ----------
    limits : mapping of (str, str) to (int, int)
        Action and select rule to minRet and maxRet; 0 and 0 disable the rule.

    Raises
    ------
    DataError
        For an action or select rule that the rules do not have.
    """
    for action, select in limits:
        known = rules.actions[action].selects if action in rules.actions else ()
        if select not in {rule.name for rule in known}:
            raise DataError(
                f"{rules.name}: found no rule that selects {select} in action {action}, expected "
                f"one of: {', '.join(rule.name for rule in known) or 'its actions'}"
            )
    return evolve(
        rules,
        actions={
            name: evolve(
                action, selects=tuple(_limited(name, rule, limits) for rule in action.selects)
            )
            for name, action in rules.actions.items()
        },
    )


def with_selects(rules: RuleSet, added: Iterable[tuple[str, str]]) -> RuleSet:
    """Add select rules to actions.

    Parameters
    ----------
    added : iterable of (str, str)
        Action, and select rules as they would stand between its braces.

    Raises
    ------
    DataError
        For an action that the rules do not have.
    RuleSyntaxError
        If the text cannot be read.
    """
    actions = dict(rules.actions)
    for name, text in added:
        if name not in actions:
            raise DataError(
                f"{rules.name}: found no action {name}, expected one of: {', '.join(actions)}"
            )
        more = parse(f"action {name} {{ {text} }}", f"selects added to {name}").actions[0]
        actions[name] = evolve(actions[name], selects=(*actions[name].selects, *more.selects))
    return evolve(rules, actions=actions)


def _limited(
    action: str, rule: oca.Select, limits: Mapping[tuple[str, str], tuple[int, int]]
) -> oca.Select:
    least, most = limits.get((action, rule.name), rule.wanted)
    return evolve(rule, min_files=least, max_files=most)


def _with_products(action: oca.Action, products: ProductRows) -> oca.Action:
    recipe = action.recipe.name if action.recipe else ""
    rows = products.get(action.name, products.get(recipe, ()))
    if action.products or not rows:
        return action
    return evolve(action, products=tuple(_product(*row) for row in enumerate(rows)))


def _product(number: int, row: str | tuple[str, str]) -> oca.ProductRule:
    category, ending = (row, f"{number:04d}.fits") if isinstance(row, str) else row
    return oca.ProductRule(
        category,
        (
            oca.Assignment("PRO.CATG", oca.Literal(category)),
            oca.Assignment("PRO.EXT", oca.Literal(ending)),
        ),
    )
