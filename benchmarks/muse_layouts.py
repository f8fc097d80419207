"""MUSE through the true recipes: 24 IFUs, or one whole CCD with wavelengths and lines of its own.

    python benchmarks/muse_layouts.py [--layout all-ifus|whole-ccd|one-ifu] [--programme plain]
                                      [--folder DIR]

A simulated night is run, certified, converted and validated, and a verb that leaves with anything
but 0 (or 3: something waits for a person) ends it; CPU seconds of all that was started
for the recipes, and the state, wall seconds and peak memory of each AB as `phoenix status` prints
them. 24 IFUs of 128 rows took 160 CPU s and 1.5 GB, one whole CCD some 180 CPU s and 1.4 GB (twice
that beside twenty other jobs).

Where 24 IFUs have short spectra, the first two planes have few pixels and the fitted sky is wild
there; real frames are cropped. So these have lambdamin and lambdamax in phoenix.toml. Without, the
white light has 1e11 everywhere (gate WHITE_LEVEL): muse_exp_align would raise its threshold of 12
by 0.5 for 200,000 times, 0.04 CPU s each: two hours for every image.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from pathlib import Path

from phoenix.cli import run

DATE = "2020-01-01"
LIMITS = {"all-ifus": (6244.0, 6396.0)}
WAITING = 3
"""Exit code where something waits for a person."""
RECIPES = ("muse_standard", "muse_create_sky", "muse_scipost", "muse_exp_combine")


def settings(layout: str) -> str:
    if layout not in LIMITS:
        return ""
    low, high = LIMITS[layout]
    lines = f"lambdamin = {low}\nlambdamax = {high}\n"
    return "".join(f"\n[pipeline.{recipe}]\n{lines}" for recipe in RECIPES)


def do(verb: str, *words: str) -> None:
    """Call a verb, which must end well."""
    code = run([verb, *words])
    if code not in {0, WAITING}:
        raise SystemExit(f"{verb}: found exit code {code}, expected 0")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--layout", default="all-ifus")
    parser.add_argument("--programme", default="plain")
    parser.add_argument("--folder", default=None)
    told = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=told.folder) as name:
        night, work = Path(name) / "night", Path(name) / "work"
        setups = ["--setup", told.layout, "--setup", told.programme]
        begun = time.process_time()
        do("simulate", "muse", "-d", DATE, "-o", str(night), "--size", "small", *setups)
        print(f"simulated: {time.process_time() - begun:.1f} CPU s")
        do("init", str(work), "--process", "MUSE_IFU", "--repository", str(night))
        with (work / "phoenix.toml").open("a", encoding="utf-8") as file:
            file.write(settings(told.layout))
        of_night = ["-w", str(work), "-d", DATE]
        do("run", *of_night, "-P")
        spent = resource.getrusage(resource.RUSAGE_CHILDREN)
        do("status", *of_night)
        do("run", *of_night, "-M")
        do("certify", *of_night, "--comment", "a benchmark", "--by", "nobody")
        do("run", *of_night, "-M")
        do("convert", *of_night)
        idps = sorted(map(str, work.glob("reduced/*/idp/*/MU_S*.fits")))
        do("validate", *idps)
        print(f"{len(idps)} IDPs and images were validated")
        print(f"run: {spent.ru_utime + spent.ru_stime:.1f} CPU s, those of phoenix included")


if __name__ == "__main__":
    main()
