"""Header scanning: files per CPU-second on ESO headers of 413 cards, page cache warm.

    python benchmarks/header_scan.py [--files 1000] [--new 0.1]

Of the cards of a real night about one in ten is new from file to file (times, temperatures,
counters; 0.08 over 497 UVES frames); the others repeat. `--new 1` makes every value new, which
is the worst case. The ratios are to the raw read, the floor that no scanner can pass.
"""

from __future__ import annotations

import argparse
import os
import random
import tempfile
import time
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

import fitsio
from astropy.io import fits

from phoenix.formats.fits.cards import forget_cards
from phoenix.formats.fits.headers import read_header, read_keys

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

CARDS = 413
KEYS = (
    "DATE-OBS", "MJD-OBS", "EXPTIME", "ESO DPR CATG", "ESO DPR TYPE", "ESO DPR TECH",
    "ESO INS EXP MODE", "ESO INS SLITS NAME", "ESO TPL START", "ESO OBS ID",
)  # fmt: skip
GROUPS = ("DET CHIP1", "DET OUT1", "INS FILT1", "INS GRAT1", "INS SENS", "INS FOCU1", "TEL AMBI",
          "TEL TARG", "TEL AO", "OCS FIBRE", "OBS PROG", "INS TEMP")  # fmt: skip


def named_cards(number: int) -> list[tuple[str, object, str]]:
    """Cards that every ESO raw frame has, in the order and places of a real one."""
    day = f"2020-01-{1 + number % 28:02d}T03:{number % 60:02d}:12.345"
    return [
        ("SIMPLE", True, "Standard FITS (NOST-100-2.0)"),
        ("BITPIX", 16, "# of bits storing pix values"),
        ("NAXIS", 0, "# of axes in frame"),
        ("INSTRUME", "GIRAFFE", "Instrument used"),
        ("RA", 83.82208 + number, "[deg] 05:35:17.2 RA (J2000) pointing"),
        ("DEC", -5.39111, "[deg] -05:23:27.9 DEC (J2000) pointing"),
        ("EXPTIME", 1200.0 + number, "Integration time"),
        ("MJD-OBS", 58849.12345678 + number, "Obs start"),
        ("DATE-OBS", day, "Observing date"),
        ("HIERARCH ESO OBS ID", 200203911 + number, "Observation block ID"),
        ("HIERARCH ESO OBS NAME", f"field_{number:05d}", "OB name"),
        ("HIERARCH ESO DPR CATG", "SCIENCE", "Observation category"),
        ("HIERARCH ESO DPR TECH", "MOS", "Observation technique"),
        ("HIERARCH ESO DPR TYPE", "OBJECT,SKY", "Observation type"),
        ("HIERARCH ESO TPL START", day, "TPL start time"),
        ("HIERARCH ESO INS EXP MODE", "H525.8B", "Exposure mode"),
        ("HIERARCH ESO INS SLITS NAME", "Medusa1", "Slit name"),
    ]


def other_cards(number: int, new: float) -> Iterator[tuple[str, object, str]]:
    """Cards of text, integer, real and logical in turn; a share of them `new` in each file."""
    for index in range(CARDS):
        seed = number if random.Random(f"{index}").random() < new else 0
        draw = random.Random(f"{seed} {index}")
        value = (
            f"{draw.randrange(10**8):08d}", draw.randrange(10**6), round(draw.gauss(10, 90), 6),
            draw.random() < 0.5, f"Unit {draw.randrange(100)}",
        )[index % 5]  # fmt: skip
        group = GROUPS[index // 40 % len(GROUPS)]
        yield f"HIERARCH ESO {group} PAR{index}", value, f"Reading {index} of {group}"


def write_frames(folder: Path, count: int, new: float) -> list[Path]:
    """Write `count` frames of `CARDS` cards each, END counted."""
    paths = []
    for number in range(count):
        cards = [*named_cards(number), *other_cards(number, new)][: CARDS - 1]
        text = "".join(str(fits.Card(*card)) for card in cards) + "END".ljust(80)
        path = folder / f"GIRAF.{number:05d}.fits"
        path.write_bytes(text.encode().ljust(-(-len(text) // 2880) * 2880))
        paths.append(path)
    return paths


def read_raw(path: Path) -> bytes:
    handle = os.open(path, os.O_RDONLY)
    try:
        return os.read(handle, 46080)
    finally:
        os.close(handle)


def astropy_keys(path: Path) -> list[object]:
    header = fits.getheader(path)
    return [header[key] for key in KEYS]


METHODS: dict[str, tuple[Callable[[Path], object], int]] = {
    # name: (what is done to a file, one file in how many)
    "raw read": (read_raw, 1),
    "phoenix, ten keywords": (lambda path: read_keys(path, KEYS), 1),
    "phoenix, full typed header": (read_header, 1),
    "astropy, ten keywords": (astropy_keys, 10),
    "astropy, full typed header": (lambda path: dict(fits.getheader(path).items()), 20),
    "fitsio, full typed header": (lambda path: dict(fitsio.read_header(path)), 20),
}


def files_per_second(method: Callable[[Path], object], paths: list[Path]) -> float:
    """Best of three passes, CPU time, each without memory of the one before."""
    spent = []
    for _ in range(3):
        forget_cards()
        start = time.process_time()
        for path in paths:
            method(path)
        spent.append(time.process_time() - start)
    return len(paths) / min(spent)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--files", type=int, default=1000)
    parser.add_argument("--new", type=float, default=0.1, help="share of cards new in each file")
    options = parser.parse_args()
    warnings.simplefilter("ignore", fits.verify.VerifyWarning)
    with tempfile.TemporaryDirectory() as folder:
        paths = write_frames(Path(folder), options.files, options.new)
        rates = {
            name: files_per_second(method, paths[::step])
            for name, (method, step) in METHODS.items()
        }
    print(f"{options.files} headers of {CARDS} cards, {options.new:.0%} new in each file")
    print(f"{'':28}{'files per CPU-second':>22}{'of the raw read':>18}")
    for name, rate in rates.items():
        print(f"{name:28}{rate:22.0f}{rate / rates['raw read']:18.4f}")


if __name__ == "__main__":
    main()
