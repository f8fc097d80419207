"""Trust, tried: kills, power cuts and hostile input by the hundred; prints survived/tried.

    python tests/line/campaign.py [--kills 300] [--cuts 100] [--odd 100] [--hostile 100]
                                  [--seed 1] [--folder DIR]

Needs esorex and the pipeline of GIRAFFE; takes a quarter of an hour on two cores.

- **Kills.** Each verb is begun again and again and killed at a random moment: its process, a
  worker or a recipe. In the end the same command must come to its end, and pixels and tables of
  the night, its IDPs and the archive must be those of a night that nobody disturbed.
- **Power cuts.** One file of every kind is emptied, or cut in the middle, in a night that is
  archived. The same commands must bring everything back, or name the file that only a backup
  brings back (:data:`ONLY_A_BACKUP`) and leave with something other than 0.
- **Odd files.** One file of every kind is a FIFO, a device or a socket instead. The same commands
  must end, and bring it back or name it and leave with something other than 0.
- **Hostile input.** ABs, frames and rules with random changes, and some made by hand. The verbs
  that read them must end by themselves, without a traceback, with an exit code of the reference,
  and leave what lies outside the workspace alone.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
from attrs import define, field
from nightwork import DATE, FIRST, make_workspace, phoenix, runs, states, sums_of

from phoenix.cli import run as call
from phoenix.instrument import load_instrument
from phoenix.model.dates import CivilDate
from phoenix.simulate.night import SimulationOptions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

VERBS = (
    (("run",), ("-d", DATE), 3.0, 0.35),
    (("convert",), ("-d", DATE), 1.2, 0.15),
    (("ingest",), ("-d", DATE), 1.2, 0.15),
    (("monitor",), ("-d", DATE), 1.0, 0.10),
    (("certify",), (FIRST, "--reject", "--by", "me", "--comment", "to be looked at"), 0.8, 0.05),
    (("certify",), (FIRST, "--by", "me", "--comment", "it is good"), 0.8, 0.05),
    (("pool", "index"), (), 0.8, 0.05),
    (("create-ab",), ("-d", DATE), 1.0, 0.05),
    (("run",), ("-d", DATE), 1.0, 0.05),
)
"""What is killed, in this order; within so many seconds of its begin; its share of the kills."""

KINDS = {
    "AB": "ab/*/*.ab",
    "raw frame": "raw/*/*.fits",
    "header of a raw frame": "headers/*/*",
    "static table": "calib/gen/*.fits",
    "master calibration": "calib/2*/*.fits",
    "manifest": "logs/*/*[!lt].json",
    "measurements": "logs/*/*.qc.json",
    "verdict": "logs/*/*.verdict.json",
    "hidden files": "listings/hidden.json",
    "comments": "listings/comments/*.json",
    "recipe's log": "logs/*/*.log",
    "set of frames": "logs/*/*.sof",
    "QC report": "plots/*/*.png",
    "science product": "reduced/*/*.fits",
    "IDP": "reduced/*/idp/*/GI_SRBS*.fits",
    "ancillary": "reduced/*/idp/*/GI_S[!R]*.fits",
    "record of a conversion": "reduced/*/idp/*/conversion.json",
    "page": "monitor/nights/*/index.html",
    "values of a page": "monitor/nights/*/index.json",
    "database": "phoenix.db",
    "settings": "phoenix.toml",
    "lock": "scratch/*.lock",
    "archived file": "archive/2*/*/v1/GI_SRBS*.fits",
    "archived content": "archive/content/*/*",
    "record of the archive": "archive/2*/*/v1/*.json",
}
"""Kind of a file to where one lies in a workspace."""

ONLY_A_BACKUP = frozenset({"settings", "database", "archived file", "archived content"})
"""What cannot be made again from the rest, or not without a person's word: settings, versions that
were handed over, and a database that may be one of which there is a copy."""

INPUTS = ("raw/", "calib/gen/")
"""What is read when an AB is run: nobody misses it before, and then it is fetched again."""

CODES = frozenset({0, 1, 2})


@define
class Tally:
    """What was tried, and what did not survive it."""

    name: str
    tried: int = 0
    lost: list[str] = field(factory=list)

    def note(self, what: str, why: str = "") -> None:
        """Count one try; it is lost if there is a reason."""
        self.tried += 1
        if why:
            self.lost.append(f"{what}: {why}")
            print(f"  LOST {what}: {why}", flush=True)

    def __str__(self) -> str:
        return f"{self.name:14} {self.tried - len(self.lost)} of {self.tried} survived"


# ---- kills -------------------------------------------------------------------------------------


def kills(folder: Path, night: Path, number: int, chance: random.Random) -> Tally:
    """Kill verbs at random moments; after each verb the workspace must be whole."""
    tally = Tally("kills")
    calm, work = make_workspace(folder / "calm", night), make_workspace(folder / "work", night)
    for verb, options, within, share in VERBS:
        name = " ".join(verb)
        phoenix(*verb, "-w", calm, *options, check=True)
        for _ in range(max(1, round(share * number))):
            words = (*verb, "-w", str(work), *options)
            tally.note(f"{name} killed", _kill_once(work, words, within, chance))
        done = phoenix(*verb, "-w", work, *options)
        why = "" if done.returncode == 0 else done.stderr[-300:]
        if not why and _data(work) != _data(calm):
            why = "files are not those of an undisturbed night"
        if not why and states(work) != states(calm):
            why = "states are not those of an undisturbed night"
        tally.note(f"{name} taken up", why)
    return tally


def _kill_once(work: Path, words: tuple[str, ...], within: float, chance: random.Random) -> str:
    """Begin, kill, look; return what is wrong."""
    command = [sys.executable, "-m", "phoenix", *words]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(chance.uniform(0.05, within))
    with contextlib.suppress(psutil.Error):
        head = psutil.Process(process.pid)
        kin = [head, *head.children(recursive=True)]
        victim = chance.choice(kin)
        victim.kill()
        if victim is not head:
            # A worker or a recipe more or less must not disturb the call; then it goes, too.
            time.sleep(chance.uniform(0.0, 0.3))
    process.send_signal(signal.SIGKILL)
    process.wait()
    try:
        # Every product that a manifest lists is whole.
        runs(work)
    except AssertionError as error:
        return str(error)
    return ""


# ---- power cuts --------------------------------------------------------------------------------


def power_cuts(folder: Path, night: Path, number: int, chance: random.Random) -> Tally:
    """Empty and cut one file of every kind of an archived night."""
    return _harmed(Tally("power cuts"), folder, night, (_empty, _cut), number, chance)


def odd_files(folder: Path, night: Path, number: int, chance: random.Random) -> Tally:
    """Put something that is no plain file in the place of one of every kind."""
    harms = (_fifo, _device, _socket)
    return _harmed(Tally("odd files"), folder, night, harms, number, chance)


def _harmed(
    tally: Tally,
    folder: Path,
    night: Path,
    harms: tuple[Callable[[Path], None], ...],
    number: int,
    chance: random.Random,
) -> Tally:
    whole = _archived_night(folder, night)
    expected = _data(whole)
    cases = [(kind, pattern, harm) for kind, pattern in KINDS.items() for harm in harms]
    for kind, pattern, harm in chance.sample(cases, min(number, len(cases))):
        work = folder / "cut"
        shutil.rmtree(work, ignore_errors=True)
        # Links of the archive stay links; nothing is shared with the night that is kept.
        subprocess.run(["cp", "-a", str(whole), str(work)], check=True)  # noqa: S607 - wherever it is
        found = sorted(path for path in work.glob(pattern) if path.is_file())
        if not found:
            continue
        path = chance.choice(found)
        harm(path)
        why = _is_healed(work, kind, path, expected, odd=harm not in {_empty, _cut})
        tally.note(f"{kind} {harm.__name__[1:]}", why)
    return tally


def _archived_night(folder: Path, night: Path) -> Path:
    """Return a night that is archived, and of which persons have said something."""
    whole = folder / "whole"
    if whole.is_dir():
        return whole
    make_workspace(whole, night)
    for verb in ("run", "convert", "ingest"):
        phoenix(verb, "-w", whole, "-d", DATE, check=True)
    phoenix("certify", "-w", whole, FIRST, "--by", "me", "--comment", "looked at", check=True)
    later = "GIRAF.2030-01-01T00:00:00.000"
    phoenix("hide", "-w", whole, later, "--in-advance", "--by", "me", "--why", "x", check=True)
    phoenix("comment", "-w", whole, FIRST, "a word", "--by", "me", check=True)
    return whole


def _data(folder: Path) -> dict[str, list[str]]:
    """Return checksums of what a night has made; the content of the archive has no twins."""
    places = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*.fits")}
    return {
        # What is no plain file has no end.
        name: sums_of(path) if path.is_file() else []
        for name, path in places.items()
        if not name.startswith(("scratch/", "archive/content/", *INPUTS))
    }


def _empty(path: Path) -> None:
    os.truncate(path, 0)


def _cut(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def _fifo(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def _device(path: Path) -> None:
    path.unlink()
    path.symlink_to("/dev/zero")


def _socket(path: Path) -> None:
    path.unlink()
    # Its name may have 100 bytes.
    here = Path.cwd()
    os.chdir(path.parent)
    try:
        with socket.socket(socket.AF_UNIX) as one:
            one.bind(path.name)
    finally:
        os.chdir(here)


def _is_healed(
    work: Path, kind: str, path: Path, expected: dict[str, list[str]], *, odd: bool = False
) -> str:
    done = [phoenix(verb, "-w", work, "-d", DATE) for verb in ("run", "convert", "ingest")]
    if str(path.relative_to(work)).startswith(INPUTS):
        for log in work.glob("logs/*/*.log"):
            # As a power cut leaves it: the AB is run again, and reads its inputs.
            os.truncate(log, 0)
        done.append(phoenix("run", "-w", work, "-d", DATE))
    told = "".join(one.stdout + one.stderr for one in done)
    if "Traceback" in told:
        return told[-400:]
    try:
        found = _data(work)
    except OSError as error:
        found = {str(error): []}
    codes = [one.returncode for one in done]
    if not any(codes) and found == expected:
        return ""
    if (odd or kind in ONLY_A_BACKUP) and any(codes) and path.name in told:
        return ""
    lost = [name for name in {**expected, **found} if found.get(name) != expected.get(name)]
    return f"codes {codes}, not as before {lost[:2]}: {told[-200:]}"


# ---- hostile input -----------------------------------------------------------------------------


def hostile(folder: Path, night: Path, number: int, chance: random.Random) -> Tally:
    """Read ABs, frames and rules that nobody should write."""
    tally = Tally("hostile input")
    outside = {path: path.stat().st_mtime_ns for path in night.rglob("*") if path.is_file()}
    for what, words, where in _hostile(folder, night, number, chance):
        before = time.monotonic()
        why = _ends(words)
        if not why and time.monotonic() - before > 60:
            why = "took longer than a minute"
        tally.note(what, why and f"{why} ({where})")
    changed = [path for path, when in outside.items() if path.stat().st_mtime_ns != when]
    tally.note("files outside", f"{changed[:2]} were changed" if changed else "")
    return tally


def _ends(words: list[str]) -> str:
    """Make a call in this process; return what is wrong with how it ended."""
    out = io.StringIO()
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
            code = call(words)
    except BaseException as error:  # noqa: BLE001 - what a person would see
        return f"{type(error).__name__}: {str(error)[:200]}"
    if code not in CODES:
        return f"left with {code}"
    return "a control character was printed" if "\x1b" in out.getvalue() else ""


def _hostile(
    folder: Path, night: Path, number: int, chance: random.Random
) -> Iterator[tuple[str, list[str], Path]]:
    texts = [path.read_bytes() for path in sorted(night.glob("giraffe/logs/*/*.ab"))]
    frames = [path.read_bytes() for path in sorted(night.glob("raw/*/*.fits"))[:3]]
    rule_text = next(Path("/usr/share").rglob("giraf.oca")).read_bytes()
    for i in range(number):
        place = folder / f"ab{i}"
        logs = place / "night" / "giraffe" / "logs" / DATE
        logs.mkdir(parents=True)
        (logs / f"GIRAF.2020-01-02T0{i % 10}:00:00.000.ab").write_bytes(
            _spoilt(chance.choice(texts), chance)
        )
        work = make_workspace(place / "work", place / "night")
        yield "AB", ["run", "-w", str(work), "-d", DATE, "-C"], logs
    for i in range(number):
        place = folder / f"raw{i}"
        raw = place / "night" / "raw" / DATE
        raw.mkdir(parents=True)
        content = chance.choice(frames)
        head = _spoilt(content[:8640], chance)
        (raw / "GIRAF.2020-01-02T00:00:00.000.fits").write_bytes(head + content[8640:])
        work = make_workspace(place / "work", place / "night")
        words = ["pool", "index", "-w", str(work)]
        yield "frame", words, raw
        yield "frame", ["create-ab", "-w", str(work), "-d", DATE], raw
        yield "file", ["validate", str(raw)], raw
    for i in range(number):
        path = folder / f"rules{i}.oca"
        path.write_bytes(_spoilt(rule_text, chance))
        yield "rules", ["oca", "check", str(path)], path


def _spoilt(content: bytes, chance: random.Random) -> bytes:
    """Change a text in a few places."""
    for _ in range(chance.randint(1, 4)):
        content = chance.choice(SPOILERS)(content, chance)
    return content


def _byte(content: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(content) or 1)
    return content[:at] + bytes([chance.randrange(256)]) + content[at + 1 :]


def _word(content: bytes, chance: random.Random) -> bytes:
    words = (
        b"\x1b[2J\x1b]0;x\x07", b"../../../../etc/passwd", b"9" * 400, b"-1", b"nan", b"inf",
        b"1e999", b"\xff\xfe", b"", b"'", b'"', b"\0", b"%s%n{0}", "\u202e".encode(), b"$(id)",
        b"A" * 20000, b"=" * 100, b"/", b"((((((((", b"not " * 300,
    )  # fmt: skip
    parts = content.split(b" ")
    parts[chance.randrange(len(parts))] = chance.choice(words)
    return b" ".join(parts)


def _line(content: bytes, chance: random.Random) -> bytes:
    lines = content.split(b"\n")
    at = chance.randrange(len(lines))
    return b"\n".join(
        [*lines[:at], *lines[at : at + 1] * chance.choice((0, 2, 500)), *lines[at + 1 :]]
    )


def _end(content: bytes, chance: random.Random) -> bytes:
    return content[: chance.randrange(len(content) or 1)]


SPOILERS: tuple[Callable[[bytes, random.Random], bytes], ...] = (_byte, _byte, _word, _line, _end)


# ---- all of it ---------------------------------------------------------------------------------


def main() -> int:
    """Try everything; 1 if something did not survive."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=300)
    parser.add_argument("--cuts", type=int, default=100, help="at most")
    parser.add_argument("--odd", type=int, default=100, help="at most")
    parser.add_argument("--hostile", type=int, default=100, help="of each kind")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", type=Path, default=None)
    options = parser.parse_args()
    chance = random.Random(options.seed)
    with tempfile.TemporaryDirectory(dir=options.folder) as scratch:
        folder = Path(scratch)
        night = folder / "night"
        instrument = load_instrument("giraffe")
        process = instrument.processes()[0]
        instrument.simulate(process, CivilDate.parse(DATE), night, SimulationOptions())
        tallies = []
        for part in (
            lambda: power_cuts(folder, night, options.cuts, chance),
            lambda: odd_files(folder, night, options.odd, chance),
            lambda: hostile(folder, night, options.hostile, chance),
            lambda: kills(folder, night, options.kills, chance),
        ):
            began = time.monotonic()
            tallies.append(part())
            print(f"{tallies[-1]} ({time.monotonic() - began:.0f} s)", flush=True)
    survived = sum(one.tried - len(one.lost) for one in tallies)
    tried = sum(one.tried for one in tallies)
    print(f"survived {survived} of {tried}; seed {options.seed}")
    return int(survived < tried)


if __name__ == "__main__":
    sys.exit(main())
