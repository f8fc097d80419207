"""How far the IDPs of simulated UVES nights are from what was put in: a table and a figure.

``python benchmarks/uves_truth.py FOLDER [FIGURE] [SETUP ...]`` simulates a small night for each
setup below FOLDER (default: 346+580, 390+564, 437+860), reduces it by the true recipes, converts,
and compares every IDP of a star with the truth of its exposures. Units: binned pixels of the chip
for positions; the pull is the robust rms of (IDP - truth) / ERR.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import numpy as np
from attrs import frozen

from phoenix.archive.repository import ABRepository
from phoenix.formats.idpfile import write_idp
from phoenix.instrument import load_instrument
from phoenix.model.dates import CivilDate
from phoenix.model.frames import Role
from phoenix.phase3.validate import validate
from phoenix.simulate.night import SimulationOptions
from phoenix.steps.prepare import prepare_blocks
from phoenix.testing.night import PreparedNight, ReducedBlock, reduce_night
from phoenix.toolkit.spectra import SPEED_OF_LIGHT
from phoenix_uves.process import chips_of
from phoenix_uves.simulation.truth import compare_spectrum

if TYPE_CHECKING:
    from collections.abc import Iterator

    from phoenix.model.idp import InternalDataProduct

mpl.use("Agg")
import matplotlib.pyplot as plt

DATE = CivilDate(2020, 1, 1)
SETUPS = ("346+580", "390+564", "437+860")


@frozen
class Row:
    """One IDP against truth."""

    name: str
    chips: str
    exposures: int
    flag: str
    ratio: float
    pull: float
    shift: float
    snr: float
    planned_s: float
    written_s: float
    wave: Any
    relative: Any


def reduced(setup: str, folder: Path) -> Any:  # noqa: ANN401 - a ReducedNight
    """Simulate and reduce a night."""
    uves = load_instrument("uves")
    process = uves.process("UVES_ECH")
    night = folder / setup
    uves.simulate(process, DATE, night, SimulationOptions(setups=(setup,)))
    blocks, unreadable = ABRepository(night, "uves").fetch(DATE)
    prepared = prepare_blocks(uves, process, DATE, blocks, unreadable)
    return reduce_night(
        PreparedNight(uves, process, DATE, night, blocks, prepared), folder / f"{setup}-workspace"
    )


def plans(night: Any, one: ReducedBlock) -> Iterator[tuple[InternalDataProduct, float]]:  # noqa: ANN401
    """Yield the IDPs of an AB and the seconds that planning took."""
    for product in one.products:
        if product.role is not Role.SCIENCE:
            continue
        others = tuple(other for other in one.products if other != product)
        begin = time.perf_counter()
        made = night.night.instrument.convert_to_idps(
            night.night.process, one.ab, product, one.frames, others, one.qc, one.qcflags
        )
        for plan in made:
            yield plan, time.perf_counter() - begin


def rows(night: Any, folder: Path) -> Iterator[Row]:  # noqa: ANN401
    """Compare the calibrated IDPs of a night."""
    for one in night.blocks:
        if one.result.reason:
            print(one.ab.name, one.ab.recipe, one.result.reason)
        for plan, seconds in plans(night, one):
            vectors = {column.name: column.values for column in plan.columns}
            if "FLUX" in vectors:
                yield compared(night, one, plan, vectors, seconds, folder)


def compared(
    night: Any,  # noqa: ANN401
    one: ReducedBlock,
    plan: InternalDataProduct,
    vectors: dict[str, Any],
    seconds: float,
    folder: Path,
) -> Row:
    """Compare one IDP, its chips together."""
    begin = time.perf_counter()
    write_idp(_alone(plan), folder / plan.name)
    written = time.perf_counter() - begin
    report = validate(folder / plan.name)
    if not report.ok:
        print(report)
    cards = {card.keyword: card.value for card in plan.primary}
    wave = vectors["WAVE"] / (1.0 + cards["BARYCORR"] / SPEED_OF_LIGHT) / 10.0
    good = vectors["QUAL"] == 0
    flux, error = (np.where(good, vectors[name], 0.0).astype(float) for name in ("FLUX", "ERR"))
    truths = [
        next(night.night.folder.glob(f"truth/*/{raw.name.removesuffix('.fits')}_truth.fits"))
        for raw in one.ab.raw_files
    ]
    parts = []
    for chip in chips_of(one.ab.raw_type):
        inside = on_chip(wave, truths[0], chip)
        parts.append(
            (compare_spectrum(wave[inside], flux[inside], error[inside], truths[0], chip), inside)
        )
    weights = np.array([inside.sum() for _, inside in parts], dtype=float)
    return Row(
        plan.name,
        "+".join(chips_of(one.ab.raw_type)),
        len(truths),
        str(cards.get("QCFLAG", "")),
        float(np.average([part.ratio for part, _ in parts], weights=weights)),
        float(np.average([part.pull for part, _ in parts], weights=weights)),
        max(float(np.abs(part.shifts).max()) for part, _ in parts),
        float(np.average([part.snr for part, _ in parts], weights=weights)),
        seconds,
        written,
        wave,
        relative(wave, flux, good, truths[0], chips_of(one.ab.raw_type)),
    )


def _alone(plan: InternalDataProduct) -> InternalDataProduct:
    from attrs import evolve  # noqa: PLC0415 - used here only

    return evolve(plan, ancillaries=())


def on_chip(wave: Any, truth: Path, chip: str) -> Any:  # noqa: ANN401 - arrays
    """Return the pixels that a chip covers."""
    from astropy.io import fits  # noqa: PLC0415 - used here only

    with fits.open(truth) as hdus:
        grid = hdus[chip].data["WAVE"]
        return (wave >= grid[0]) & (wave <= grid[-1])


def relative(wave: Any, flux: Any, good: Any, truth: Path, chips: tuple[str, ...]) -> Any:  # noqa: ANN401
    """Return flux over truth, nan where there is none."""
    from astropy.io import fits  # noqa: PLC0415 - used here only

    result = np.full(wave.size, np.nan)
    with fits.open(truth) as hdus:
        for chip in chips:
            table = hdus[chip].data
            inside = on_chip(wave, truth, chip) & good
            expected = np.interp(wave[inside], table["WAVE"], table["EXPECTED"])
            result[inside] = flux[inside] / np.where(expected > 0, expected, np.nan)
    return result


def draw(found: list[Row], path: Path) -> None:
    """Draw flux over truth of every stack, means of 0.3 nm."""
    figure, axes = plt.subplots(len(found), 1, figsize=(9, 1.7 * len(found)), squeeze=False)
    for axis, row in zip(axes[:, 0], found, strict=True):
        step = 0.3
        bins = np.floor(row.wave / step).astype(int)
        known = np.isfinite(row.relative)
        values = {b: np.median(row.relative[known & (bins == b)]) for b in np.unique(bins[known])}
        axis.plot([b * step for b in values], list(values.values()), lw=0.6, color="#27496d")
        axis.axhline(1.0, color="0.6", lw=0.5, zorder=0)
        axis.set_ylim(0.95, 1.05)
        axis.set_ylabel("flux / truth")
        title = f"{row.chips}: median {row.ratio:.4f}, pull {row.pull:.2f}"
        axis.set_title(f"{row.name.split('_', 4)[-1]}  {title}", fontsize=8, loc="left")
    axes[-1, 0].set_xlabel("air wavelength / nm")
    figure.tight_layout()
    figure.savefig(path, dpi=110)


def main(folder: Path, figure: Path | None, setups: tuple[str, ...]) -> None:
    """Print the table and draw the figure."""
    found: list[Row] = []
    for setup in setups:
        begin = time.monotonic()
        night = reduced(setup, folder)
        print(f"{setup}: {len(night.blocks)} ABs in {time.monotonic() - begin:.0f} s")
        found += rows(night, folder)
    print("| IDP | chips | exposures | flux/truth | pull | largest shift px | SNR | ms |")
    print("|---|---|---|---|---|---|---|---|")
    for row in found:
        took = 1000 * (row.planned_s + row.written_s)
        print(
            f"| {row.name} | {row.chips} | {row.exposures} | {row.ratio:.4f} | {row.pull:.2f} | "
            f"{row.shift:.3f} | {row.snr:.0f} | {took:.0f} | {row.flag}"
        )
    if figure:
        draw([row for row in found if row.exposures > 1], figure)


if __name__ == "__main__":
    main(
        Path(sys.argv[1]),
        Path(sys.argv[2]) if len(sys.argv) > 2 else None,
        tuple(sys.argv[3:]) or SETUPS,
    )
