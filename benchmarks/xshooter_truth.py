"""How far delivered X-shooter spectra are from what was put in: a table, one row an IDP.

``python benchmarks/xshooter_truth.py [FOLDER] [DATE ...]`` simulates a small night of each date
(those of DATES, all modes, if none is given) below FOLDER, or where nothing stays, runs the whole
line with the bins of the rules, and reads the IDPs as a stranger does: flux against truth (median,
and the deviation that 90 % of the means over 20 bins, weighted by the delivered errors, stay
below), the share of bins whose error is more than ten times that of their neighbours, the pull of
single bins, of means over five and over twenty (what is off on the scale of a hundred bins taken
out), velocity (bins of stellar and nebular lines), and the barycentric velocity against that of
the simulator. Absorbing bands, the ends of the arms and the change of lamps in UVB are left out.
Where two arms of a
pointing meet, the mean of the one over that of the other follows.

A DATE may have a size and setups behind it: ``2020-01-01@full`` is unbinned, with narrow slits,
``2020-01-01@small@STARE,UVB`` a star and its standard that stare, ``@small@JH,NIR`` what stands
behind the filter of the K band. The last line tells the worst of all: median flux, means over 20
bins, wavelengths in bins, and arms where they meet.
"""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from astropy.io import fits
from attrs import evolve
from scipy.ndimage import median_filter

from phoenix.instrument import load_instrument
from phoenix.line.production import ProductionLine
from phoenix.line.workspace import create_workspace
from phoenix.model.dates import CivilDate
from phoenix.simulate.night import SimulationOptions
from phoenix.testing.stranger import compare, read_delivered

if TYPE_CHECKING:
    from phoenix.testing.stranger import Delivered

DATES = (
    "2020-01-01", "2021-06-15", "2020-03-11@small@STARE", "2019-08-20@small@OFFSET",
    "2021-10-05@small@JH,NIR",
)  # fmt: skip
C = 299792.458
AIR = (
    (686, 695), (716, 735), (759, 771), (812, 836), (890, 990), (1090, 1180), (1255, 1285),
    (1320, 1500), (1560, 1620), (1730, 2090), (2300, 2500), (356, 366),
)  # fmt: skip
"""nm between which the air absorbs, and where the lamps of the flat change in UVB."""
LIT = {"UVB": (305.0, 552.0), "VIS": (548.0, 1018.0), "NIR": (1008.0, 2290.0)}
"""Arm to the nm between which enough light passes the dichroics."""
TOGETHER, BLOCK, SMOOTH = (1, 5, 20), 20, 101
MEET = (("UVB", "VIS", 548.0, 554.0), ("VIS", "NIR", 1006.0, 1018.0))
"""Two arms, and the nm between which both have light."""
POOR = 10.0
"""A bin is poor if its error is more than this times that of its neighbours."""
HEADER = (
    "| IDP | flux - 1 | 90 % of means within | poor bins | pull of 1, 5, 20 bins "
    "| velocity, km/s | BARYCORR - truth | SNR |\n"
    "|---|---|---|---|---|---|---|---|"
)


def delivered(folder: Path, one: str) -> tuple[Path, Path]:
    """Simulate a night and run the whole line on it; return the night and the workspace."""
    date, size, setups, *_ = *one.split("@"), "", "", ""
    night, work = (folder / f"{one.replace('@', '-')}-{what}" for what in ("night", "work"))
    xshooter = load_instrument("xshooter")
    process = xshooter.process("XSHOOTER_ECH")
    options = SimulationOptions(
        size="full" if size == "full" else "small", setups=tuple(filter(None, setups.split(",")))
    )
    xshooter.simulate(process, CivilDate.parse(date), night, options)
    create_workspace(work, "XSHOOTER_ECH", (night,))
    with ProductionLine(work) as line:
        line.run(date)
        line.convert(date)
    return night, work


def expected(spectrum: Delivered, night: Path) -> tuple[Any, Any, Any, float]:
    """Return grid and mean truth in the frame of the Sun, its means over the bins, BARYCORR."""
    header = spectrum.header
    names = [header[f"PROV{number}"] for number in range(1, int(header["NCOMBINE"]) + 1)]
    grids, velocities = [], []
    for name in names:
        path = next(night.glob(f"truth/*/{name.removesuffix('.fits')}_truth.fits"))
        with fits.open(path) as hdus:
            velocities.append(hdus[0].header["ESO SIM OBSERVER"])
            moved = hdus[1].data["WAVE"] * (1.0 + velocities[-1] / C)
            # A standard behind the filter loses to the slit what its target loses.
            lost = hdus[0].header["ESO SIM THRU"] if "JH" in str(night) else 1.0
            grids.append((moved, hdus[1].data["EXPECTED"].astype(float) / lost))
    grid = grids[0][0]
    flux = np.mean([np.interp(grid, *one) for one in grids], axis=0)
    total = np.concatenate([[0.0], np.cumsum(0.5 * (flux[1:] + flux[:-1]) * np.diff(grid))])
    middles = 0.5 * (spectrum.wave[1:] + spectrum.wave[:-1])
    edges = np.concatenate([[2 * spectrum.wave[0] - middles[0]], middles,
                            [2 * spectrum.wave[-1] - middles[-1]]])  # fmt: skip
    means = np.diff(np.interp(edges, grid, total)) / np.diff(edges)
    return grid, flux, means, float(np.mean(velocities))


