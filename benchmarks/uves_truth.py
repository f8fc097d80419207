"""How far delivered UVES spectra are from what was put in: a table, one row a chip and IDP.

``python benchmarks/uves_truth.py FOLDER [SETUP ...]`` simulates a small night for each setup below
FOLDER (default: 346+580, 390+564, 390+760, 437+860), runs the whole line, and reads the IDPs as a
stranger does (:mod:`phoenix.testing.stranger`): velocity in km/s, flux and the worst of twelve
sections and of the means over 40 pixels against truth, the pull of means over six pixels, flagged
pixels of the chip. A SETUP that ends in ``@full`` is simulated full-size, unbinned.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from astropy.io import fits
from attrs import evolve

from phoenix.instrument import load_instrument
from phoenix.line.production import ProductionLine
from phoenix.line.workspace import create_workspace
from phoenix.model.dates import CivilDate
from phoenix.simulate.night import SimulationOptions
from phoenix.testing.stranger import Agreement, compare, read_delivered

if TYPE_CHECKING:
    from collections.abc import Iterator

    from phoenix.testing.stranger import Delivered

DATE = CivilDate(2020, 1, 1)
SETUPS = ("346+580", "390+564", "390+760", "437+860")
C = 299792.458
KINDS = {"SFLX": "EXPECTED", "SRED": "COUNTS"}
"""Code in the name to the column of the truth; counts are compared but for a factor."""
EDGE = 0.03
"""Part of a chip at either end that is not compared: there is next to no light."""
HEADER = (
    "| IDP | chip | velocity | flux - 1 | worst section | worst mean | pull | SNR | flagged |\n"
    "|---|---|---|---|---|---|---|---|---|"
)


def delivered(
    folder: Path, setup: str, date: CivilDate = DATE, size: Literal["small", "full"] = "small"
) -> tuple[Path, Path]:
    """Simulate a night and run the whole line on it; return the night and the workspace."""
    night, work = folder / f"{setup}-{date}-night", folder / f"{setup}-{date}-work"
    uves = load_instrument("uves")
    uves.simulate(
        uves.process("UVES_ECH"), date, night, SimulationOptions(setups=(setup,), size=size)
    )
    create_workspace(work, "UVES_ECH", (night,))
    with ProductionLine(work) as line:
        line.run(str(date))
        line.convert(str(date))
    return night, work


def rows(night: Path, work: Path) -> Iterator[tuple[str, str, Agreement, float]]:
    """Yield IDP, chip, agreement and the part of flagged pixels."""
    for path in sorted((work / "reduced").glob("*/idp/*/UV_S[FR]*.fits")):
        column = KINDS.get(path.name.split("_")[1])
        if column is None:
            continue
        spectrum = read_delivered(path)
        truths = [night / f"truth/{path.parts[-4]}/{root}_truth.fits" for root in raws(spectrum)]
        with fits.open(truths[0]) as hdus:
            chips = [hdu.name for hdu in hdus[1:] if "_" not in hdu.name]
        for chip in chips:
            wave, expected = mean_truth(truths, chip, column)
            margin = EDGE * (wave[-1] - wave[0])
            part = (spectrum.wave > wave[0] + margin) & (spectrum.wave < wave[-1] - margin)
            here = evolve(spectrum, good=spectrum.good & part)
            if here.good.any():
                flagged = float(np.mean(~spectrum.good[part]))
                yield path.name, chip, compare(here, wave, expected), flagged


def raws(spectrum: Delivered) -> list[str]:
    """Return the roots of the raw files that the header names."""
    header = spectrum.header
    names = [header[f"PROV{number}"] for number in range(1, int(header["NCOMBINE"]) + 1)]
    return [name.removesuffix(".fits") for name in names]


def mean_truth(truths: list[Path], chip: str, column: str = "EXPECTED") -> tuple[Any, Any]:
    """Average what perfect reductions give, each moved by the truth's own observer."""
    grids = []
    for truth in truths:
        with fits.open(truth) as hdus:
            moved = hdus[chip].data["WAVE"] * (1.0 + hdus[0].header["ESO SIM OBSERVER"] / C)
            grids.append((moved, hdus[chip].data[column].astype(float)))
    wave = grids[0][0]
    return wave, np.mean([np.interp(wave, *grid) for grid in grids], axis=0)


def text(name: str, chip: str, found: Agreement, flagged: float) -> str:
    """Write a row."""
    worst = float(np.nanmax(np.abs(found.sections - 1.0)))
    flux = "in counts" if "_SRED_" in name else f"{100 * (found.ratio - 1):+.2f} %"
    return (
        f"| {name} | {chip} | {found.velocity:+.3f} ± {found.velocity_error:.3f} | "
        f"{flux} | {100 * worst:.2f} % | {100 * (found.worst_mean - 1):+.2f} % | "
        f"{found.pull:.2f} | {found.snr:.0f} | {100 * flagged:.1f} % |"
    )


def main(folder: Path, setups: tuple[str, ...]) -> None:
    """Print the table."""
    print(HEADER)
    for setup in setups:
        name, _, size = setup.partition("@")
        for found in rows(*delivered(folder, name, size="full" if size == "full" else "small")):
            print(text(*found), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), tuple(sys.argv[2:]) or SETUPS)
