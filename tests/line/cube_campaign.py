"""A night of MUSE, killed again and again through the true recipes; prints survived/tried.

    python tests/line/cube_campaign.py [--kills 12] [--seed 1] [--setup sky-apart] [--folder DIR]

Needs esorex and the pipeline of MUSE. The coordinator, a worker and a recipe are killed by turns
at random moments (SIGKILL); when a worker or a recipe was killed the run goes on for a while, and
is killed then. The same command is given until the night is done, and is begun anew if that was
before the last kill. In the end pixels and tables of all products must be those of a night that
nobody disturbed, and nothing else may lie there: no table that was to leave, no try in scratch.
"""

from __future__ import annotations

import argparse
import contextlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil
from nightwork import DATE, half_written, phoenix, states, sums_of

from phoenix.instrument import load_instrument
from phoenix.line.workspace import create_workspace
from phoenix.model.dates import CivilDate
from phoenix.simulate.night import SimulationOptions

VICTIMS = ("coordinator", "worker", "recipe")
SOON = 5.0
"""Seconds within which a victim must have been born; else the moment is passed over."""


def simulate(folder: Path, setup: str) -> Path:
    """Simulate a small night of one programme."""
    muse = load_instrument("muse")
    options = SimulationOptions(setups=(setup,))
    muse.simulate(muse.process("MUSE_IFU"), CivilDate.parse(DATE), folder, options)
    return folder


def begin(work: Path) -> list[str]:
    return [sys.executable, "-m", "phoenix", "run", "-w", str(work), "-d", DATE, "-P"]


def sums(work: Path) -> dict[str, list[str]]:
    """Return checksums of the data of every product, and the names of all that is not FITS."""
    places = [path for path in (work / "products").rglob("*") if path.is_file()]
    return {
        path.relative_to(work).as_posix(): sums_of(path) if path.suffix == ".fits" else []
        for path in places
    }


def is_done(work: Path) -> bool:
    """Tell whether all ABs of a night have ended, well or not."""
    return bool(found := states(work)) and {"successful"} == set(found.values())


def victims(process: subprocess.Popen[bytes], kind: str) -> list[psutil.Process]:
    """Return the processes of a run of one kind."""
    with contextlib.suppress(psutil.Error):
        head = psutil.Process(process.pid)
        if kind == "coordinator":
            return [head]
        if kind == "worker":
            return head.children()
        return [one for one in head.children(recursive=True) if one.name().startswith("esorex")]
    return []


def kill(process: subprocess.Popen[bytes], kind: str, chance: random.Random) -> bool:
    """Kill one process of a kind as soon as there is one; return whether there was."""
    until = time.monotonic() + SOON
    while process.poll() is None and time.monotonic() < until:
        for victim in chance.sample(found := victims(process, kind), min(1, len(found))):
            with contextlib.suppress(psutil.Error):
                victim.kill()
                return True
        time.sleep(0.02)
    return False


def run_and_kill(work: Path, kind: str, within: float, chance: random.Random) -> bool:
    """Run, kill one of a kind at a random moment, and the run itself; return whether one died."""
    with subprocess.Popen(
        begin(work), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as run:
        with contextlib.suppress(subprocess.TimeoutExpired):
            run.wait(chance.uniform(0.5, within))
        died = kill(run, kind, chance)
        if kind != "coordinator":
            with contextlib.suppress(subprocess.TimeoutExpired):
                run.wait(chance.uniform(0.0, within))
        run.send_signal(signal.SIGKILL)
    return died


def differences(work: Path, calm: Path, expected: dict[str, list[str]]) -> list[str]:
    """Say in what a night that was killed is not one that nobody disturbed."""
    found = sums(work)
    told = [f"lacks {name}" for name in sorted(expected.keys() - found.keys())]
    told += [f"has {name}" for name in sorted(found.keys() - expected.keys())]
    told += [
        f"other pixels in {name}"
        for name in sorted(found.keys() & expected.keys())
        if found[name] != expected[name]
    ]
    told += [f"left {name}" for name in half_written(work)]
    if states(work) != states(calm):
        told.append(f"states {states(work)}")
    return told


def main() -> int:
    """Kill, take up, compare; 1 if something was not as in the calm night."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=12)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--setup", default="sky-apart")
    parser.add_argument("--folder", type=Path, default=None)
    options = parser.parse_args()
    chance = random.Random(options.seed)
    killed, nights, told = [], 0, []
    with tempfile.TemporaryDirectory(dir=options.folder) as scratch:
        night, calm = simulate(Path(scratch) / "night", options.setup), Path(scratch) / "calm"
        create_workspace(calm, "MUSE_IFU", (night,))
        began = time.monotonic()
        phoenix(*begin(calm)[3:], check=True)
        within = 0.25 * (time.monotonic() - began)
        expected = sums(calm)
        while len(killed) < options.kills:
            nights += 1
            work = Path(scratch) / f"killed{nights}"
            create_workspace(work, "MUSE_IFU", (night,))
            while len(killed) < options.kills and not is_done(work):
                kind = VICTIMS[len(killed) % len(VICTIMS)]
                if run_and_kill(work, kind, within, chance):
                    killed.append(kind)
                    print(f"killed a {kind}: {sorted(states(work).values())}", flush=True)
            done = phoenix(*begin(work)[3:])
            wrong = [f"exit code {done.returncode}: {done.stderr[-300:]}"] * bool(done.returncode)
            wrong += differences(work, calm, expected)
            print(f"night {nights}: {'; '.join(wrong) or 'as the calm one'}", flush=True)
            told += wrong
            shutil.rmtree(work)
    counts = ", ".join(f"{kind} {killed.count(kind)}" for kind in VICTIMS)
    print(
        f"{len(killed)} kills ({counts}) of {nights} nights, {len(expected)} files compared each"
    )
    return int(bool(told))


if __name__ == "__main__":
    sys.exit(main())
