"""What is odd in a rule file: found without any data."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from attrs import frozen

from phoenix.errors import CascadeError
from phoenix.model.counted import counted
from phoenix.oca.association.cascade import action_order
from phoenix.oca.association.compile import compile_rules
from phoenix.oca.association.lookup import conjuncts
from phoenix.oca.language import syntax as oca
from phoenix.oca.language.condition import keys
from phoenix.oca.language.parse import read
from phoenix.oca.language.rules import RuleSet

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["Finding", "RuleCheck", "check", "findings"]

_CLASSES = ("DO.CATG", "DO.CLASS", "RAW.TYPE")
_TIME = "MJD-OBS"


@frozen(order=True)
class Finding:
    """One oddity.

    Attributes
    ----------
    severity : str
        ``error`` (something can never work), ``warning`` (probably a slip) or ``note``.
    line : int
        Line of the rule, 0 for the whole file.
    message : str
        What was found, what was expected.
    """

    severity: str
    line: int
    message: str

    def __str__(self) -> str:
        where = f"line {self.line}: " if self.line else ""
        return f"{self.severity}: {where}{self.message}"


@frozen
class RuleCheck:
    """What a rule file holds, and what is odd in it."""

    path: str
    classifications: int
    executes: int
    actions: int
    selects: int
    findings: tuple[Finding, ...]

    @property
    def ok(self) -> bool:
        """Whether nothing was found that can never work."""
        return not any(finding.severity == "error" for finding in self.findings)

    def text(self) -> str:
        """Return the outcome in words."""
        head = (
            f"{self.path}: {counted(self.classifications, 'classification rule')}, "
            f"{counted(self.executes, 'execute rule')}, {counted(self.actions, 'action')} with "
            f"{counted(self.selects, 'select rule')}"
        )
        return "\n".join([head, *map(str, self.findings)]) + "\n"


def check(*paths: Path) -> RuleCheck:
    """Check rule files, taken together.

    Raises
    ------
    RuleSyntaxError
        If one cannot be read; names file, line, column, what was found and what was expected.
    OSError
        If one cannot be opened.
    """
    files = [read(path) for path in paths]
    rules = RuleSet.of(files)
    twice = Counter(action.name for file in files for action in file.actions)
    repeated = [
        Finding("warning", 0, f"action {name} is defined {many} times; the last one is taken")
        for name, many in twice.items()
        if many > 1
    ]
    return RuleCheck(
        rules.name,
        len(rules.classifications),
        len(rules.executes),
        len(rules.actions),
        sum(len(action.selects) for action in rules.actions.values()),
        tuple(sorted([*repeated, *findings(rules)], key=lambda found: (found.line, found))),
    )


def findings(rules: RuleSet) -> Iterator[Finding]:
    """Yield what is odd in a set of rules."""
    yield from _actions(rules)
    yield from _unknown_classes(rules)
    yield from _misspelt(rules)
    if not any(action.products for action in rules.actions.values()):
        yield Finding("note", 0, "no products are declared: nothing can be predicted")
    try:
        order = action_order(compile_rules(rules))
    except CascadeError as error:
        yield Finding("error", 0, str(error))
    else:
        for edge in order.first_guesses:
            yield Finding(
                "note",
                rules.actions[edge.consumer].line,
                f"{edge.consumer} takes {edge.category} of {edge.producer} only as a certified or "
                "static first guess",
            )


def _actions(rules: RuleSet) -> Iterator[Finding]:
    executed = {execute.action for execute in rules.executes}
    for execute in rules.executes:
        if execute.action not in rules.actions:
            yield Finding(
                "error",
                execute.line,
                f"found execute({execute.action}), expected an action of this name",
            )
    for action in rules.actions.values():
        if action.name not in executed:
            yield Finding("note", action.line, f"action {action.name} is never executed")
        if action.recipe is None:
            yield Finding("warning", action.line, f"action {action.name} has no recipe")
        yield from _options(action)


def _options(action: oca.Action) -> Iterator[Finding]:
    """Yield options of a recipe that do not begin with two dashes."""
    call = action.recipe
    for option in call.options if call else ():
        if not option.startswith("--"):
            name = option.lstrip("-")
            yield Finding(
                "warning",
                call.line if call else 0,
                f"{action.name}: found the option {option}, expected --{name}; it is read so",
            )


def _unknown_classes(rules: RuleSet) -> Iterator[Finding]:
    """Yield conditions on a class that no rule gives."""
    given = _given(rules)
    for line, name, condition in _wanted(rules):
        for part in conjuncts(condition):
            match part:
                case oca.Compare("==", oca.Key(name=key), oca.Literal(value=value)):
                    if key in _CLASSES and (key, value) not in given:
                        yield Finding(
                            "warning", line, f"{name} wants {part}, which no rule assigns"
                        )


def _wanted(rules: RuleSet) -> Iterator[tuple[int, str, oca.Expression | None]]:
    """Yield line, name and condition of the rules that ask for files."""
    for execute in rules.executes:
        yield execute.line, f"execute({execute.action})", execute.condition
    for action in rules.actions.values():
        for select in action.selects:
            if not select.disabled:
                yield select.line, f"{action.name}: {select.name}", select.condition


def _given(rules: RuleSet) -> set[tuple[str, oca.Value]]:
    every: list[oca.Assignment] = []
    for rule in rules.classifications:
        every += rule.assignments
    for action in rules.actions.values():
        for product in action.products:
            every += product.assignments
    return {
        (item.key, item.expression.value)
        for item in every
        if isinstance(item.expression, oca.Literal)
    }


def _misspelt(rules: RuleSet) -> Iterator[Finding]:
    """Yield rare keywords that are a common one with letters in another order (MDJ-OBS)."""
    lines: dict[str, list[int]] = defaultdict(list)
    for line, condition in _conditions(rules):
        for key in keys(condition):
            lines[key.name].append(line)
    often = sorted({_TIME, *lines}, key=lambda name: (name == _TIME, len(lines[name])))
    # The commonest spelling comes last, and stays.
    spelt = {"".join(sorted(name)): name for name in often}
    for name, found in lines.items():
        right = spelt["".join(sorted(name))]
        if right != name and not _differ_in_digits(name, right):
            yield Finding(
                "warning",
                found[0] if found else 0,
                f"found keyword {name} {len(found)} times; is {right} meant? No header has it, "
                "and comparisons with an undefined keyword are false",
            )


def _differ_in_digits(one: str, other: str) -> bool:
    return [c for c in one if not c.isdigit()] == [c for c in other if not c.isdigit()]


def _conditions(rules: RuleSet) -> Iterator[tuple[int, oca.Expression | None]]:
    yield from ((rule.line, rule.condition) for rule in rules.classifications)
    yield from ((rule.line, rule.condition) for rule in rules.executes)
    for action in rules.actions.values():
        yield from ((select.line, select.condition) for select in action.selects)
