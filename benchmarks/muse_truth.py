"""How far delivered cubes of MUSE are from what was put in: a table, one row a cube.

    python benchmarks/muse_truth.py FOLDER [DATE:SETUP,SETUP ...] [--kept]

Small nights of several epochs are simulated below FOLDER (NIGHTS, or those asked for; with
--kept those that are there), the whole line runs on them, and the cubes are read as a stranger
does (phoenix.testing.stranger_cube): places and fluxes of all sources by one fit to the image, the
centres of emission lines in the barycentric frame, offsets between exposures as the header of the
cube tells them, scatter of the empty sky against the errors that the cube states, and how far the
response of the night is off. Places are those of the first exposure as its header has them: by
what the telescope missed in it the coordinates are off, and nothing in the data tells.

A night of 24 IFUs (all-ifus) has the limits in wavelength of muse_layouts.py.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from astropy.io import fits
from muse_layouts import settings

from phoenix.cli import run
from phoenix.testing.stranger_cube import fit_sources, line_centre, noise, read_cube
from phoenix_muse.simulation.light import count_rate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from phoenix.testing.stranger_cube import DeliveredCube

NIGHTS = (
    "2020-01-01:field,single", "2015-07-20:four", "2017-04-03:plain,container", "2019-10-11:field",
    "2020-01-02:deep", "2020-01-03:deep",
    "2022-01-15:crowded", "2018-11-20:sky-apart", "2020-01-01:plain,all-ifus",
)  # fmt: skip
HEADER = (
    "| night | OB | exposures | airmass | observer, km/s | stars: px | flux, median and worst "
    "| response | lines, nm | offsets, arcsec | pull | covariance |\n"
    "|---|---|---|---|---|---|---|---|---|---|---|---|"
)
ISOLATED = 1.0  # arcsec to the next source: those of a usual field have more than 2
WHOLE = 8.0  # pixels around a star that must be in all exposures
FAR = 13.0  # pixels from all sources: empty sky


class Truth(NamedTuple):
    """Truth of one exposure: cards, and the table of sources."""

    told: dict[str, Any]
    sources: Any


def deliver(folder: Path, night: str, *, kept: bool) -> tuple[Path, Path]:
    """Simulate a night and run the line to its IDPs; return night and workspace."""
    date, _, setups = night.partition(":")
    name = night.replace(":", "-").replace(",", "-")
    raw, work = folder / f"{name}-night", folder / f"{name}-work"
    if kept and work.is_dir():
        return raw, work
    words = [word for setup in setups.split(",") for word in ("--setup", setup)]
    run(["simulate", "muse", "-d", date, "-o", str(raw), "--size", "small", *words])
    run(["init", str(work), "--process", "MUSE_IFU", "--repository", str(raw)])
    with (work / "phoenix.toml").open("a", encoding="utf-8") as file:
        file.writelines(settings(setup) for setup in setups.split(","))
    of_night = ["-w", str(work), "-d", date]
    run(["run", *of_night, "-P"])
    run(["run", *of_night, "-M"])
    run(["certify", *of_night, "--comment", "a benchmark", "--by", "nobody"])
    run(["run", *of_night, "-M"])
    run(["convert", *of_night])
    return raw, work


def response(work: Path) -> float:
    """Return by what part fluxes are off because the response of the night is, in percent."""
    path = next(work.rglob("MU_MSDR*.fits"))
    with fits.open(path) as hdus:
        rows = hdus[1].data
        inside = slice(len(rows) // 10, -len(rows) // 10)
        wave, found = rows["lambda"][inside], rows["response"][inside]
    off = float(np.median(found - 2.5 * np.log10(count_rate(wave))))
    return float(100.0 * (10.0 ** (-0.4 * off) - 1.0))


def truth_of(raw: Path, name: str) -> Truth:
    path = next(raw.glob(f"truth/*/{name.removesuffix('.fits')}_truth.fits"))
    with fits.open(path) as hdus:
        return Truth(dict(hdus[0].header), hdus["SOURCES"].data.copy())


def expected(cube: DeliveredCube, first: Truth) -> tuple[Any, Any, Any]:
    """Return places (pixels from 0) and fluxes in the image of a cube."""
    told, sources = first
    dec = sources["DEC"] - told["ESO SIM MISS NORTH"] / 3600.0
    east = told["ESO SIM MISS EAST"] / 3600.0 / np.cos(np.radians(dec))
    x, y = cube.wcs.all_world2pix(sources["RA"] - east, dec, 0)
    wave = cube.wave[cube.inside]
    continua = [row["FLUX"] * np.mean((wave / 6400.0) ** row["SLOPE"]) for row in sources]
    return x, y, np.array(continua) + sources["LINEFLUX"] / (wave[-1] - wave[0])


def offsets(cube: DeliveredCube, truths: list[Truth]) -> float:
    """Return by how many arcsec the offsets in the header are off, at worst; NaN without any."""
    worst = [np.nan]
    for number, one in enumerate(truths, 1):
        keys = (f"ESO DRS MUSE OFFSET{number} DRA", f"ESO DRS MUSE OFFSET{number} DDEC")
        if any(key not in cube.primary for key in keys):
            continue
        ra, dec = (float(cube.primary[key]) * 3600.0 for key in keys)
        east = ra * np.cos(np.radians(one.told["ESO SIM DEC"]))
        first = truths[0].told
        for found, word in ((east, "EAST"), (dec, "NORTH")):
            moved = one.told[f"ESO SIM MISS {word}"] - first[f"ESO SIM MISS {word}"]
            worst.append(abs(found + moved))
    return float(np.nanmax(worst)) if len(worst) > 1 else np.nan


def row(path: Path, raw: Path, response_off: float) -> str:
    """Write the row of a cube."""
    cube = read_cube(path)
    names = [cube.primary[f"PROV{i}"] for i in range(1, int(cube.primary["NCOMBINE"]) + 1)]
    truths = [truth_of(raw, name) for name in names]
    told, sources = truths[0]
    x, y, flux = expected(cube, truths[0])
    image = cube.image()
    found = fit_sources(image, x, y, flux, sources["SIZE"] > 0)
    whole = np.array(
        [np.isfinite(image[_near(image, a, b)]).all() for a, b in zip(x, y, strict=True)]
    )
    stars = (sources["LINE"] == 0) & (sources["APART"] > ISOLATED) & whole
    away = np.hypot(found.x - x, found.y - y)[stars]
    off = (found.flux / flux - 1.0)[stars]
    lines = [
        0.1 * (line_centre(cube, a, b, line) - line)
        for a, b, line in zip(found.x, found.y, sources["LINE"], strict=True)
        if line
    ]
    empty = np.isfinite(image) & (cube.away(x, y) > FAR)
    honest = noise(cube, empty) if empty.sum() > 30 else None
    moved = offsets(cube, truths)
    told_offset = "" if np.isnan(moved) else f"{moved:.4f}"
    velocities = [one.told["ESO SIM OBSERVER"] for one in truths]
    worst = max(off, key=abs, default=np.nan)
    widest = max(lines, key=abs, default=np.nan)
    return (
        f"| {path.name.split('_')[3][:10]} | {cube.primary['OBID1']} | {len(truths)} "
        f"| {told['ESO SIM AIRMASS']:.2f} | {np.mean(velocities):+.2f} "
        f"| {away.max(initial=0.0):.3f} of {stars.sum()} "
        f"| {100 * np.median(off):+.1f}, {100 * worst:+.1f} % "
        f"| {response_off:+.1f} % | {widest:+.4f} of {len(lines)} "
        f"| {told_offset} "
        + (f"| {honest.pull:.2f} | {honest.covariance:.2f} |" if honest else "| | |")
    )


def _near(image: Any, x: float, y: float) -> Any:  # noqa: ANN401 - arrays
    rows, columns = np.indices(image.shape)
    return np.hypot(columns - x, rows - y) < WHOLE


def cubes_of(work: Path) -> Iterator[Path]:
    yield from sorted(work.glob("reduced/*/idp/*/MU_SCB*.fits"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("nights", nargs="*", default=NIGHTS)
    parser.add_argument("--kept", action="store_true")
    told = parser.parse_args()
    print(HEADER)
    for night in told.nights:
        raw, work = deliver(told.folder, night, kept=told.kept)
        for path in cubes_of(work):
            print(row(path, raw, response(work)), flush=True)


if __name__ == "__main__":
    main()
