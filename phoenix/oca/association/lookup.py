"""An association rule taken apart: what can be looked up, and what must be tried one by one."""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING

from attrs import frozen

from phoenix.oca.language import syntax as oca
from phoenix.oca.language.condition import compiled, keys

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from phoenix.oca.language.condition import Layout, Row, Test

__all__ = ["Lookup", "conjuncts"]

_TIME = "MJD-OBS"
_CLASSES = ("DO.CATG", "DO.CLASS", "PRO.CATG", "RAW.TYPE")
_EVER = float("inf")
_UPPER = {"<", "<="}
_FLIPPED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}


@frozen(eq=False)
class _Bound:
    """A limit on the candidate's MJD-OBS that follows from the input file.

    The limit is the sum of factor times value over the terms (days).
    """

    upper: bool
    terms: tuple[tuple[float, int | float], ...]
    places: tuple[tuple[float, int], ...]

    def limit(self, row: Row) -> float | None:
        total = sum(factor * value for factor, value in self.terms)
        for factor, place in self.places:
            value = row[place]
            if isinstance(value, str) or value is None:
                return None
            total += factor * value
        return total


@frozen(eq=False)
class Lookup:
    """A select rule, ready to run.

    Attributes
    ----------
    rule : Select
        As it stands in the file.
    fixed : tuple of (int, value)
        Keywords of the candidate that must have a constant value, the class first.
    places, inputs : tuple of int
        Keywords of the candidate that must equal keywords of the input file.
    guards : tuple of test
        Conditions on the input file alone.
    filters : tuple of test
        Conditions on the candidate alone.
    tests : tuple of test
        Conditions on both that no lookup answers.
    """

    rule: oca.Select
    fixed: tuple[tuple[int, oca.Value], ...]
    places: tuple[int, ...]
    inputs: tuple[int, ...]
    guards: tuple[Test, ...]
    filters: tuple[Test, ...]
    tests: tuple[Test, ...]
    bounds: tuple[_Bound, ...]
    input_values: Callable[[Row], object]

    @classmethod
    def of(cls, rule: oca.Select, layout: Layout) -> Lookup:
        """Take a rule apart."""
        parts = tuple(conjuncts(rule.condition))
        fixed = [found for part in parts if (found := _constant(part))]
        pairs = [found for part in parts if (found := _pair(part))]
        rest = [part for part in parts if not _constant(part) and not _pair(part)]
        places = layout.places
        fixed.sort(key=lambda pair: pair[0] not in _CLASSES)

        def tests(*scopes: frozenset[oca.Scope]) -> tuple[Test, ...]:
            return tuple(compiled(part, layout) for part in rest if _scopes(part) in scopes)

        inputs = tuple(places[pair[1]] for pair in pairs)
        return cls(
            rule,
            tuple((places[name], value) for name, value in fixed),
            tuple(places[pair[0]] for pair in pairs),
            inputs,
            tests(frozenset(), _INPUT),
            tests(_CANDIDATE),
            tests(_CANDIDATE | _INPUT),
            tuple(bound for part in rest if (bound := _bound(part, layout))),
            itemgetter(*inputs) if inputs else lambda _row: (),
        )

    def names(self, row: Row) -> bool:
        """Whether the rule wants files like this one, for whatever input file.

        A rule that says nothing of the candidate alone names no files.
        """
        return (
            bool(self.fixed or self.filters)
            and all(row[place] == value for place, value in self.fixed)
            and all(test(row, row) for test in self.filters)
        )

    def window(self, row: Row) -> tuple[float, float]:
        """Return the first and last MJD-OBS that the conditions on time allow (days)."""
        begin, end = -_EVER, _EVER
        for bound in self.bounds:
            limit = bound.limit(row)
            if limit is None:
                continue
            if bound.upper:
                end = min(end, limit)
            else:
                begin = max(begin, limit)
        return begin, end


_INPUT = frozenset({oca.Scope.INPUT})
_CANDIDATE = frozenset({oca.Scope.CANDIDATE})


def conjuncts(condition: oca.Expression | None) -> Iterator[oca.Expression]:
    """Yield the parts that must all be true."""
    if isinstance(condition, oca.Both):
        for part in condition.parts:
            yield from conjuncts(part)
    elif condition is not None:
        yield condition


def _scopes(part: oca.Expression) -> frozenset[oca.Scope]:
    """Return whose keywords a condition reads; the last file counts as the input."""
    return frozenset(
        oca.Scope.CANDIDATE if key.scope is oca.Scope.CANDIDATE else oca.Scope.INPUT
        for key in keys(part)
    )


def _sides(part: oca.Expression) -> tuple[oca.Expression, oca.Expression] | None:
    """Return both sides of an equality, the candidate's keyword first."""
    if not isinstance(part, oca.Compare) or part.operator != "==":
        return None
    for left, right in ((part.left, part.right), (part.right, part.left)):
        if isinstance(left, oca.Key) and left.scope is oca.Scope.CANDIDATE:
            return left, right
    return None


def _constant(part: oca.Expression) -> tuple[str, oca.Value] | None:
    """Return keyword and value of ``PRO.CATG == "MASTER_BIAS"``."""
    match _sides(part):
        case (oca.Key() as key, oca.Literal() as literal):
            return key.name, literal.value
    return None


def _pair(part: oca.Expression) -> tuple[str, str] | None:
    """Return the keywords of ``inputFile.INS.MODE == INS.MODE``, the candidate's first."""
    match _sides(part):
        case (oca.Key() as key, oca.Key(scope=scope) as other) if scope is oca.Scope.INPUT:
            return key.name, other.name
    return None


_Linear = tuple[float, list[tuple[float, float]], list[tuple[float, str]]]


def _linear(expression: oca.Expression, factor: float = 1.0) -> _Linear | None:
    """Return an expression as factor of the candidate's time, constants, and input keywords."""
    match expression:
        case oca.Literal(value=value) if not isinstance(value, str):
            return 0.0, [(factor, float(value))], []
        case oca.Key(name=name, scope=scope) if scope is not oca.Scope.CANDIDATE:
            return 0.0, [], [(factor, name)]
        case oca.Key(name=name) if name == _TIME:
            return factor, [], []
        case oca.Arithmetic(operator="+" | "-" as sign, left=left, right=right):
            first = _linear(left, factor)
            second = _linear(right, factor if sign == "+" else -factor)
            if first is None or second is None:
                return None
            return first[0] + second[0], first[1] + second[1], first[2] + second[2]
        case _:
            return None


def _bound(part: oca.Expression, layout: Layout) -> _Bound | None:
    """Return the limit on the candidate's time in ``inputFile.MJD-OBS - MJD-OBS < 0.5``."""
    if not isinstance(part, oca.Compare) or part.operator not in _FLIPPED:
        return None
    linear = _linear(oca.Arithmetic("-", part.left, part.right))
    if linear is None or linear[0] == 0.0:
        return None
    slope, constants, names = linear
    operator = part.operator if slope > 0 else _FLIPPED[part.operator]
    return _Bound(
        operator in _UPPER,
        tuple((-factor / slope, value) for factor, value in constants),
        tuple((-factor / slope, layout.places[name]) for factor, name in names),
    )
