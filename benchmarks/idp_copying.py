"""Copying a cube as an IDP: CPU and wall time a GB beside `cp` and fsync, memory, checksums alone.

The cube is written first (noise; DATA and STAT with their DATASUM, as the recipes leave them). It
is copied by `cp`, which changes nothing and sums nothing, and by phoenix, in turn, with its pages
in memory or not (posix_fadvise: as a file larger than memory); "compared" also makes the sha256 of
what is copied, as `phoenix convert` does. The best of the rounds counts: on a machine that does
other work too the others tell of that work. astropy, by which ancillaries were copied before,
stands beside, and what the checksums alone take, in memory.

    python benchmarks/idp_copying.py [--gb 2] [--rounds 3] [--folder DIR]
"""

from __future__ import annotations

import argparse
import hashlib
import os
import resource
import subprocess
import tempfile
import threading
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from astropy.io import fits

from phoenix.formats.fits.copying import Known, copy_fits
from phoenix.formats.fits.hdu import encode_header, encode_primary, sum_words, whole_blocks
from phoenix.formats.fits.sums import digest_and_sums
from phoenix.formats.fits.write_cards import format_card
from phoenix.formats.idpfile import encode_idp
from phoenix.model.idp import Card, Column, HduEdit, InternalDataProduct
from phoenix.phase3.validate import validate

if TYPE_CHECKING:
    from collections.abc import Callable

GB = 1e9
SIDE = 300
NOISE = np.random.default_rng(1).normal(size=1 << 20).astype(">f4").tobytes()
EDITS = (
    HduEdit(0, tuple(Card(f"ESO QC PAR{i}", i * 1.37, "quality") for i in range(200))),
    HduEdit("DATA", (Card("BUNIT", "adu"),)),
    HduEdit("STAT", (Card("BUNIT", "adu**2"),)),
)


class Cost(NamedTuple):
    """Seconds a GB, and MB of memory that is no file's, all of the process."""

    cpu: float
    wall: float
    memory: float = 0.0


def write_cube(path: Path, gb: float) -> float:
    """Write a cube of about so many GB; return its size in GB."""
    planes = max(1, int(gb * GB / 2 / 4 / SIDE**2))
    size = planes * SIDE**2 * 4
    times, rest = divmod(size, len(NOISE))
    last = NOISE[:rest].ljust(whole_blocks(size) - times * len(NOISE), b"\0")
    total = sum_words(last, times * sum_words(NOISE))
    with path.open("wb") as stream:
        stream.write(encode_primary((Card("OBJECT", "NGC 104"),)))
        for name in ("DATA", "STAT"):
            cards = (
                ("XTENSION", "IMAGE"), ("BITPIX", -32), ("NAXIS", 3), ("NAXIS1", SIDE),
                ("NAXIS2", SIDE), ("NAXIS3", planes), ("PCOUNT", 0), ("GCOUNT", 1),
                ("EXTNAME", name),
            )  # fmt: skip
            stream.write(encode_header(b"".join(format_card(*card) for card in cards), total))
            for _ in range(times):
                stream.write(NOISE)
            stream.write(last)
        stream.flush()
        os.fsync(stream.fileno())
    return path.stat().st_size / GB


def forget(path: Path) -> None:
    """Let the pages of a file go from memory."""
    descriptor = os.open(path, os.O_RDONLY)
    os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
    os.close(descriptor)


def by_cp(source: Path, target: Path) -> None:
    subprocess.run(["cp", source, target], check=True)  # noqa: S607 - the one on PATH
    to_disk(target)


def by_phoenix(source: Path, target: Path, known: Known | None = None) -> None:
    copy_fits(source, target, EDITS, known)
    to_disk(target)


def by_astropy(source: Path, target: Path) -> None:
    with fits.open(source, do_not_scale_image_data=True) as hdus:
        hdus[0].header["PRODCATG"] = "ANCILLARY.CUBE.IFS"
        hdus.writeto(target, checksum=True)
    to_disk(target)


def to_disk(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    os.fsync(descriptor)
    os.close(descriptor)


def cpu() -> float:
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in used)


def anonymous_mb() -> float:
    """Memory of this process that belongs to no file."""
    lines = Path("/proc/self/status").read_text("utf-8").splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("RssAnon"))


def often(work: Callable[[], object], times: int) -> None:
    for _ in range(times):
        work()


