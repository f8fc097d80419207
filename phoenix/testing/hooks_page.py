"""The reference page of the hooks, made of their own docstrings.

``python -m phoenix.testing.hooks_page > docs/reference/hooks.md`` writes it; a test compares.
"""

from __future__ import annotations

import inspect
import re
import sys
from typing import TYPE_CHECKING, Any

from phoenix import hookspecs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import ModuleType

__all__ = ["hook_names", "hooks_page"]

HEAD = """# Hooks

<!-- Made by `python -m phoenix.testing.hooks_page`; edit phoenix/hookspecs/ instead. -->

A plugin is a module with an entry point in the group `phoenix.instruments`. It implements the
hooks below as functions marked with `phoenix.hookimpl`, each taking the arguments it needs and no
others, or says which function or rows of another module answer them (`answered_by`). *first*: the
first answer that is not None wins, None means "the default will do". *all*: answers are added up.
See [how to write a plugin](../how-to/write-a-plugin.md).
"""

_SECTION = re.compile(r"^(\w+)\n-{3,}$", re.MULTILINE)
_ROLE = re.compile(r":\w+:`~?(?:[\w.]*\.)?(\w+)`")


def hook_names() -> tuple[str, ...]:
    """Return the names of all hooks in the order of the work, as their modules have them."""
    return tuple(name for part in hookspecs.PARTS for name in _names(part))


def _names(part: ModuleType) -> tuple[str, ...]:
    found = (getattr(part, name) for name in part.__all__)
    hooks = sorted(found, key=lambda function: function.__code__.co_firstlineno)
    return tuple(function.__name__ for function in hooks)


def hooks_page() -> str:
    """Return the whole page."""
    return "\n".join(
        (HEAD, *_table(), "", *(line for name in hook_names() for line in _part(name)))
    )


def _hook(name: str) -> Callable[..., Any]:
    function: Callable[..., Any] = getattr(hookspecs, name)
    return function


def _kind(name: str) -> str:
    return "first" if getattr(_hook(name), "phoenix_spec")["firstresult"] else "all"  # noqa: B009 - pluggy sets it


def _summary(name: str) -> str:
    return (inspect.getdoc(_hook(name)) or "").partition("\n")[0]


def _table() -> Iterator[str]:
    yield "| hook | what it does | answers |"
    yield "|---|---|---|"
    for name in hook_names():
        summary = re.sub(r" \((?:first|all)\)|`(?=`)", "", _summary(name)).rstrip(".")
        yield f"| [`{name}`](#{name.replace('_', '-')}) | {summary} | {_kind(name)} |"


def _part(name: str) -> Iterator[str]:
    function = _hook(name)
    arguments = ", ".join(inspect.signature(function).parameters)
    yield f"({name.replace('_', '-')})="
    yield f"## `{name}({arguments})`"
    yield ""
    yield _markdown(inspect.getdoc(function) or "")
    yield ""


def _markdown(docstring: str) -> str:
    text, example, code = docstring.partition("Examples\n--------\n")
    plain = _ROLE.sub(r"`\1`", text).replace("``", "`").rstrip()
    head, *sections = _SECTION.split(plain)
    pairs = zip(sections[::2], sections[1::2], strict=True)
    parts = [head.strip(), *(f"**{title}**\n\n{_items(body)}" for title, body in pairs)]
    if example:
        parts.append(f"**Example**\n\n```python\n{_code(code)}\n```")
    return "\n\n".join(parts)


def _items(body: str) -> str:
    """Turn numpydoc's entries, whose text is indented, into a list."""
    lines = (line for line in body.strip().splitlines() if line.strip())
    return "\n".join(
        f"  {line.strip()}" if line.startswith(" ") else f"- `{line}`" for line in lines
    )


def _code(lines: str) -> str:
    code = "\n".join(re.sub(r"^(>>>|\.\.\.) ?", "", line) for line in lines.splitlines())
    # An empty line in a docstring parts two examples; functions have two between them.
    return code.replace("\n\n", "\n\n\n")


if __name__ == "__main__":
    sys.stdout.write(hooks_page())
