"""What it costs to measure a cube of 3 GB, beside reading it alone.

    python benchmarks/cube_qc.py [--size 3.0] [--folder /tmp]

A cube of two extensions is written in pieces (stars on noise, an empty border) and removed after.
It is measured as the QC of MUSE measures it: one pass for white light and noise, one for spectra.
Beside it stand the same two passes that only read, plane by plane, with fitsio and with the
toolkit's own reader. CPU seconds of this process; anonymous memory is watched by a thread.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import fitsio
import numpy as np
from astropy.io import fits

from phoenix.toolkit.cubes.cube import open_cube
from phoenix_muse.quality.field import measure_field

if TYPE_CHECKING:
    from collections.abc import Callable

SIDE, PLANES = 320, 3681
CARDS = {
    "CTYPE1": "RA---TAN", "CTYPE2": "DEC--TAN", "CTYPE3": "AWAV", "CUNIT1": "deg", "CUNIT2": "deg",
    "CUNIT3": "angstrom", "CRVAL1": 35.0, "CRVAL2": -18.0, "CRVAL3": 4750.0, "CRPIX1": 160.0,
    "CRPIX2": 160.0, "CRPIX3": 1.0, "CD1_1": -5.5556e-5, "CD1_2": 0.0, "CD2_1": 0.0,
    "CD2_2": 5.5556e-5, "CD3_3": 1.25, "BUNIT": "10**(-20)*erg/s/cm**2/Angstrom",
}  # fmt: skip
DIFFERENT = 8  # planes of noise, used again and again: to draw them takes longer than to measure


def write(path: Path, planes: int) -> None:
    rng = np.random.default_rng(1)
    rows, columns = np.indices((SIDE, SIDE))
    field = np.zeros((SIDE, SIDE))
    for x, y, flux in rng.uniform((30, 30, 50), (290, 290, 3000), (20, 3)):
        field += flux * np.exp(-((columns - x) ** 2 + (rows - y) ** 2) / 5.0)
    data = (field + rng.normal(0.0, 2.0, (DIFFERENT, SIDE, SIDE))).astype(">f4")
    # As many variances as a real cube has: a histogram that fills one bin alone is slow.
    stat = rng.gamma(16.0, 0.25, data.shape).astype(">f4")
    for piece in (data, stat):
        piece[:, :6] = piece[:, :, -4:] = np.nan
    with path.open("wb") as stream:
        stream.write(fits.PrimaryHDU().header.tostring().encode())
        for name, piece in (("DATA", data), ("STAT", stat)):
            header = fits.ImageHDU(np.zeros((2, 2, 2), dtype=np.float32)).header
            header["NAXIS1"], header["NAXIS2"], header["NAXIS3"] = SIDE, SIDE, planes
            header["EXTNAME"] = name
            header.update(CARDS)
            stream.write(header.tostring().encode())
            for number in range(planes):
                stream.write(piece[number % DIFFERENT].tobytes())
            stream.write(bytes(-(planes * SIDE * SIDE * 4) % 2880))


def read_with_fitsio(path: Path) -> None:
    for _ in range(2):
        with fitsio.FITS(str(path)) as hdus:
            for name in ("DATA", "STAT"):
                for number in range(hdus[name].get_dims()[0]):
                    hdus[name][number : number + 1, :, :]


def read_with_toolkit(path: Path) -> None:
    cube = open_cube(path)
    for _ in range(2):
        for volume in (cube.data, cube.variance):
            for _plane in volume.planes() if volume else ():
                pass


def measure(path: Path) -> None:
    for _row in measure_field(path, 0.8):
        pass


def anonymous_mb() -> float:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("RssAnon:"):
            return int(line.split()[1]) / 1e3
    return 0.0


class Watch(threading.Thread):
    """The largest anonymous memory while it runs."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.most = 0.0
        self.ended = threading.Event()

    def run(self) -> None:
        """Look every 20 ms."""
        while not self.ended.wait(0.02):
            self.most = max(self.most, anonymous_mb())


def timed(name: str, work: Callable[[Path], None], path: Path) -> float:
    watch = Watch()
    watch.start()
    before, wall = resource.getrusage(resource.RUSAGE_SELF), time.monotonic()
    work(path)
    after = resource.getrusage(resource.RUSAGE_SELF)
    watch.ended.set()
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(f"{name:<28} {cpu:6.2f} CPU s {time.monotonic() - wall:6.2f} s {watch.most:6.0f} MB")
    return cpu


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", type=float, default=3.0, help="GB")
    parser.add_argument("--folder", type=Path, default=None)
    options = parser.parse_args()
    planes = int(options.size * 1e9 / (2 * SIDE * SIDE * 4))
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        path = Path(folder) / "cube.fits"
        write(path, planes)
        print(f"{path.stat().st_size / 1e9:.2f} GB, {planes} planes of {SIDE} x {SIDE}")
        read_with_toolkit(path)  # into the page cache
        own = timed("two passes, toolkit", read_with_toolkit, path)
        reading = timed("two passes, fitsio", read_with_fitsio, path)
        cost = timed("measured in two passes", measure, path)
    print(f"measured / read with fitsio: {cost / reading:.2f}; with the toolkit: {cost / own:.2f}")


if __name__ == "__main__":
    main()