def measure(work: Callable[[], object], gb: float) -> Cost:
    """Measure one run; memory is looked at every 20 ms."""
    most = anonymous_mb()
    done = threading.Event()

    def watch() -> None:
        nonlocal most
        while not done.wait(0.02):
            most = max(most, anonymous_mb())

    watcher = threading.Thread(target=watch)
    watcher.start()
    begin, used = time.perf_counter(), cpu()
    work()
    cost = Cost((cpu() - used) / gb, (time.perf_counter() - begin) / gb)
    done.set()
    watcher.join()
    return cost._replace(memory=most)


def best(costs: list[Cost]) -> Cost:
    return Cost(*(min(values) for values in zip(*costs, strict=True)))._replace(
        memory=max(cost.memory for cost in costs)
    )


def copies(source: Path, gb: float, rounds: int) -> None:
    known = Known(*digest_and_sums(source))
    ways: dict[str, Callable[[Path, Path], None]] = {
        "cp": by_cp,
        "phoenix": by_phoenix,
        "compared": partial(by_phoenix, known=known),
        "astropy": by_astropy,
    }
    target = source.with_name("copy.fits")
    print(f"a cube of {gb:.2f} GB, with fsync, best of {rounds}; seconds a GB")
    print(f"{'source':12}{'way':10}{'CPU':>7}{'wall':>7}{'MB':>7}{'speed of cp':>13}")
    for state in ("in memory", "on disk"):
        costs: dict[str, list[Cost]] = {way: [] for way in ways}
        for number in range(rounds):
            for way, copy in ways.items():
                if way == "astropy" and number:
                    continue  # it takes long, and tells little
                if state == "on disk":
                    forget(source)
                costs[way].append(measure(partial(copy, source, target), gb))
                target.unlink()
        found = {way: best(rows) for way, rows in costs.items()}
        for way, row in found.items():
            speed = found["cp"].wall / row.wall
            print(f"{state:12}{way:10}{row.cpu:7.2f}{row.wall:7.2f}{row.memory:7.0f}{speed:13.2f}")


def checksums(rounds: int) -> None:
    """Tell what each checksum takes of data in memory."""
    print("\nchecksums alone, CPU seconds a GB")
    ways: dict[str, Callable[[bytes], object]] = {
        "DATASUM": sum_words,
        "sha256": lambda data: hashlib.sha256(data).digest(),
        "md5": lambda data: hashlib.md5(data, usedforsecurity=False).digest(),
    }
    for name, work in ways.items():
        many = 64 * len(NOISE) / GB
        costs = [measure(partial(often, partial(work, NOISE), 64), many) for _ in range(rounds)]
        print(f"{name:12}{best(costs).cpu:7.3f}")


def spectra(folder: Path, rounds: int) -> None:
    """Tell what the sums of a spectrum take: written, and judged."""
    wave = np.linspace(300.0, 1000.0, 125_000)
    flux = wave.astype(np.float32)
    plan = InternalDataProduct(
        "UV.fits", "SCIENCE.SPECTRUM", EDITS[0].cards,
        columns=(Column("WAVE", wave), Column("FLUX", flux), Column("ERR", flux)),
    )  # fmt: skip
    content = encode_idp(plan)
    path = folder / plan.name
    path.write_bytes(content)
    ways: dict[str, Callable[[], object]] = {
        "encoded": lambda: encode_idp(plan),
        "sums of it": lambda: sum_words(content),
        "validated": lambda: validate(path),
    }
    print(f"\na spectrum of {len(content) / 1e6:.1f} MB, CPU ms")
    for name, work in ways.items():
        costs = [measure(partial(often, work, 20), 20) for _ in range(rounds)]
        print(f"{name:12}{best(costs).cpu * 1e3:7.2f}")


def main() -> None:
    parser = argparse.ArgumentParser(description="Copying a cube as an IDP.")
    parser.add_argument("--gb", type=float, default=2.0, help="size of the cube (default 2)")
    parser.add_argument("--rounds", type=int, default=3, help="of which the best counts")
    parser.add_argument("--folder", type=Path, help="on the disk to be measured")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as name:
        source = Path(name) / "cube.fits"
        copies(source, write_cube(source, options.gb), options.rounds)
        checksums(options.rounds)
        spectra(Path(name), options.rounds)


if __name__ == "__main__":
    main()
