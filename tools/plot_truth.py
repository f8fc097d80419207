"""Compare the spectra of a simulated GIRAFFE night with what was put in, and draw it.

``python tools/plot_truth.py NIGHT WORKSPACE docs/images/truth.png`` takes the folder that
``phoenix simulate`` wrote and a workspace in which the night was run to its end; ``make demo``
leaves both in ``demo/``. The SimCal lamp must have been off, as it is in the default night.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from attrs import frozen
from matplotlib.figure import Figure

from phoenix.steps.shelf.manifest import Manifest, read_manifest
from phoenix_giraffe.simulation import Comparison, compare_with_truth

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from matplotlib.axes import Axes

SPECTRA, ERRORS = "SCIENCE_RBNSPECTRA", "SCIENCE_RBNERRORS"
BRIGHT = 100
"""Signal-to-noise ratio per pixel above which fluxes are compared."""


@frozen
class Figures:
    """What the issue of the first night asks for, of all exposures together.

    Attributes
    ----------
    fibres, bright : int
        Compared spectra, and those with SNR above 100.
    velocity : float
        Median absolute velocity error of the stars in km/s.
    offset : float
        Median velocity error in km/s.
    flux_rms : float
        Fibre-to-fibre rms of the flux of bright spectra, relative.
    pull : float
        Median over fibres of the robust rms of (reduced - truth) / error.
    sky_flux : float
        Median flux of the sky fibres over their truth, relative to the median star.
    """

    fibres: int
    bright: int
    velocity: float
    offset: float
    flux_rms: float
    pull: float
    sky_flux: float

    def __str__(self) -> str:
        return (
            f"{self.fibres} spectra, {self.bright} of them with SNR > {BRIGHT}\n"
            f"median velocity error      {self.velocity:.3f} km/s (absolute), "
            f"{self.offset:+.3f} km/s (signed); wanted below 0.3\n"
            f"fibre-to-fibre flux        {100 * self.flux_rms:.2f} % rms at SNR > {BRIGHT}; "
            "wanted below 1\n"
            f"robust pull                {self.pull:.2f}; wanted 0.7 to 1.3\n"
            f"flux of the sky fibres     {self.sky_flux:.2f} times the truth"
        )


def compare_night(night: Path, workspace: Path) -> tuple[Comparison, ...]:
    """Compare every exposure of a night that has a truth table and finished spectra."""
    truths = sorted(night.glob("truth/*/*_truth.fits"))
    return tuple(
        found for truth in truths if (found := _compare_exposure(truth, workspace)) is not None
    )


def _compare_exposure(truth: Path, workspace: Path) -> Comparison | None:
    root = truth.name.removesuffix("_truth.fits")
    manifest = read_manifest(workspace / "logs" / truth.parent.name / f"{root}.json")
    if manifest is None:
        return None
    spectra, errors = (_product(manifest, workspace, kind) for kind in (SPECTRA, ERRORS))
    return compare_with_truth(spectra, errors, truth)


def _product(manifest: Manifest, workspace: Path, pro_catg: str) -> Path:
    return next(workspace / row.final for row in manifest.products if row.pro_catg == pro_catg)


def summarise(found: Sequence[Comparison]) -> Figures:
    """Return the figures of all exposures together."""
    snr, velocity, pull = (_all(found, name) for name in ("snr", "velocity", "pull"))
    scale, is_sky = _all(found, "scale"), _all(found, "kind") == "S"
    bright = snr > BRIGHT
    return Figures(
        fibres=len(snr),
        bright=int(bright.sum()),
        velocity=float(np.nanmedian(np.abs(velocity))),
        offset=float(np.nanmedian(velocity)),
        flux_rms=float(scale[bright].std()),
        pull=float(np.median(pull)),
        sky_flux=float(np.median(scale[is_sky]) / np.median(scale[~is_sky])),
    )


def _all(found: Iterable[Comparison], name: str) -> np.ndarray:
    return np.concatenate([getattr(one, name) for one in found])


def draw(found: Sequence[Comparison], path: Path) -> None:
    """Draw velocity, flux and pull of each star against its signal-to-noise ratio."""
    figure = Figure(figsize=(11, 3.6), dpi=110, layout="constrained")
    stars = _all(found, "kind") == "M"
    snr = _all(found, "snr")[stars]
    panels = (
        ("velocity", "velocity, reduced - true [km/s]", (-0.3, 0.3), 0.0, 1.0),
        ("scale", "flux, reduced / true / median fibre [%]", (-1.0, 1.0), 1.0, 100.0),
        ("pull", "robust rms of (reduced - true) / error", (0.7, 1.3), 0.0, 1.0),
    )
    for axes, (name, label, limits, zero, unit) in zip(
        figure.subplots(1, len(panels)), panels, strict=True
    ):
        values = (_all(found, name)[stars] - zero) * unit
        _draw_panel(axes, snr, values, label, limits)
    figure.savefig(path)


def _draw_panel(
    axes: Axes, snr: np.ndarray, values: np.ndarray, label: str, limits: tuple[float, float]
) -> None:
    axes.axhspan(*limits, color="#2f855a", alpha=0.12, lw=0)
    axes.plot(snr, values, ".", ms=4, color="#2b6cb0", alpha=0.7)
    axes.axhline(np.median(values), color="#1a202c", lw=0.8)
    axes.set_xlabel("SNR per pixel")
    axes.set_title(label, fontsize=9)
    axes.grid(visible=True, alpha=0.25)


def main(arguments: Sequence[str]) -> int:
    """Print the figures and write the picture."""
    if len(arguments) != 3:  # noqa: PLR2004 - night, workspace, picture
        sys.stderr.write("python tools/plot_truth.py NIGHT WORKSPACE PICTURE\n")
        return 2
    night, workspace, picture = map(Path, arguments)
    found = compare_night(night, workspace)
    if not found:
        sys.stderr.write(f"no exposure of {night} was reduced in {workspace}; run the night\n")
        return 2
    sys.stdout.write(f"{summarise(found)}\n")
    draw(found, picture)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
