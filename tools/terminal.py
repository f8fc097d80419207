"""What a terminal shows: a command on a pseudo-terminal of so many columns, read as plain text."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import termios
import time
from typing import TYPE_CHECKING

from attrs import field, frozen

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

__all__ = ["Screen", "record"]

_CONTROL = re.compile(r"\x1b\[(?P<numbers>[0-9;?]*)(?P<letter>[A-Za-z])|\x1b.|(?P<text>[^\x1b])")
_ROWS, _TAB = 60, 8


@frozen(eq=False)
class Screen:
    """As much of a terminal as rich makes use of (ECMA-48): lines, erasing, going up."""

    lines: list[str] = field(factory=lambda: [""])
    place: list[int] = field(factory=lambda: [0, 0])

    def write(self, text: str) -> None:
        """Take what a program writes."""
        for match in _CONTROL.finditer(text):
            if match["text"]:
                self._letter(match["text"])
            elif match["letter"]:
                self._control(match["letter"], match["numbers"])

    def _letter(self, letter: str) -> None:
        row, column = self.place
        if letter == "\n":
            self.place[0] += 1
            while len(self.lines) <= self.place[0]:
                self.lines.append("")
        elif letter == "\r":
            self.place[1] = 0
        elif letter == "\t":
            self.place[1] += _TAB - self.place[1] % _TAB
        elif letter.isprintable():
            line = self.lines[row].ljust(column)
            self.lines[row] = line[:column] + letter + line[column + 1 :]
            self.place[1] += 1

    def _control(self, letter: str, numbers: str) -> None:
        if letter == "A":
            self.place[0] = max(self.place[0] - int(numbers or 1), 0)
        elif letter == "K" and numbers == "2":
            self.lines[self.place[0]] = ""

    def __str__(self) -> str:
        return "\n".join(line.rstrip() for line in self.lines).rstrip("\n")


def record(
    words: Sequence[str],
    folder: Path,
    columns: int,
    environment: Mapping[str, str],
    look: Callable[[str], bool] | None = None,
) -> tuple[str, str, int]:
    """Run a command to its end on a terminal.

    Parameters
    ----------
    words : sequence of str
        The command.
    folder : Path
        In which it is run.
    columns : int
        Of the terminal.
    environment : mapping of str to str
        All of it.
    look : callable, optional
        Given what the screen shows, whenever it has been quiet for a moment; the first screen for
        which it is true is returned too.

    Returns
    -------
    tuple of (str, str, int)
        The screen that was looked for (empty if it never came), the screen at the end, and the
        exit code.
    """
    child, terminal = pty.fork()
    if child == 0:
        # Not before it has its size does the command begin.
        os.read(0, 1)
        os.chdir(folder)
        os.execvpe(words[0], list(words), dict(environment))  # noqa: S606 - a script of ours
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", _ROWS, columns, 0, 0))
    mode = termios.tcgetattr(terminal)
    mode[3] &= ~termios.ECHO
    termios.tcsetattr(terminal, termios.TCSANOW, mode)
    os.write(terminal, b"\n")
    screen, seen = Screen(), ""
    while chunk := _read(terminal):
        screen.write(chunk)
        if look is not None and not seen and look(str(screen)):
            seen = str(screen)
    _, status = os.waitpid(child, 0)
    os.close(terminal)
    return seen, str(screen), os.waitstatus_to_exitcode(status)


def _read(terminal: int) -> str:
    data = b""
    try:
        data = os.read(terminal, 65536)
        # A screen is written in several pieces; letters too.
        time.sleep(0.02)
        data += b"" if not data else _rest(terminal)
    except OSError:
        # The program has ended (pty(7)).
        return data.decode("utf-8", "replace")
    return data.decode("utf-8", "replace")


def _rest(terminal: int) -> bytes:
    os.set_blocking(terminal, False)
    try:
        return os.read(terminal, 65536)
    except BlockingIOError:
        return b""
    finally:
        os.set_blocking(terminal, True)
