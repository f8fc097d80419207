"""The reference page of the verbs, made of their own help.

``python -m phoenix.cli.reference > docs/reference/commands.md`` writes it; a test compares.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer.main

from phoenix.cli.app import build_app
from phoenix.cli.console import say

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["reference", "verbs"]

_HEAD = """# Commands

<!-- Made by `python -m phoenix.cli.reference`; edit the docstrings in phoenix/cli instead. -->

`phoenix VERB ...` and `python -m phoenix VERB ...` are the same; a call without a verb, such as
`python -m phoenix -d 2020-01-01`, is that of the old tool and means `phoenix run`. Every verb has
`--help`. A plugin may add verbs of its own under the name of its instrument.

| exit code | meaning |
|---|---|
| 0 | done, nothing is wrong |
| 1 | something is wrong with the data: an AB without products, an invalid file, nothing there |
| 2 | not done, or not to the end: the call, the settings or the machine must be mended |
| 3 | not to the end: a person must certify what is named; the same call then does the rest |
| 130 | stopped by Ctrl-C or SIGTERM; the same call again takes up where it was |

Tables go to standard output, as JSON with `--json`; progress and complaints go to standard error,
a bar on a terminal and one plain line an AB in a log.
"""


def verbs() -> dict[str, Any]:
    """Return the commands of the core by the words that call them, ``ab list``."""
    return dict(_walk(typer.main.get_command(build_app()), ()))


def _walk(command: Any, words: tuple[str, ...]) -> Iterator[tuple[str, Any]]:  # noqa: ANN401 - typer's own click has no stable types
    below = getattr(command, "commands", None)
    if below is None:
        yield " ".join(words), command
        return
    if words and getattr(command, "invoke_without_command", False):
        yield " ".join(words), command
    for name, child in below.items():
        yield from _walk(child, (*words, name))


def reference() -> str:
    """Return the whole page, in Markdown."""
    found = verbs()
    table = (
        f"| [`{name}`](#{_anchor(name)}) | {_story(verb)[0]} |" for name, verb in found.items()
    )
    parts = (_part(name, verb) for name, verb in found.items())
    return "\n".join((_HEAD, "| verb | does |\n|---|---|", *table, "", *parts))


def _anchor(name: str) -> str:
    return f"phoenix-{name}".replace(" ", "-")


def _story(verb: Any) -> tuple[str, list[str], str]:  # noqa: ANN401 - the same
    """Return the first sentence of a verb's help, what follows, and its example."""
    paragraphs = [" ".join(part.split()) for part in str(verb.help).split("\n\n")]
    examples = [part for part in paragraphs if part.startswith("Example: ")]
    told = [part for part in paragraphs if part not in examples]
    return told[0], told[1:], "".join(examples).removeprefix("Example: ")


def _part(name: str, verb: Any) -> str:  # noqa: ANN401 - the same
    first, more, example = _story(verb)
    rows = [_row(given) for given in verb.params if given.name != "help"]
    table = ["| given | meaning |", "|---|---|", *rows, ""] if rows else []
    example_lines = ["```console", f"$ {example}", "```", ""]
    texts = [line for text in (first, *more) for line in (text, "")]
    return "\n".join((f"## phoenix {name}", "", *texts, *example_lines, *table))


def _row(given: Any) -> str:  # noqa: ANN401 - the same
    if given.param_type_name == "argument":
        words = f"{given.name.upper()}{'...' if given.nargs != 1 else ''}"
    else:
        value = "" if given.is_flag else f" {given.name.upper()}"
        words = f"{', '.join(sorted(given.opts, key=len))}{value}"
    return f"| `{words}` | {given.help}{_facts(given)} |"


def _facts(given: Any) -> str:  # noqa: ANN401 - the same
    facts = []
    if given.required:
        facts.append("required")
    elif given.default and not given.is_flag:
        facts.append(f"default `{given.default}`")
    if given.envvar:
        facts.append(f"environment variable `{given.envvar}`")
    return f" ({'; '.join(facts)})" if facts else ""


if __name__ == "__main__":
    say(reference().rstrip("\n"))
