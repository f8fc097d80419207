"""Write into docs/tutorial/first-night.md what its commands print on a terminal.

``python tools/make_tutorial.py`` follows the tutorial to the letter, with the true recipes, and
puts what each command shows in place of what stood there; it takes a few minutes. A test follows
it too and compares.
"""

from __future__ import annotations

import os
import re
import shlex
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import frozen
from terminal import record

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["FAILS", "PAGE", "Shown", "alike", "follow", "parts", "shown"]

PAGE = Path(__file__).parents[1] / "docs" / "tutorial" / "first-night.md"
COLUMNS = 120
FAILS = "   # leaves with 1"
MORE = "..."
_BLOCK = re.compile(r"(```console\n)(.*?)(```)", re.DOTALL)


@frozen
class Shown:
    """A command of the page, and the lines that stand below it."""

    command: str
    lines: tuple[str, ...]

    def __str__(self) -> str:
        return "".join(f"{line}\n" for line in (f"$ {self.command}", *self.lines))


def parts(block: str) -> tuple[Shown, ...]:
    """Return the commands of a block with what stands below each."""
    found: list[list[str]] = []
    for line in block.splitlines():
        if line.startswith("$ "):
            found.append([line[2:]])
        elif found:
            found[-1].append(line)
    return tuple(Shown(lines[0], tuple(lines[1:])) for lines in found)


def follow(text: str, folder: Path) -> Iterator[tuple[Shown, str, int]]:
    """Run all commands of a page in a folder; yield each with its screen and its exit code."""
    where = folder
    for block in _BLOCK.findall(text):
        for part in parts(block[1]):
            words = shlex.split(part.command.removesuffix(FAILS))
            if words[0] == "cd":
                where /= words[1]
                yield part, "", 0
                continue
            _, screen, code = record(words, where, COLUMNS, _environment())
            yield part, screen.replace(str(folder), "~/first-night"), code


def shown(part: Shown, screen: str) -> Shown:
    """Return a command with what it showed now, as much of it as the page has."""
    lines = screen.splitlines()
    if part.command.startswith("phoenix ab diff"):
        lines = [line for line in lines if line.startswith(("+", "-"))]
    if part.lines[-1:] == (MORE,):
        lines = [*lines[: len(part.lines) - 1], MORE]
    return Shown(part.command, tuple(lines))


def alike(part: Shown, folder: str = "") -> str:
    """Return what is the same at every run: no times, nor widths and folds that follow from them.

    Parameters
    ----------
    part : Shown
        The command with its screen.
    folder : str, optional
        Where it was run; its name may be folded.
    """
    # Which AB of several was the last to end is a matter of chance.
    told = re.sub(r"(?m)^  \S+ (successful in|blocked by|failed:|gated) .*$", "", str(part))
    told = re.sub(r"[\s\u2500\u2501]+", "", told)
    told = told.replace(folder, "~/first-night") if folder else told
    return re.sub(r"[0-9]+([.:][0-9]+)*", "#", told)


def main() -> None:
    """Follow the page and write what came of it."""
    text = PAGE.read_text("utf-8")
    with tempfile.TemporaryDirectory() as place:
        now = [shown(part, screen) for part, screen, _ in follow(text, Path(place))]
    told = iter(now)
    blocks = (_again(block[1], told) for block in _BLOCK.findall(text))
    PAGE.write_text(_BLOCK.sub(lambda match: match[1] + next(blocks) + match[3], text), "utf-8")
    sys.stdout.write(f"{PAGE}\n")


def _again(block: str, told: Iterator[Shown]) -> str:
    return "".join(str(next(told)) for _ in parts(block))


def _environment() -> dict[str, str]:
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    home = os.environ["HOME"]
    return {"PATH": path, "HOME": home, "TERM": "xterm", "NO_COLOR": "1", "USER": "you"}


if __name__ == "__main__":
    main()