def pull(flux: Any, error: Any, truth: Any, together: int) -> float:  # noqa: ANN401 - arrays
    """Return the scatter of means over so many bins in units of their error."""
    level = median_filter(flux / truth, SMOOTH)
    number = flux.size // together * together
    off = (flux - level * truth)[:number].reshape(-1, together).mean(axis=1)
    noise = np.sqrt((error[:number] ** 2).reshape(-1, together).sum(axis=1)) / together
    values = off / noise
    return float(1.4826 * np.median(np.abs(values - np.median(values))))


def weighted(values: Any, weight: Any) -> Any:  # noqa: ANN401 - arrays
    """Return means over the bins of each row of weights."""
    return (values.reshape(weight.shape) * weight).sum(axis=1) / weight.sum(axis=1)


class Found(NamedTuple):
    """What is said of an IDP, and how far it is off: parts of the flux, and bins."""

    text: str
    flux: float = 0.0
    means: float = 0.0
    bins: float = 0.0


def row(path: Path, night: Path) -> Found:
    """Compare an IDP."""
    spectrum = read_delivered(path)
    grid, fine, truth, velocity = expected(spectrum, night)
    arm = next(arm for arm in LIT if f"_{arm}_" in path.name)
    low, high = LIT[arm]
    keep = spectrum.good & (spectrum.wave > low) & (spectrum.wave < high)
    for begin, end in AIR:
        keep &= (spectrum.wave < begin - 3.0) | (spectrum.wave > end + 3.0)
    keep[[0, -1]] = False
    flux, error, there = spectrum.flux[keep], spectrum.error[keep], truth[keep]
    number = keep.sum() // BLOCK * BLOCK
    barycentric = f"{1000 * (float(spectrum.header['BARYCORR']) - velocity):+.0f} m/s"
    snr = float(np.median(flux / error))
    if snr < 1.0:
        return Found(f"| {path.name} | no continuum | | | | | {barycentric} | {snr:.1f} |")
    weight = (error[:number] ** -2.0).reshape(-1, BLOCK)
    ratio = weighted(flux[:number], weight) / weighted(there[:number], weight)
    median, off = float(np.median(ratio)) - 1.0, float(np.percentile(np.abs(ratio - 1.0), 90))
    poor = 100 * np.mean(error > POOR * median_filter(error, SMOOTH))
    found = compare(evolve(spectrum, good=keep), grid, fine)
    pulls = ", ".join(f"{pull(flux, error, there, one):.2f}" for one in TOGETHER)
    width = C * float(spectrum.header["SPEC_BIN"] / np.mean(spectrum.wave[keep]))
    text = (
        f"| {path.name} | {100 * median:+.2f} % | {100 * off:.2f} % | {poor:.1f} % | {pulls} | "
        f"{found.velocity:+.2f} ± {found.velocity_error:.2f} | {barycentric} | {snr:.0f} |"
    )
    return Found(text, abs(median), off, abs(found.velocity) / width)


def meetings(paths: list[Path]) -> dict[str, float]:
    """Return how far two arms of a pointing are apart where they meet."""
    found: dict[tuple[str, str], dict[str, Path]] = {}
    for path in paths:
        words = path.stem.split("_")
        found.setdefault((words[2], words[-1]), {})[words[4]] = path
    apart = {}
    for (block, mode), arms in found.items():
        for blue, red, low, high in MEET:
            if blue not in arms or red not in arms:
                continue
            levels = []
            for arm in (blue, red):
                spectrum = read_delivered(arms[arm])
                inside = spectrum.good & (spectrum.wave > low) & (spectrum.wave < high)
                levels.append(float(np.mean(spectrum.flux[inside])))
            where = f"OB {block} {mode}: {blue} over {red}, {low:g} to {high:g} nm"
            apart[where] = levels[0] / levels[1] - 1.0
    return apart


def main(folder: Path, dates: tuple[str, ...]) -> None:
    """Print the table."""
    print(HEADER)
    rows: list[Found] = []
    apart: dict[str, float] = {}
    for one in dates:
        night, work = delivered(folder, one)
        paths = sorted((work / "reduced").glob("*/idp/*/XS_S[FR][LE][XD]_*.fits"))
        for path in paths:
            rows.append(row(path, night))
            print(rows[-1].text, flush=True)
        meet = meetings(paths)
        print(
            *(f"{where}: {100 * off:+.2f} %" for where, off in meet.items()), sep="\n", flush=True
        )
        apart |= meet
    flux, means, bins = (max(getattr(one, name) for one in rows) for name in Found._fields[1:])
    arms = max(map(abs, apart.values()), default=0.0)
    print(
        f"worst of {len(rows)} IDPs: flux {100 * flux:.2f} %, means {100 * means:.2f} %, "
        f"wavelengths {bins:.3f} bins, arms {100 * arms:.2f} %"
    )


if __name__ == "__main__":
    words = sys.argv[1:]
    if words and not words[0][:4].isdigit():
        main(Path(words[0]), tuple(words[1:]) or DATES)
    else:
        with TemporaryDirectory() as folder:
            main(Path(folder), tuple(words) or DATES)
