"""How far delivered GIRAFFE spectra are from what was put in: a table, one row an exposure.

``python benchmarks/giraffe_truth.py FOLDER [SETUP ...]`` simulates a small night for each setup
below FOLDER, runs the whole line, and reads the IDPs as a stranger does
(:mod:`phoenix.testing.stranger`).

velocity
    Median over fibres whose formal error is below 0.15 km/s, flexure of the night taken off.
scatter
    Robust sigma of (velocity - its median) / formal error, of the same fibres.
flux, worst section
    Largest deviation of the median of the bright and of the faint half of the stars; largest
    deviation of a twelfth of the spectrum, median over the fibres.
pull
    Median over fibres of the sigma of means over six pixels.
identity
    Fibres whose OBJECT, RA, DEC are those of the truth, and whose spectrum fits best their own.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from astropy.io import fits

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
C = 299792.458
EDGE = 0.5
GREEN_LINE = 557.734
FORMAL = 0.15
HEADER = (
    "| setting | exposure | fibres | velocity | scatter | flux | worst section | pull | "
    "identity |\n|---|---|---|---|---|---|---|---|---|"
)


def delivered(
    folder: Path, setup: str, date: CivilDate = DATE, faults: tuple[str, ...] = ()
) -> tuple[Path, Path]:
    """Simulate a night and run the whole line on it; return the night and the workspace."""
    night, work = folder / f"{setup}-night", folder / f"{setup}-work"
    giraffe = load_instrument("giraffe")
    options = SimulationOptions(setups=(setup,) if setup else (), faults=faults)
    giraffe.simulate(giraffe.process("GIRAFFE_MOS"), date, night, options)
    create_workspace(work, "GIRAFFE_MOS", (night,))
    with ProductionLine(work) as line:
        line.run(str(date))
        line.convert(str(date))
    return night, work


def exposures(night: Path, work: Path) -> Iterator[tuple[Path, list[Path]]]:
    """Yield the truth of each exposure and its IDPs."""
    for truth in sorted(night.glob("truth/*/*_truth.fits")):
        root = truth.name.removesuffix("_truth.fits")
        idps = sorted((work / "reduced").glob(f"*/idp/{root}/GI_SRBS_*.fits"))
        if idps:
            yield truth, idps


def row(setup: str, truth: Path, idps: list[Path]) -> str:
    """Compare one exposure."""
    with fits.open(truth) as hdus:
        table = {int(one["FPS"]): (place, one) for place, one in enumerate(hdus["FIBRES"].data)}
        wave, expected = hdus["WAVE"].data["WAVE"], hdus["EXPECTED"].data.astype(float)
        header = hdus[0].header
    spectra = [read_delivered(path) for path in idps]
    found, same = [], 0
    for spectrum in spectra:
        place, fibre = table[spectrum.header["FPS"]]
        # The truth's own velocity of the observer; nothing of the IDP is undone.
        moved = wave * (1.0 + fibre["OBSERVER"] / C)
        found.append(compare(inner(spectrum), moved, expected[place]))
        same += is_the_same(spectrum, fibre)
    return text(setup, truth, header, found, same)


def inner(spectrum: Delivered) -> Delivered:
    """Leave out the ends and the bright sky line, which the sky has and not the star."""
    from attrs import evolve  # noqa: PLC0415 - used here only

    wave = spectrum.wave
    good = (wave > wave[0] + EDGE) & (wave < wave[-1] - EDGE) & (abs(wave - GREEN_LINE) > 0.3)
    return evolve(spectrum, good=spectrum.good & good)


def is_the_same(spectrum: Delivered, fibre: Any) -> bool:  # noqa: ANN401 - a row of a table
    """Whether the header names the target of the fibre."""
    header = spectrum.header
    near = abs(header["RA"] - fibre["RA"] % 360) + abs(header["DEC"] - fibre["DEC"]) < 1e-5
    return bool(header["OBJECT"] == fibre["OBJECT"] and near)


def text(setup: str, truth: Path, header: Any, found: list[Agreement], same: int) -> str:  # noqa: ANN401
    """Write the row of an exposure."""
    velocity = np.array([one.velocity for one in found]) - header["ESO SIM FLEX VELO"]
    formal = np.array([one.velocity_error for one in found])
    sharp = formal < FORMAL
    middle = float(np.median(velocity[sharp]))
    spread = 1.4826 * float(np.median(np.abs(velocity - middle)[sharp] / formal[sharp]))
    ratio = np.array([one.ratio for one in found])
    ratio /= np.median(ratio)
    order = np.argsort([one.snr for one in found])
    halves = [abs(float(np.median(ratio[half])) - 1.0) for half in np.array_split(order, 2)]
    sections = np.median([one.sections for one in found], axis=0)
    pull = float(np.median([one.pull for one in found]))
    exposure = truth.name.removesuffix("_truth.fits")
    return (
        f"| {setup} | {exposure} | {sharp.sum()} of {len(found)} | {middle:+.3f} | {spread:.2f} | "
        f"{100 * max(halves):.2f} % | {100 * float(np.nanmax(np.abs(sections - 1))):.2f} % | "
        f"{pull:.2f} | {same} of {len(found)} |"
    )


def main(folder: Path, setups: tuple[str, ...]) -> None:
    """Print the table."""
    print(HEADER)
    for setup in setups:
        for truth, idps in exposures(*delivered(folder, setup)):
            print(row(setup, truth, idps), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), tuple(sys.argv[2:]) or ("L543.1",))
