"""CPU time of what is still written by astropy, to be held against another version of it.

A stack of UVES (a table of scalar columns), an ancillary that is a recipe's own file (an image, or
a table of vector columns, copied and labelled), a simulated raw frame and a table of fibres. IDPs
themselves are written by our own bytes, see idp_writing.py.

    python benchmarks/astropy_writing.py [--n 20]
"""

from __future__ import annotations

import argparse
import platform
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import astropy
import numpy as np
from astropy.io import fits

from phoenix.model.idp import Ancillary, Card
from phoenix.simulate.raw import counts_hdu, table_hdu, write_fits
from phoenix.steps.delivery.ancillary import write_ancillary

if TYPE_CHECKING:
    from collections.abc import Callable

PIXELS = 110_000
CARDS = [Card(f"ESO QC PAR{i}", i * 1.37, "quality of the frame") for i in range(300)]


def stack(path: Path) -> None:
    """Write a merged spectrum: seven columns, a row for each pixel, the header of a frame."""
    primary = fits.PrimaryHDU()
    for card in CARDS:
        primary.header[f"HIERARCH {card.keyword}"] = card.value, card.comment
    names = ("WAVE", "FLUX_REDUCED", "ERR_REDUCED", "FLUX", "ERR")
    values = np.linspace(300.0, 1000.0, PIXELS)
    columns = [fits.Column(name, "D", array=values) for name in names]
    columns += [fits.Column(name, "J", array=values.astype(int)) for name in ("QUAL", "NEXP")]
    table = fits.BinTableHDU.from_columns(columns, name="SPECTRUM")
    fits.HDUList([primary, table]).writeto(path, overwrite=True)


def image_of_recipe(path: Path) -> Path:
    return write_fits(path, [fits.PrimaryHDU(np.ones((60, 4000), np.float32))])


def vectors_of_recipe(path: Path) -> Path:
    values = np.ones((1, 60_000), np.float32)
    columns = [(f"V{i}", "60000E", values, "adu") for i in range(8)]
    return write_fits(path, [fits.PrimaryHDU(), table_hdu("SPECTRUM", columns)])


def copied(source: Path) -> Callable[[Path], None]:
    ancillary = Ancillary("anc.fits", "ANCILLARY.2DSPECTRUM", path=source)
    return lambda path: write_ancillary(ancillary, path)


def raw_frame(path: Path) -> None:
    write_fits(path, [counts_hdu(CARDS, np.full((2048, 1000), 200, np.uint16))])


def fibres(path: Path) -> None:
    names = np.array([f"Star {i:04}" for i in range(135)])
    numbers = np.arange(135)
    columns = [("OBJECT", "20A", names, ""), *((f"N{i}", "D", numbers, "deg") for i in range(20))]
    write_fits(path, [fits.PrimaryHDU(), table_hdu("OzPoz_table", columns, CARDS)])


def milliseconds(write: Callable[[Path], None], path: Path, number: int) -> float:
    """Return the CPU milliseconds of one, the least of so many."""
    found = []
    for _ in range(number):
        begin = time.process_time()
        write(path)
        found.append(time.process_time() - begin)
        path.unlink()
    return 1000 * min(found)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--n", type=int, default=20)
    number = parser.parse_args().n
    print(f"Python {platform.python_version()}, astropy {astropy.__version__}: CPU ms each")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        kinds: dict[str, Callable[[Path], None]] = {
            "stack of UVES": stack,
            "ancillary, an image": copied(image_of_recipe(folder / "image.fits")),
            "ancillary, vector columns": copied(vectors_of_recipe(folder / "vectors.fits")),
            "simulated raw frame": raw_frame,
            "simulated fibre table": fibres,
        }
        for kind, write in kinds.items():
            print(f"{kind:<26} {milliseconds(write, folder / 'x.fits', number):8.2f}")


if __name__ == "__main__":
    main()
