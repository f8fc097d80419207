"""Conditions made executable: each part of the rules becomes a closure over rows.

A row is a tuple with the values of the keywords that the rules mention, None where undefined.
A closure takes two rows: of the file that is looked at, and of the file that ``inputFile.`` (or
``LF.``) means. No text is ever evaluated as Python.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

import re2
from attrs import frozen

from phoenix.oca.language import syntax as oca

if TYPE_CHECKING:
    from phoenix.oca.language.frame import Header

__all__ = ["Evaluate", "Layout", "Row", "Test", "compile_value", "compiled", "keys", "true"]

Row = tuple[oca.Value | None, ...]
Test = Callable[[Row, Row], bool]
Evaluate = Callable[[Row, Row], "oca.Value | None"]

_ORDER: dict[str, Callable[[oca.Value, oca.Value], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_TRUE_WORDS = ("T", "TRUE")


@frozen(eq=False)
class Layout:
    """Which keyword stands where in a row."""

    names: tuple[str, ...]
    places: dict[str, int]

    @classmethod
    def of(cls, names: Iterable[str]) -> Layout:
        """Give every keyword its place, in order of first mention."""
        unique = tuple(dict.fromkeys(names))
        return cls(unique, {name: place for place, name in enumerate(unique)})

    def row(self, header: Header) -> Row:
        """Return the values of these keywords."""
        return tuple(map(header.get, self.names))


def keys(part: object) -> Iterator[oca.Key]:
    """Yield every keyword that a condition, expression or rule mentions."""
    if isinstance(part, oca.Key):
        yield part
    for child in _children(part):
        yield from keys(child)


def _children(part: object) -> tuple[object, ...]:
    match part:
        case oca.Arithmetic() | oca.Compare():
            return part.left, part.right
        case oca.Like() | oca.Regexp() | oca.Undefined():
            return (part.subject,)
        case oca.Negated():
            return (part.part,)
        case oca.Both() | oca.Either():
            return part.parts
        case _:
            return ()


def compiled(condition: oca.Expression | None, layout: Layout) -> Test:
    """Return a condition as a test of two rows; no condition is always true."""
    if condition is None:
        return lambda _row, _other: True
    make = _MAKE.get(type(condition))
    if make is not None:
        return make(condition, layout)
    plain = compile_value(condition, layout)
    return lambda row, other: true(plain(row, other))


def compile_value(expression: oca.Expression, layout: Layout) -> Evaluate:
    """Return an expression as a function of two rows; a condition gives true or false."""
    if isinstance(expression, oca.Literal):
        constant = expression.value
        return lambda _row, _other: constant
    if isinstance(expression, oca.Key):
        place = layout.places[expression.name]
        if expression.scope is oca.Scope.CANDIDATE:
            return lambda row, _other: row[place]
        return lambda _row, other: other[place]
    if isinstance(expression, oca.Arithmetic):
        return _arithmetic(expression, layout)
    return compiled(expression, layout)


def true(value: oca.Value | None) -> bool:
    """Whether a value counts as true: T, a number other than 0, the text "T"."""
    if isinstance(value, str):
        return value.upper() in _TRUE_WORDS
    return bool(value)


def _both(condition: oca.Both, layout: Layout) -> Test:
    tests = [compiled(part, layout) for part in condition.parts]
    if len(tests) == 2:  # noqa: PLR2004 - two are common, and quicker without a loop
        first, second = tests
        return lambda row, other: first(row, other) and second(row, other)

    def every(row: Row, other: Row) -> bool:
        for test in tests:  # noqa: SIM110 - a plain loop is quicker than all() of a generator
            if not test(row, other):
                return False
        return True

    return every


def _either(condition: oca.Either, layout: Layout) -> Test:
    tests = [compiled(part, layout) for part in condition.parts]

    def some(row: Row, other: Row) -> bool:
        for test in tests:  # noqa: SIM110 - a plain loop is quicker than any() of a generator
            if test(row, other):
                return True
        return False

    return some


def _negated(condition: oca.Negated, layout: Layout) -> Test:
    test = compiled(condition.part, layout)
    return lambda row, other: not test(row, other)


def _undefined(condition: oca.Undefined, layout: Layout) -> Test:
    value = compile_value(condition.subject, layout)
    return lambda row, other: value(row, other) is None


def _comparison(condition: oca.Compare, layout: Layout) -> Test:
    left = compile_value(condition.left, layout)
    right = compile_value(condition.right, layout)
    if condition.operator == "==":

        def equal(row: Row, other: Row) -> bool:
            value = left(row, other)
            return value is not None and value == right(row, other)

        return equal
    if condition.operator == "!=":

        def different(row: Row, other: Row) -> bool:
            first, second = left(row, other), right(row, other)
            return first is not None and second is not None and first != second

        return different
    return _ordered(left, right, _ORDER[condition.operator])


def _ordered(
    left: Evaluate, right: Evaluate, holds: Callable[[oca.Value, oca.Value], bool]
) -> Test:
    def ordered(row: Row, other: Row) -> bool:
        first, second = left(row, other), right(row, other)
        if first is None or second is None or isinstance(first, str) != isinstance(second, str):
            return False
        return holds(first, second)

    return ordered


def _matching_pattern(condition: oca.Like, layout: Layout) -> Test:
    return _matching(condition.subject, _like(condition.pattern), layout)


def _searching(condition: oca.Regexp, layout: Layout) -> Test:
    search = compiled_pattern(condition.pattern).search
    return _matching(condition.subject, lambda text: search(text) is not None, layout)


def compiled_pattern(pattern: str) -> Any:  # noqa: ANN401 - re2 has no types
    """Compile a regular expression of the rules, to be searched for in linear time.

    RE2 never goes back: a pattern from outside like ``(a+)+$`` takes no longer than another. What
    cannot be searched so (a look ahead, a reference to a group) is no pattern.

    Raises
    ------
    re2.error
        If it is none.
    """
    options = re2.Options()
    options.log_errors = False
    return re2.compile(pattern, options=options)


def _matching(subject: oca.Expression, matches: Callable[[str], bool], layout: Layout) -> Test:
    value = compile_value(subject, layout)

    def matching(row: Row, other: Row) -> bool:
        found = value(row, other)
        return found is not None and matches(found if isinstance(found, str) else _text(found))

    return matching


def _text(value: oca.Value) -> str:
    return oca.written(value) if isinstance(value, bool) else str(value)


def _like(pattern: str) -> Callable[[str], bool]:
    """Return the matcher of a pattern: ``%`` is any text, everything else is itself."""
    inner = pattern.strip("%")
    if "%" in inner:
        return _with_gaps(re.split("%+", pattern))
    begins, ends = not pattern.startswith("%"), not pattern.endswith("%")
    if begins and ends:
        return lambda text: text == inner
    if begins:
        return lambda text: text.startswith(inner)
    if ends:
        return lambda text: text.endswith(inner)
    return lambda text: inner in text


def _with_gaps(pieces: list[str]) -> Callable[[str], bool]:
    """Return the matcher of pieces with any text between them, one search for each piece.

    The first place where a piece is found is as good as any: a pattern never goes back.
    """
    first, *middle, last = pieces

    def matches(text: str) -> bool:
        end = len(text) - len(last)
        if not text.startswith(first) or not text.endswith(last):
            return False
        at = len(first)
        for piece in middle:
            found = text.find(piece, at, end)
            if found < 0:
                return False
            at = found + len(piece)
        return at <= end

    return matches


def _arithmetic(expression: oca.Arithmetic, layout: Layout) -> Evaluate:
    left = compile_value(expression.left, layout)
    right = compile_value(expression.right, layout)
    combine = _COMBINE[expression.operator]

    def calculate(row: Row, other: Row) -> oca.Value | None:
        first, second = left(row, other), right(row, other)
        if first is None or second is None:
            return None
        return combine(first, second)

    return calculate


def _plus(first: oca.Value, second: oca.Value) -> oca.Value | None:
    if isinstance(first, str) or isinstance(second, str):
        return _text(first) + _text(second)
    return first + second


def _numbers(
    combine: Callable[[float, float], float],
) -> Callable[[oca.Value, oca.Value], oca.Value | None]:
    def calculate(first: oca.Value, second: oca.Value) -> oca.Value | None:
        if isinstance(first, str) or isinstance(second, str):
            return None
        try:
            return combine(first, second)
        except (ZeroDivisionError, OverflowError):
            return None

    return calculate


_COMBINE: dict[str, Callable[[oca.Value, oca.Value], oca.Value | None]] = {
    "+": _plus,
    "-": _numbers(operator.sub),
    "*": _numbers(operator.mul),
    "/": _numbers(operator.truediv),
}


_MAKE: dict[type, Callable[[Any, Layout], Test]] = {
    oca.Both: _both,
    oca.Either: _either,
    oca.Negated: _negated,
    oca.Undefined: _undefined,
    oca.Compare: _comparison,
    oca.Like: _matching_pattern,
    oca.Regexp: _searching,
}
