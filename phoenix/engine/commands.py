"""Commands of batch systems, run: what is asked while other things are done, and cancelling."""

from __future__ import annotations

import os
import shlex
import subprocess
import tempfile
import time
from typing import IO, TYPE_CHECKING

from phoenix.model.plain import one_line, plain_log, shortened

if TYPE_CHECKING:
    from phoenix.engine.batch import BatchSystem

__all__ = ["Question", "cancel_all"]

_log = plain_log(__name__)

# Ours: a busy batch system takes its time; one that is down must not hold us for ever.
_ASK_S = 60.0
_CANCEL_S = 20.0


class Question:
    """What is asked of a batch system while other things are done.

    Parameters
    ----------
    system : BatchSystem
        Which one.
    mark : str
        Where all jobs with this mark stand.
    """

    def __init__(self, system: BatchSystem, mark: str) -> None:
        command = _filled(system.ask, mark)
        self._until = time.monotonic() + _ASK_S
        self._streams: tuple[IO[bytes], IO[bytes]] = (
            tempfile.TemporaryFile(),  # noqa: SIM115 - closed with the question
            tempfile.TemporaryFile(),  # noqa: SIM115 - the same
        )
        self._process: subprocess.Popen[bytes] | None = None
        self._wrong = ""
        try:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=self._streams[0],
                stderr=self._streams[1],
                process_group=0,
            )
        except OSError as error:
            self._wrong = f"{command[0]}: {error.strerror}"

    def answer(self) -> tuple[int, str, str] | None:
        """Return exit code, output and error output, None before the command has ended."""
        if self._process is None:
            self.close()
            return 1, "", self._wrong
        code = self._process.poll()
        if code is None:
            if time.monotonic() < self._until:
                return None
            self.close()
            return 1, "", f"no answer within {_ASK_S:g} s"
        texts = [_text(stream) for stream in self._streams]
        self.close()
        return code, texts[0], texts[1]

    def close(self) -> None:
        """End the command, if it runs."""
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        for stream in self._streams:
            stream.close()


def cancel_all(system: BatchSystem, mark: str) -> bool:
    """Take all jobs with a mark out of the queue; return whether the batch system has done it."""
    command = _filled(system.cancel, mark)
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_CANCEL_S,
            check=False,
            # Ctrl-C on the terminal is for the coordinator.
            process_group=0,
        )
        wrong = one_line(done.stderr) or f"exit code {done.returncode}" if done.returncode else ""
    except (OSError, subprocess.TimeoutExpired) as error:
        wrong = one_line(str(error))
    if wrong:
        told = shlex.join(command)
        _log.warning("batch jobs may be left in the queue (%s); %s", shortened(wrong), told)
    return not wrong


def _filled(command: tuple[str, ...], mark: str) -> tuple[str, ...]:
    return tuple(word.format(mark=mark, user=os.getuid()) for word in command)


def _text(stream: IO[bytes]) -> str:
    stream.seek(0)
    return stream.read().decode("utf-8", "replace")
