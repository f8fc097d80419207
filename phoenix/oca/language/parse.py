"""From the text of a rule file to its parts."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, cast

import re2
from attrs import astuple, evolve, has
from lark import Lark, Token, Transformer, UnexpectedCharacters, UnexpectedInput, v_args

from phoenix.errors import RuleSyntaxError
from phoenix.formats.files import open_plain
from phoenix.oca.language import syntax as oca
from phoenix.oca.language.condition import compiled_pattern

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

__all__ = ["parse", "read"]

_NAMES = {
    "KEY": "a name",
    "STRING": 'a "text"',
    "NUMBER": "a number",
    "COMPARISON": "a comparison (== != < <= > >=)",
    "$END": "the end of the file",
}
_SHOWN = 12
_Part = Any
"""A rule, a part of one, or a limit: what the parser hands over."""
_Group = tuple[tuple[str, ...], str, str]
_TEXT = ("utf-8", "latin-1")

# Ours; the rules of UVES, the longest that are known, are 150 kB and nest three levels.
MOST_BYTES = 10_000_000
DEEPEST = 100
# Levels of a rule around its conditions.
_AROUND = 8


def read(path: Path, most: int = MOST_BYTES) -> oca.RuleFile:
    """Read one rule file; one of more than so many bytes is refused.

    Raises
    ------
    RuleSyntaxError
        If it is no rule file; names file, line, column, what was found and what was expected.
    OSError
        If it cannot be opened.
    """
    with open_plain(path) as stream:
        content = stream.read(most + 1)
    if len(content) > most:
        raise RuleSyntaxError(
            f"{path}: found more than {most} bytes, expected an OCA rule file, which is "
            "much smaller"
        )
    for encoding in _TEXT:
        try:
            return parse(content.decode(encoding), str(path))
        except UnicodeDecodeError:
            continue
    raise RuleSyntaxError(f"{path}: found no text, expected an OCA rule file")


def parse(text: str, path: str = "rules") -> oca.RuleFile:
    """Parse the text of a rule file.

    Parameters
    ----------
    text : str
        The rules.
    path : str
        How to call the file in messages.

    Raises
    ------
    RuleSyntaxError
        Names file, line, column, what was found and what was expected.
    """
    try:
        found = cast("list[_Part]", _parser().parse(text))
    except UnexpectedInput as error:
        raise RuleSyntaxError(_message(error, text, path)) from None
    except _MeaninglessError as error:
        raise RuleSyntaxError(f"{path}, {error}") from None
    return _rule_file(path, found)


class _MeaninglessError(Exception):
    """What the grammar allows but no rule can mean."""


@cache
def _parser() -> Lark:
    grammar = files("phoenix.oca.language").joinpath("grammar.lark").read_text(encoding="ascii")
    return Lark(grammar, parser="lalr", transformer=_Parts(), maybe_placeholders=True)


def _message(error: UnexpectedInput, text: str, path: str) -> str:
    if isinstance(error, UnexpectedCharacters):
        found, names = f"{error.char!r}", error.allowed or set()
    else:
        token = getattr(error, "token", None)
        found = f"'{token}'" if token else "the end of the file"
        names = getattr(error, "accepts", None) or getattr(error, "expected", None) or set()
    line, column = _place(error, text)
    return (
        f"{path}, line {line}, column {column}: found {found}, "
        f"expected {_expected(names)}: {_line(text, line)}"
    )


def _place(error: UnexpectedInput, text: str) -> tuple[int, int]:
    """Return line and column, from 1; the end of the text where the error has none."""
    token = getattr(error, "token", None)
    if token is not None and token.type == "$END":
        return text.count("\n") + 1, len(text) - (text.rfind("\n") + 1) + 1
    return error.line, error.column


def _line(text: str, number: int) -> str:
    lines = text.splitlines()
    return lines[number - 1].strip()[:100] if 0 < number <= len(lines) else ""


def _expected(names: set[str]) -> str:
    words = sorted({_word(name) for name in names})
    more = ", ..." if len(words) > _SHOWN else ""
    return " or ".join((", ".join(words[:_SHOWN]) + more).rsplit(", ", 1)) or "nothing more"


def _word(terminal: str) -> str:
    if terminal in _NAMES:
        return _NAMES[terminal]
    return f"'{_parser().get_terminal(terminal).pattern.value}'"


def _rule_file(path: str, parts: list[_Part]) -> oca.RuleFile:
    """Sort the statements; limits hold for the execute rule that follows."""
    with_limits = _limited(parts)
    for part in with_limits:
        if _is_deep(part):
            raise RuleSyntaxError(
                f"{path}, line {part.line}: found a condition nested too deeply, expected at most "
                f"{DEEPEST} levels; write it with and/or on one level"
            )
    return oca.RuleFile(
        path,
        tuple(part for part in with_limits if isinstance(part, oca.Classification)),
        tuple(part for part in with_limits if isinstance(part, oca.Execute)),
        tuple(part for part in with_limits if isinstance(part, oca.Action)),
    )


def _is_deep(part: object) -> bool:
    """Whether a part nests more levels than the rest of this package, which recurs, can bear.

    A level is an expression and, for and/or, the tuple of its parts.
    """
    level = [part]
    for _ in range(2 * DEEPEST + _AROUND):
        level = [child for one in level for child in _within(one)]
        if not level:
            return False
    return True


def _within(part: object) -> Iterable[object]:
    if isinstance(part, tuple):
        return part
    kind = type(part)
    return astuple(part, recurse=False) if has(kind) else ()  # type: ignore[arg-type]  # it is


def _limited(parts: list[_Part]) -> list[_Part]:
    """Give each execute or select rule the minRet and maxRet that stand in front of it."""
    pending: dict[str, int] = {}
    limited = []
    for part in parts:
        if isinstance(part, dict):
            pending |= part
        elif isinstance(part, oca.Select | oca.Execute):
            limited.append(_with_limits(part, pending))
            pending = {}
        else:
            limited.append(part)
    return limited


def _with_limits(
    rule: oca.Select | oca.Execute, limits: dict[str, int]
) -> oca.Select | oca.Execute:
    least, most = limits.get("min_files"), limits.get("max_files")
    return evolve(rule, min_files=least, max_files=most)


def _key(name: str) -> oca.Key:
    for scope in (oca.Scope.INPUT, oca.Scope.LAST):
        if name.startswith(scope.value):
            return oca.Key(name[len(scope.value) :], scope)
    return oca.Key(name)


def _days(expression: oca.Expression, word: Token) -> float:
    value = expression.value if isinstance(expression, oca.Literal) else None
    if isinstance(value, bool | str) or value is None:
        raise _MeaninglessError(
            f"line {word.line}: found tryBetween with {expression}, expected a number of days"
        )
    return float(value)


@v_args(inline=True)
class _Parts(Transformer[Token, _Part]):
    """Builds the parts while the parser runs; one method per rule of the grammar."""

    def start(self, *statements: _Part) -> list[_Part]:
        return list(statements)

    def classification(
        self, head: Token, condition: oca.Expression, *items: _Part
    ) -> oca.Classification:
        return oca.Classification(condition, items, line=head.line or 0)

    def assignment(self, key: Token, expression: oca.Expression) -> oca.Assignment:
        return oca.Assignment(str(key), expression, line=key.line or 0)

    def where(self, condition: oca.Expression) -> oca.Expression:
        return condition

    def keys(self, *names: Token) -> tuple[str, ...]:
        return tuple(map(str, names))

    def group(self, keys: tuple[str, ...], event: Token | None, tag: Token | None) -> _Group:
        return keys, str(event or ""), str(tag or "")

    def execute(
        self,
        head: Token,
        action: Token,
        source: Token,
        where: oca.Expression | None,
        group: _Group | None,
    ) -> oca.Execute:
        keys, event, tag = group or ((), "", "")
        return oca.Execute(
            action=str(action),
            source=str(source),
            condition=where,
            group_by=keys,
            event=event,
            tag=tag,
            line=head.line or 0,
        )

    def window(self, begin: oca.Expression, word: Token, end: oca.Expression) -> oca.Window:
        return oca.Window(_days(begin, word), _days(end, word))

    def windows(self, *windows: oca.Window) -> tuple[oca.Window, ...]:
        return windows

    def select(
        self,
        head: Token,
        name: Token,
        source: Token,
        where: oca.Expression | None,
        windows: tuple[oca.Window, ...],
    ) -> oca.Select:
        return oca.Select(
            name=str(name),
            source=str(source),
            condition=where,
            windows=windows,
            line=head.line or 0,
        )

    def parameters(self, *texts: Token) -> tuple[str, ...]:
        return tuple(str(text)[1:-1] for text in texts)

    def recipe(
        self, head: Token, name: Token, options: tuple[str, ...] | None = None
    ) -> oca.RecipeCall:
        words = tuple(word for option in options or () for word in option.split())
        return oca.RecipeCall(str(name), words, line=head.line or 0)

    def product(self, head: Token, name: Token, *items: oca.Assignment) -> oca.ProductRule:
        return oca.ProductRule(str(name), items, line=head.line or 0)

    def priority(self, number: Token) -> int:
        return int(float(number))

    def limit(self, which: Token, number: Token) -> dict[str, int]:
        name = "min_files" if which == "minRet" else "max_files"
        return {name: int(float(number))}

    def action(self, head: Token, name: Token, *items: _Part) -> oca.Action:
        parts = _limited(list(items))

        def of(kind: type) -> tuple[_Part, ...]:
            return tuple(part for part in parts if isinstance(part, kind))

        return oca.Action(
            str(name),
            of(oca.Select),
            next(reversed(of(oca.RecipeCall)), None),
            of(oca.ProductRule),
            next(reversed(of(int)), 0),
            of(oca.Assignment),
            line=head.line or 0,
        )

    def either(self, *parts: _Part) -> oca.Either:
        return oca.Either(parts[::2])

    def both(self, *parts: _Part) -> oca.Both:
        return oca.Both(parts[::2])

    def negated(self, _not: Token, part: oca.Expression) -> oca.Negated:
        return oca.Negated(part)

    def compared(
        self, left: oca.Expression, operator: Token, right: oca.Expression
    ) -> oca.Compare:
        return oca.Compare(str(operator), left, right)

    def like(self, subject: oca.Expression, _like: Token, pattern: Token) -> oca.Like:
        return oca.Like(subject, str(pattern)[1:-1])

    def regexp(self, subject: oca.Expression, _regexp: Token, pattern: Token) -> oca.Regexp:
        try:
            compiled_pattern(pattern[1:-1])
        except re2.error as error:
            raise _MeaninglessError(
                f"line {pattern.line}, column {pattern.column}: found {pattern}, "
                f"expected a regular expression ({error})"
            ) from None
        return oca.Regexp(subject, str(pattern)[1:-1])

    def undefined(self, subject: oca.Expression, *_words: Token) -> oca.Undefined:
        return oca.Undefined(subject)

    def defined(self, subject: oca.Expression, *_words: Token) -> oca.Negated:
        return oca.Negated(oca.Undefined(subject))

    def calculated(
        self, left: oca.Expression, operator: Token, right: oca.Expression
    ) -> oca.Arithmetic:
        return oca.Arithmetic(str(operator), left, right)

    def minus(self, _minus: Token, part: oca.Expression) -> oca.Expression:
        if isinstance(part, oca.Literal) and not isinstance(part.value, str):
            return oca.Literal(-part.value)
        return oca.Arithmetic("-", oca.Literal(0), part)

    def key(self, name: Token) -> oca.Key:
        return _key(str(name))

    def text(self, quoted: Token) -> oca.Literal:
        return oca.Literal(str(quoted[1:-1]).rstrip())

    def number(self, digits: Token) -> oca.Literal:
        return oca.Literal(int(digits) if digits.isdecimal() else float(digits))

    def true(self, _word: Token) -> oca.Literal:
        return oca.Literal(value=True)

    def false(self, _word: Token) -> oca.Literal:
        return oca.Literal(value=False)
