"""What xsh_scired_slit_nod says of noise that is known: why its errors are not the scatter.

``python benchmarks/xshooter_noise.py FOLDER`` takes the night of ``xshooter_truth.py FOLDER
2021-06-15`` (run that first), puts white noise in the place of the two frames of the nod in the
near infrared, and runs the true recipe with the bins of the rules. Scatter over stated error is
told of the difference of the frames, of what is rectified, and of what is combined; and what is to
be expected if variances are interpolated by the kernel itself and not by its square.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from astropy.io import fits

from phoenix.pipelines.find import installed_pipeline

NIGHT = "2021-06-15"
LEVEL, NOISE = 1000.0, 20.0  # ADU
TAG = "OBJECT_SLIT_NOD_NIR"
OPTIONS = ("--keep-temp=yes", "--rectify-bin-lambda=0.1", "--rectify-bin-slit=0.21",
           "--correct-sky-by-median=FALSE")  # fmt: skip
CALIBRATIONS = (
    "MASTER_FLAT_SLIT_NIR", "ORDER_TAB_EDGES_SLIT_NIR", "WAVE_TAB_2D_NIR", "DISP_TAB_NIR",
    "SPECTRAL_FORMAT_TAB_NIR",
)  # fmt: skip
STEPS = (
    ("difference of the frames", "SUBTRACTED_NOD_AB_0_NIR.fits"),
    ("rectified", "REC2_EFF_SUBTRACTED_NOD_AB_0_NIR.fits"),
    ("combined", "SCI_SLIT_MERGE2D_NIR.fits"),
)
STEEPNESS, RADIUS = 5.0, 2.0  # of the kernel tanh of CPL; pixels, the default of the recipe


def inputs(folder: Path, work: Path) -> list[tuple[Path, str]]:
    """Return the frames of noise and the calibrations of the night."""
    found: dict[str, list[Path]] = {}
    places = (*folder.glob(f"{NIGHT}-night/raw/*/*.fits"), *folder.glob(f"{NIGHT}-work/calib/*/*"))
    for path in sorted(places):
        header = fits.getheader(path)
        nod = header.get("ESO DPR TECH") == "ECHELLE,SLIT,NODDING"
        if nod and header.get("ESO SEQ ARM") == "NIR" and header["ESO DPR TYPE"] == "OBJECT":
            found.setdefault(TAG, []).append(path)
        found.setdefault(str(header.get("ESO PRO CATG")), []).append(path)
    rng = np.random.default_rng(1)
    rows = []
    for path in found[TAG]:
        image, header = fits.getdata(path, header=True)
        noise = LEVEL + NOISE * rng.standard_normal(image.shape)
        fits.writeto(work / path.name, noise.astype(np.float32), header)
        rows.append((work / path.name, TAG))
    return [*rows, *((found[catg][0], catg) for catg in CALIBRATIONS)]


def reduce(rows: list[tuple[Path, str]], work: Path) -> None:
    """Run the recipe."""
    pipeline = installed_pipeline("xshoo")
    (work / "noise.sof").write_text("".join(f"{path} {tag}\n" for path, tag in rows))
    words = [pipeline.esorex, f"--recipe-dir={pipeline.recipes}", "xsh_scired_slit_nod", *OPTIONS]
    environment = {**dict(pipeline.environment), "HOME": str(work)}
    subprocess.run(
        [*map(str, words), "noise.sof"], cwd=work, env=environment, check=True, capture_output=True
    )


def scatter(path: Path) -> tuple[float, float, float]:
    """Return scatter and error in the middle of a frame, and the scatter in units of the error."""
    with fits.open(path) as hdus:
        value, error = (np.asarray(hdus[number].data, dtype=float) for number in (0, 1))
    rows, columns = value.shape
    part = np.s_[rows // 3 : 2 * rows // 3, columns // 16 : -columns // 16]
    value, error = value[part], error[part]
    known = error > 0
    value, error = value[known], error[known]
    return robust(value), float(np.median(error)), robust(value / error)


def robust(values: Any) -> float:  # noqa: ANN401 - arrays
    """Return the scatter by the median of what is off the median."""
    return float(1.4826 * np.median(np.abs(values - np.median(values))))


def kernel(distance: Any) -> Any:  # noqa: ANN401 - arrays
    """Return the kernel tanh at distances in pixels, from its Fourier transform."""
    frequency = np.linspace(-3.0, 3.0, 6001)
    passed = (1.0 + np.tanh(STEEPNESS * (frequency + 0.5))) * (
        1.0 + np.tanh(STEEPNESS * (0.5 - frequency))
    )
    grid = np.linspace(0.0, RADIUS, 201)
    profile = [float((passed * np.cos(2.0 * np.pi * frequency * one)).sum()) for one in grid]
    return np.interp(np.abs(distance), grid, profile, right=0.0)


def left_of_noise() -> float:
    """Return noise over what interpolated variances say, over all places within a pixel."""
    pixels, squares = np.arange(-3.0, 5.0), []
    for x in np.arange(0.0, 1.0, 0.04):
        for y in np.arange(0.0, 1.0, 0.04):
            weight = np.outer(kernel(pixels - x), kernel(pixels - y))
            weight[np.hypot.outer(pixels - x, pixels - y) > RADIUS] = 0.0
            squares.append(float(((weight / weight.sum()) ** 2).sum()))
    return float(np.sqrt(np.mean(squares)))


def main(folder: Path) -> None:
    """Print the table."""
    with TemporaryDirectory() as place:
        work = Path(place)
        reduce(inputs(folder, work), work)
        print("| frame | scatter | error | scatter / error |\n|---|---|---|---|")
        for name, path in STEPS:
            found, said, units = scatter(work / path)
            print(f"| {name} | {found:.2f} | {said:.2f} | {units:.3f} |")
    print(f"expected of the kernel alone: {left_of_noise():.3f} of what the difference has")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
