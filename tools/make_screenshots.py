"""Make the screenshots of the docs anew: ``python tools/make_screenshots.py [FOLDER]``.

A night of GIRAFFE in full frames, looked at while it is run, and six small ones with known
faults go through the true recipes, which takes five minutes; Chromium (``chromium`` or
``google-chrome`` on the PATH) shows the pages. The pictures go to docs/images/pages, or to another
folder, halved in size and in 256 colours.
"""

# ruff: noqa: T201, D103 - a script, in no package, that prints

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from PIL import Image

if TYPE_CHECKING:
    from collections.abc import Iterable

ROOT = Path(__file__).parents[1]
PHOENIX = (sys.executable, "-m", "phoenix")
FIRST, LAST = "2020-01-01", "2020-01-06"
GATED, NOISY = "2020-01-05", "2020-01-06"
FAULTS = (f"few_lines@{GATED}", f"noisy_bias@{NOISY}")
DARK = "--blink-settings=preferredColorScheme=0"
PATIENCE_S = 120


class Shot(NamedTuple):
    """A picture: its name, width and height in pixels of the window, whether it is dark."""

    name: str
    width: int
    height: int
    dark: bool = False


def phoenix(*words: str) -> None:
    # Leaves with 1 where an AB has no products: one of the faults is gated.
    subprocess.run((*PHOENIX, *words), check=False, stdout=subprocess.DEVNULL)


def browser() -> str:
    """Return the browser; end with a sentence where there is none."""
    found = next(
        filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), ""
    )
    if not found:
        sys.exit("found no chromium or google-chrome on the PATH, expected one to show the pages")
    return found


def take(shot: Shot, page: Path, folder: Path) -> None:
    """Take a picture of a page."""
    with tempfile.TemporaryDirectory() as name:
        raw = Path(name) / "raw.png"
        subprocess.run(
            (
                browser(),
                *("--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"),
                *((DARK,) if shot.dark else ()),
                f"--window-size={shot.width},{shot.height}",
                f"--user-data-dir={name}/profile",
                f"--screenshot={raw}",
                page.resolve().as_uri(),
            ),
            check=True,
            stderr=subprocess.DEVNULL,
        )
        picture = Image.open(raw).convert("RGB")
        picture = picture.resize(
            (picture.width // 2, picture.height // 2), Image.Resampling.LANCZOS
        )
        # The method that keeps colours of which there is little: red scores.
        few = picture.quantize(256, Image.Quantize.MAXCOVERAGE, 2, dither=Image.Dither.NONE)
        few.save(folder / f"{shot.name}.png", optimize=True)
    print(f"{shot.name}.png: {(folder / f'{shot.name}.png').stat().st_size // 1000} kB")


def wait_until_some_are_done(night: Path) -> None:
    """Wait until the page of a night shows that a recipe runs and others have ended."""
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        if night.exists():
            states = dict(json.loads(night.read_text("utf-8"))["states"])
            if {"running", "successful"} <= states.keys():
                return
        time.sleep(0.5)
    sys.exit(f"{night}: no recipe was seen running for {PATIENCE_S} s")


def page_of(night: Path, recipe: str) -> Path:
    """Return the page of the first AB of a recipe."""
    rows = json.loads((night / "index.json").read_text("utf-8"))["rows"]
    name = next(row["name"] for row in rows if row["recipe"] == recipe)
    return night / f"{name.removesuffix('.ab')}.html"


def prepare(work: Path, size: str, dates: Iterable[str], more: Iterable[str] = ()) -> None:
    """Simulate nights beside a workspace, and make that."""
    nights = str(work.with_name(f"{work.name}_raw"))
    phoenix("simulate", "giraffe", *dates, "--out", nights, "--size", size, *more)
    phoenix("init", str(work), "--process", "GIRAFFE_MOS", "--repository", nights)


def look_while_it_runs(work: Path, folder: Path) -> None:
    prepare(work, "full", ("-d", FIRST))
    page = work / "monitor" / "nights" / FIRST / "index.html"
    run = subprocess.Popen(
        (*PHOENIX, "run", "-w", str(work), "-d", FIRST), stdout=subprocess.DEVNULL
    )
    try:
        wait_until_some_are_done(page.with_suffix(".json"))
        take(Shot("running", 1280, 1060), page, folder)
    finally:
        run.terminate()
        run.wait()


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "images" / "pages"
    folder.mkdir(parents=True, exist_ok=True)
    browser()
    with tempfile.TemporaryDirectory() as name:
        look_while_it_runs(Path(name) / "live", folder)
        work = Path(name) / "faults"
        dates = ("-d", FIRST, "--until", LAST)
        prepare(work, "small", dates, (word for fault in FAULTS for word in ("--fault", fault)))
        phoenix("run", "-w", str(work), *dates)
        pages = work / "monitor" / "nights"
        bias = page_of(pages / NOISY, "gimasterbias")
        arc = page_of(pages / GATED, "giwavecalibration")
        take(Shot("first", 1280, 1150), pages / FIRST / "index.html", folder)
        take(Shot("night", 1280, 1180), pages / GATED / "index.html", folder)
        take(Shot("scores", 1280, 1500), bias, folder)
        take(Shot("gated", 2560, 2360), arc, folder)
        take(Shot("dark", 1280, 2060, dark=True), bias, folder)


if __name__ == "__main__":
    main()
