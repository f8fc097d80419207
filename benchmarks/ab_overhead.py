"""What phoenix itself costs for one AB, in CPU milliseconds: everything around the recipe.

Runs ABs of five raw frames and two products through `process_ab` with the stand-in for esorex,
which does nothing, and counts the CPU time of this process only: fetching by hard link, checking
and checksums of the inputs, set of frames, start and watch of the recipe, gates, checksums of the
products, manifest, publishing. Then again on frames and products of the full detector, where the
checksums show, and once more when all was done before.

    python benchmarks/ab_overhead.py [number of ABs]
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from pathlib import Path
from types import SimpleNamespace

from phoenix.archive.source import FolderSource
from phoenix.hookspecs import hookimpl
from phoenix.instrument import Instrument, from_module
from phoenix.model.ab import AssociationBlock
from phoenix.model.dates import CivilDate
from phoenix.model.frames import RawFrame, Role
from phoenix.model.process import Process, RawType
from phoenix.model.recipe import Parameter, Recipe, RecipeProduct
from phoenix.model.report import JobState
from phoenix.steps.process_ab import process_ab
from phoenix.steps.recipe.runner import RunnerSettings
from phoenix.steps.task import ProcessTask
from phoenix.testing.fake_esorex import make_fake_esorex

DATE = CivilDate(2020, 1, 1)
FRAMES = 5
FULL = 2148 * 4096
SMALL = 1440


def cpu_ms() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return 1000 * (used.ru_utime + used.ru_stime)


def instrument(pixels: int) -> Instrument:
    recipe = Recipe(
        "fakebias",
        "fake",
        products=(
            RecipeProduct("MASTER_BIAS", Role.CALIBRATION),
            RecipeProduct("BAD_PIXEL_MAP", Role.CALIBRATION),
        ),
        parameters=(
            Parameter("products", "MASTER_BIAS,BAD_PIXEL_MAP"),
            Parameter("pixels", str(pixels)),
        ),
    )
    process = Process("FAKE", "fake", "FA", (RawType("BIAS", "fakebias"),), (recipe,))
    return from_module("fake", SimpleNamespace(processes=hookimpl(lambda: [process])))


def frame(pixels: int) -> bytes:
    cards = ("SIMPLE  = T", "BITPIX  = 16", "NAXIS   = 1", f"NAXIS1  = {pixels}", "END")
    data = 2 * pixels
    return "".join(card.ljust(80) for card in cards).encode().ljust(2880) + bytes(
        -(-data // 2880) * 2880
    )


def block(source: Path, number: int, pixels: int) -> AssociationBlock:
    folder = source / "raw" / str(DATE)
    folder.mkdir(parents=True, exist_ok=True)
    names = [f"FAKE.2020-01-01T22:{number:02d}:{i:02d}.000" for i in range(FRAMES)]
    for name in names:
        (folder / f"{name}.fits").write_bytes(frame(pixels))
    raws = tuple(RawFrame(f"${{DFO_RAW_DIR}}/{DATE}/{name}.fits", "BIAS") for name in names)
    return AssociationBlock(f"{names[0]}_tpl.ab", "fakebias", raws, date=DATE, raw_type="BIAS")


def measure(label: str, number: int, pixels: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "workspace").mkdir()
        esorex = make_fake_esorex(folder)
        plugin = instrument(pixels)
        tasks = [
            ProcessTask(
                block(folder / "source", i, pixels),
                "fake",
                "FAKE",
                folder / "workspace",
                sources=(FolderSource(folder / "source"),),
                runner=RunnerSettings.at(esorex, folder),
            )
            for i in range(number + 1)
        ]
        # The first one pays for what is looked up once in a process.
        process_ab(tasks.pop(), plugin)
        for what in (label, f"{label}, done before"):
            before, clock = cpu_ms(), time.monotonic()
            results = [process_ab(task, plugin)[0] for task in tasks]
            own, wall = cpu_ms() - before, 1000 * (time.monotonic() - clock)
            wrong = [row.reason for row in results if row.state is not JobState.SUCCESSFUL]
            if wrong:
                sys.exit(wrong[0])
            print(f"{what:32} {own / number:8.2f} CPU ms an AB {wall / number:9.1f} wall ms")


def main() -> None:
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 40
    measure("frames of 6 kB", number, SMALL)
    measure("frames of 18 MB", min(number, 5), FULL)


if __name__ == "__main__":
    main()
