"""Recipe runners: one small interface behind which esorex and Python callables look the same."""

from __future__ import annotations

import os
import platform
import re
import subprocess
import time
from typing import TYPE_CHECKING, Protocol, Self

from attrs import field, frozen

from phoenix.errors import SettingsError
from phoenix.formats.files import is_plain_file
from phoenix.model.plain import plain
from phoenix.model.recipe import KILL_GRACE_S
from phoenix.model.settings import ALL_PIPELINES, PipelinePlace
from phoenix.pipelines.places import SYSTEM_PATH
from phoenix.steps.recipe.child import signal_name, wait_for_child
from phoenix.steps.shelf.scratch import SCRATCH_MARK, end_orphans

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from phoenix.model.frames import SetOfFrames
    from phoenix.model.recipe import Parameter
    from phoenix.pipelines.places import PipelinePlaces

__all__ = [
    "MEMORY",
    "RecipeCall",
    "RecipeExit",
    "RecipeRunner",
    "RunnerSettings",
    "head_and_tail",
    "recipe_environment",
    "run_command",
]

MOST_LOGGED = 20_000_000
"""Bytes of a log that are kept (ours): the longest of an honest recipe has 2 MB."""

MEMORY = {
    "MALLOC_MMAP_THRESHOLD_": str(2**27),
    "MALLOC_TRIM_THRESHOLD_": str(2**29),
    "MALLOC_TOP_PAD_": str(2**26),
}
"""Tells glibc to keep images that a recipe gives back, for its next ones (mallopt(3), in bytes).

A recipe takes and gives back dozens of them, and the kernel clears each page again: without this a
GIRAFFE night takes 7 % longer. Arrays above 128 MiB still go back at once, so that the peak memory
of an IFU recipe does not grow.
"""


@frozen
class RunnerSettings:
    """How recipes are started.

    Attributes
    ----------
    places : mapping of str to PipelinePlace
        Where pipelines are, by name; what is not said is looked for.
    grace_s : float
        Seconds between SIGTERM and SIGKILL when a recipe has taken too long.
    environment : tuple of (str, str)
        Further environment variables for recipes; ``${NAME}`` in one stands for that variable
        of the machine on which the recipe runs.
    most_logged : int
        Bytes of a log, and of what is printed, that are kept.
    """

    places: PipelinePlaces = field(factory=dict)
    grace_s: float = KILL_GRACE_S
    environment: tuple[tuple[str, str], ...] = ()
    most_logged: int = MOST_LOGGED

    @classmethod
    def at(cls, esorex: object, plugin_dir: object, grace_s: float = KILL_GRACE_S) -> Self:
        """Return the settings for one esorex and one folder of pipelines, whatever is run."""
        place = PipelinePlace(esorex=str(esorex), plugin_dir=str(plugin_dir))
        return cls({ALL_PIPELINES: place}, grace_s)


@frozen
class RecipeCall:
    """One call of a recipe.

    Attributes
    ----------
    name : str
        Root of the AB, the name of log and set of frames.
    recipe : str
        Recipe name.
    frames : SetOfFrames
        What it reads.
    parameters : tuple of Parameter
        What it is told.
    folder : Path
        Its own working folder; the set of frames and the log are written there.
    output : Path
        Where its products go.
    cores : int
        Threads that it may start (OMP_NUM_THREADS).
    time_limit_s : float
        Wall seconds after which it is stopped.
    """

    name: str
    recipe: str
    frames: SetOfFrames
    parameters: tuple[Parameter, ...]
    folder: Path
    output: Path
    cores: int = 1
    time_limit_s: float = 3600.0

    @property
    def log(self) -> Path:
        """The recipe's log."""
        return self.folder / f"{self.name}.log"

    @property
    def sof(self) -> Path:
        """The set of frames as a file."""
        return self.folder / f"{self.name}.sof"

    @property
    def listing(self) -> Path:
        """The list of products that esorex writes."""
        return self.folder / "products.json"


@frozen
class RecipeExit:
    """How a recipe ended.

    Attributes
    ----------
    command : tuple of str
        The command line.
    code : int or None
        Exit code; None where a signal ended it.
    signal : str
        Name of that signal.
    time_limit_s : float
        The limit that it broke, 0 where it did not.
    started : float
        Unix time (s).
    host : str
        Name of the machine.
    wall_s, cpu_s : float
        Seconds of wall and CPU time.
    peak_memory_mb : float
        Peak resident memory in MB (10^6 bytes).
    log : str
        What it logged, and at the end what only went to standard error.
    """

    command: tuple[str, ...]
    code: int | None
    signal: str = ""
    time_limit_s: float = 0.0
    started: float = 0.0
    host: str = ""
    wall_s: float = 0.0
    cpu_s: float = 0.0
    peak_memory_mb: float = 0.0
    log: str = field(default="", repr=False)

    @property
    def ok(self) -> bool:
        """Whether it ended by itself with exit code 0 (which proves nothing)."""
        return self.code == 0 and not self.time_limit_s

    def __str__(self) -> str:
        if self.time_limit_s:
            return f"was stopped, it took longer than {self.time_limit_s:g} s"
        if self.signal:
            return f"was ended by signal {self.signal}"
        return f"ended with exit code {self.code}"


