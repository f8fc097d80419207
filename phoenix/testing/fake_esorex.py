"""A stand-in for esorex in quick tests: its command line, its log, its exit codes, its crashes.

It makes no science: every product is a few pixels with a PRO CATG. What it does is told by recipe
parameters: ``--products=MASTER_BIAS,BAD_PIXEL_MAP`` names the products (of ``PIXTABLE@_0001-07``
the file ends in that number), ``--pixels=N`` their size and ``--fault=NAME`` one of
:data:`FAULTS`. Plain Python, so that it starts in a few milliseconds.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import NoReturn

__all__ = ["FAULTS", "main", "make_fake_esorex"]

FAULTS = {
    "exit": "exit code 1 and an ERROR line",
    "silent": "exit code 1, the reason logged as INFO",
    "segv": "killed by SIGSEGV, the log still called .logfile, products in the working folder",
    "abort": "killed by SIGABRT with a message on standard error",
    "hang": "never ends, SIGTERM ends it",
    "stubborn": "never ends, deaf to SIGTERM, with a child that is the same",
    "fill": "writes until the disk is full, then exit code 1",
    "unwritable": "exit code 1 for what no FITS file can hold, in the words of a full disk",
    "missing": "exit code 0, the last product is missing",
    "errors": "exit code 0, an ERROR line in the log",
    "colours": "exit code 0, an ERROR line with letters that a terminal obeys",
    "cut": "exit code 0, the last product is cut",
}
"""How it can be told to fail."""

# Its own, because it runs without any package.
_CARD = 80
_BLOCK = 2880


def make_fake_esorex(folder: Path) -> Path:
    """Write the stand-in as an executable into a folder and return its path."""
    path = folder / "esorex"
    # -I and -S: neither the environment nor installed packages count, it starts at once.
    path.write_text(f"#!{sys.executable} -IS\n" + Path(__file__).read_text("utf-8"), "utf-8")
    path.chmod(0o755)
    return path


def main(arguments: list[str]) -> int:
    """Do what esorex does with these arguments; return the exit code."""
    if "--params" in arguments:
        # Asked, not run: its recipes take any parameter.
        return 0
    split = next(i for i, text in enumerate(arguments) if not text.startswith("--"))
    options, told = _pairs(arguments[:split]), _pairs(arguments[split + 1 : -1])
    recipe, sof = arguments[split], Path(arguments[-1])
    log = _Log(recipe)
    log.say("INFO", "This is EsoRex, version 3.13.6", "")
    log.say("INFO", "using the libraries: CPL = 7.2.3, CFITSIO = 4.2.0", "")
    code = _run(recipe, told, options, sof, log)
    Path(".logfile").rename(Path(options["log-dir"]) / options["log-file"])
    return code


def _pairs(arguments: list[str]) -> dict[str, str]:
    return dict(text[2:].partition("=")[::2] for text in arguments)


def _run(recipe: str, told: dict[str, str], options: dict[str, str], sof: Path, log: _Log) -> int:
    frames = [line.split() for line in sof.read_text("utf-8").splitlines() if line.strip()]
    lost = [path for path, _ in frames if not Path(path).exists()]
    if lost:
        log.say("ERROR", f"Could not open the input file '{lost[0]}'", "")
        return 9
    fault = told.get("fault", "")
    time.sleep(float(told.get("seconds", "0")))
    made = _write(recipe, told, len(frames), log)
    code = _fail(fault, recipe, log)
    if code:
        log.say("ERROR", f"Execution of recipe '{recipe}' failed, status = {code}", "")
        return code
    _deliver(made, options, log)
    return 0


def _write(recipe: str, told: dict[str, str], frames: int, log: _Log) -> list[tuple[Path, str]]:
    names = [name for name in told.get("products", "").split(",") if name]
    pixels, fault = int(told.get("pixels", "4")), told.get("fault", "")
    made = []
    for name in names[:-1] if fault == "missing" else names:
        category, _, number = name.partition("@")
        path = Path(f"{category.lower()}{number}.fits")
        content = _product(recipe, category, frames, pixels)
        path.write_bytes(content[:-1000] if fault == "cut" and name == names[-1] else content)
        log.say("INFO", f"Writing {path}", recipe)
        made.append((path, category))
    return made


def _product(recipe: str, category: str, frames: int, pixels: int) -> bytes:
    cards = [
        "SIMPLE  =                    T",
        "BITPIX  =                   16",
        "NAXIS   =                    1",
        f"NAXIS1  = {pixels:20d}",
        "INSTRUME= 'FAKE    '",
        f"HIERARCH ESO PRO CATG = '{category}'",
        "HIERARCH ESO PRO REC1 PIPE ID = 'fake/1.2.3'",
        f"HIERARCH ESO PRO DATANCOM = {frames}",
        f"HIERARCH ESO QC FRAMES = {frames} / number of frames",
        f"HIERARCH ESO QC {category.replace('_', ' ')} MEAN = 100.5 / [ADU] mean level",
        f"HIERARCH ESO PRO REC1 ID = '{recipe}'",
        "END",
    ]
    header = "".join(card[:_CARD].ljust(_CARD) for card in cards).encode()
    return header.ljust(_whole_blocks(len(header))) + bytes(_whole_blocks(2 * pixels))


def _whole_blocks(size: int) -> int:
    return -(-size // _BLOCK) * _BLOCK


def _deliver(made: list[tuple[Path, str]], options: dict[str, str], log: _Log) -> None:
    rows = []
    for path, category in made:
        target = Path(options["output-dir"]) / path
        path.rename(target)
        log.say("INFO", f"Created product {target}", "")
        rows.append({"name": str(target), "category": category})
    Path(options["products-sof"]).write_text(json.dumps(rows), "utf-8")


def _fail(fault: str, recipe: str, log: _Log) -> int:
    if fault == "exit":
        log.say("ERROR", "Not enough raw bias Images [1, need 2], aborting...", recipe)
    elif fault == "silent":
        log.say("INFO", "No grating data present in frame set. Aborting ...", recipe)
    elif fault == "errors":
        log.say("ERROR", "Type mismatch in line 12", recipe)
    elif fault == "colours":
        log.say("ERROR", "\x1b[2J\x1b[31mType mismatch\x1b[0m", recipe)
    elif fault == "unwritable":
        log.say("ERROR", "Cannot create local file! Aborting ...", recipe)
        log.say(
            "ERROR", "  [1/2] 'Illegal input: FITS does not allow special double: -NAN' (14)", ""
        )
    elif fault == "fill":
        _fill(recipe, log)
    elif fault in {"segv", "abort"}:
        _crash(fault)
    elif fault in {"hang", "stubborn"}:
        _hang(fault)
    return 1 if fault in {"exit", "silent", "fill", "unwritable"} else 0


def _crash(fault: str) -> NoReturn:
    if fault == "abort":
        sys.stderr.write("GiraffeLib-ERROR **: Assertion of the fibre table failed\n")
        sys.stderr.flush()
    os.kill(os.getpid(), signal.SIGSEGV if fault == "segv" else signal.SIGABRT)
    raise SystemExit(1)


def _hang(fault: str) -> NoReturn:
    if fault == "stubborn":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        subprocess.Popen(["sleep", "600"])  # noqa: S607 - wherever the system has it
    while True:
        time.sleep(600)


def _fill(recipe: str, log: _Log) -> None:
    try:
        with Path("filling.fits").open("wb") as file:
            while True:
                file.write(bytes(1 << 20))
    except OSError as error:
        log.say("ERROR", f"Cannot write: {error.strerror}", recipe)


class _Log:
    """The log as esorex writes it, and errors on standard error."""

    def __init__(self, recipe: str) -> None:
        self.recipe = recipe

    def say(self, level: str, text: str, origin: str) -> None:
        line = f"12:00:00 [{level:^7}] {origin}: [tid=000] {text}\n"
        with Path(".logfile").open("a", encoding="utf-8") as log:
            log.write(line)
        if level == "ERROR":
            sys.stderr.write(f"[{level:^7}] {origin or 'esorex'}: {text}\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
