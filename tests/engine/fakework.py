"""Work functions that need no recipe; imported by worker processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from phoenix.engine.job import Done
from phoenix.model.report import ABResult, JobState


def end_as_told(payload):
    """End in the state that the payload names, or raise."""
    name, state = payload
    if state == "raises":
        raise ValueError(f"no such lamp in {name}")
    reason = "" if state == "successful" else f"told to be {state}"
    return Done(ABResult(name, JobState(state), reason), value=name)


def note_times(payload):
    """Write down when it began and ended."""
    name, folder, seconds = payload
    began = time.monotonic()
    time.sleep(seconds)
    Path(folder, name).write_text(f"{began} {time.monotonic()}")
    return Done(ABResult(name, JobState.SUCCESSFUL))


def last_until_told(payload):
    """Last until there is a file of the job's name."""
    name, folder = payload
    while not Path(folder, name).exists():
        time.sleep(0.01)
    return Done(ABResult(name, JobState.SUCCESSFUL))


def meet(payload):
    """Tell whether another job ran at the same time."""
    name, folder, patience = payload
    mark = Path(folder, name)
    mark.touch()
    deadline = time.monotonic() + patience
    while not (met := len(list(Path(folder).iterdir())) > 1) and time.monotonic() < deadline:
        time.sleep(0.01)
    # The other one has yet to see it.
    if not met:
        mark.unlink()
    return Done(ABResult(name, JobState.SUCCESSFUL), value=met)


def die_some_times(payload):
    """Kill the own process, as long as there are fewer marks than told."""
    name, folder, deaths = payload
    marks = len(list(Path(folder).glob(f"{name}.*")))
    if marks < deaths:
        Path(folder, f"{name}.{marks}").touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return Done(ABResult(name, JobState.SUCCESSFUL))


def kill_the_machine(payload):
    """Kill the dask worker above, as long as there are fewer marks than told."""
    name, folder, deaths = payload
    marks = len(list(Path(folder).glob(f"{name}.*")))
    if marks < deaths:
        Path(folder, f"{name}.{marks}").touch()
        os.kill(os.getppid(), signal.SIGKILL)
        time.sleep(1000)
    return Done(ABResult(name, JobState.SUCCESSFUL))


def leave_by_the_back_door(name):
    """End the process as a careless library does."""
    os._exit(3 if name else 0)


def return_something_else(name):
    return name


def return_what_cannot_be_sent(name):
    return Done(ABResult(name, JobState.SUCCESSFUL), value=lambda: name)


class Trap:
    """Can be sent and not be received."""

    def __reduce__(self):
        return sys.exit, ()


class Snag:
    """Can be received by a worker and not by the coordinator."""

    def __reduce__(self):
        return _only_in, (os.getpid(),)


def _only_in(pid):
    if pid != os.getpid():
        raise RuntimeError("not in this process")
    return pid


def return_a_snag(name):
    return Done(ABResult(name, JobState.SUCCESSFUL), value=Snag())


def run_for_ever(payload):
    """Start a recipe in a session of its own, as esorex is, and wait for it."""
    name, folder = payload
    recipe = subprocess.Popen(["/bin/sleep", "1000"], start_new_session=True)
    Path(folder, name).write_text(f"{os.getpid()} {recipe.pid}")
    recipe.wait()
    return Done(ABResult(name, JobState.SUCCESSFUL))


def run_a_recipe(payload):
    """The same with the payload of a night."""
    name, _, root = payload
    return run_for_ever((name, root))


def publish_by_rename(payload):
    """Do what a step does: take up what is published, else work in scratch and rename.

    Every time that the work is really done leaves one line in ``done``.
    """
    name, parents, root = payload
    final = Path(root, "products", name)
    if not final.exists():
        scratch = Path(root, "scratch", f"{name}.{os.getpid()}")
        scratch.write_text(_product(name, parents, root)[:3])
        time.sleep(0.03)
        scratch.write_text(_product(name, parents, root))
        with Path(root, "done").open("a") as log:
            log.write(f"{name}\n")
        scratch.rename(final)
    return Done(ABResult(name, JobState.SUCCESSFUL, products=1), value=final.read_text())


def _product(name, parents, root):
    return (
        name + "(" + ",".join(Path(root, "products", above).read_text() for above in parents) + ")"
    )


def pause(payload):
    """Last until killed."""
    name, _, root = payload
    Path(root, "paused").touch()
    time.sleep(1000)
    return Done(ABResult(name, JobState.SUCCESSFUL))