class RecipeRunner(Protocol):
    """Whatever can run a recipe."""

    def run(self, call: RecipeCall) -> RecipeExit:
        """Run the recipe to its end, in processes of its own, and say how it ended.

        Raises
        ------
        SettingsError
            If it cannot be started.
        OSError
            If its files cannot be written.
        """


def recipe_environment(
    call: RecipeCall, settings: RunnerSettings, machine: Mapping[str, str] = os.environ
) -> dict[str, str]:
    """Return the environment of a recipe: nothing of ours but what is asked for.

    Parameters
    ----------
    call : RecipeCall
        The recipe.
    settings : RunnerSettings
        With further variables.
    machine : mapping of str to str, optional
        The environment that these may refer to.

    Raises
    ------
    SettingsError
        If they refer to what there is not.
    """
    return {
        "PATH": SYSTEM_PATH,
        # A HOME of its own keeps esorex from reading a person's ~/.esorex.
        "HOME": str(call.folder),
        "TMPDIR": str(call.folder),
        "LC_ALL": "C",
        "TZ": "UTC",
        "OMP_NUM_THREADS": str(call.cores),
        **MEMORY,
        **{name: _filled(name, value, machine) for name, value in settings.environment},
        SCRATCH_MARK: str(call.folder),
    }


def _filled(name: str, value: str, machine: Mapping[str, str]) -> str:
    """Return the value of a variable with what it refers to."""

    def found(match: re.Match[str]) -> str:
        if match[1] not in machine:
            raise SettingsError(
                f"recipes.environment: {name}: found no variable {match[1]} on "
                f"{platform.node()}, expected one; set it there, as by a module in "
                "job_script_prologue of [engine.jobqueue]"
            )
        return machine[match[1]]

    return re.sub(r"\$\{(\w+)\}", found, value)


def run_command(
    command: tuple[str, ...],
    call: RecipeCall,
    settings: RunnerSettings,
    environment: Mapping[str, str],
) -> RecipeExit:
    """Run a command as the leader of a process group of its own; nothing of it survives.

    When the time is over, or when this call is broken off, the whole group gets SIGTERM and after
    a grace SIGKILL; so does, in the end, every process that has left the group.

    Raises
    ------
    SettingsError
        If there is no such program.
    """
    terminal = call.folder / "terminal.txt"
    started, clock = time.time(), time.monotonic()
    process = _start(command, call.folder, environment, terminal)
    try:
        ended = wait_for_child(process, call.time_limit_s, settings.grace_s)
    finally:
        # A child that has left the group (setsid) is known by its mark.
        end_orphans(call.folder)
    return RecipeExit(
        command=command,
        code=ended.code if ended.code >= 0 else None,
        signal=signal_name(-ended.code) if ended.code < 0 else "",
        time_limit_s=0.0 if ended.in_time else call.time_limit_s,
        started=started,
        host=platform.node(),
        wall_s=time.monotonic() - clock,
        cpu_s=ended.cpu_s,
        peak_memory_mb=ended.peak_memory_mb,
        log=_log_text(call, terminal, settings.most_logged),
    )


def _start(
    command: tuple[str, ...], folder: Path, environment: Mapping[str, str], terminal: Path
) -> subprocess.Popen[bytes]:
    with terminal.open("wb") as errors:
        try:
            return subprocess.Popen(
                command,
                cwd=folder,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=errors,
                start_new_session=True,
            )
        except (FileNotFoundError, PermissionError) as error:
            raise SettingsError(
                f"{command[0]}: found {error.strerror}, expected a program; install it or name "
                "it in phoenix.toml"
            ) from error


def _log_text(call: RecipeCall, terminal: Path, most: int) -> str:
    """Return the log, completed by what went to standard error and is not in it.

    What a terminal would obey is written out here, before anybody quotes or keeps it.
    """
    # esorex gives the log its name only at the end; after a crash it is still called .logfile.
    unnamed = call.folder / ".logfile"
    if unnamed.exists() and not call.log.exists():
        unnamed.replace(call.log)
    log = head_and_tail(call.log, most) if is_plain_file(call.log) else ""
    lines = head_and_tail(terminal, most).splitlines()
    foreign = [line for line in lines if line.strip() and not line.startswith("[ ")]
    return plain(log + "".join(f"{line}\n" for line in (foreign if log else lines)))


def head_and_tail(path: Path, most: int = MOST_LOGGED) -> str:
    """Return a text file; of one that is too long its two ends, and how much is between them.

    A recipe that went mad writes gigabytes. No more than `most` bytes are read of them.
    """
    size = path.stat().st_size
    with path.open("rb") as stream:
        if size <= most:
            # It may still grow, where a child lives on.
            return stream.read(most).decode("utf-8", "replace")
        head = stream.read(most // 2)
        stream.seek(size - most // 2)
        tail = stream.read(most // 2)
    left_out = f"\n... {size - len(head) - len(tail)} bytes left out ...\n"
    return head.decode("utf-8", "replace") + left_out + tail.decode("utf-8", "replace")
