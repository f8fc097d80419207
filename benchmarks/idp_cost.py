"""CPU time from the products of a night to its written and validated IDPs, by stage.

This is what phoenix adds to a spectrum when the recipes are done: headers and pixels are read, the
chips of an arm joined or the fibres taken apart, cards made, files written with their checksums,
and judged by the standard as before their ingestion. A stage does not hold what another stage,
called by it, takes. Several spectra of one product share what is read, and their ancillaries.

    python benchmarks/idp_cost.py [--instrument giraffe] [--size full] [--folder DIR]
                                  [--workspace DIR] [--times 5]
"""

from __future__ import annotations

import argparse
import functools
import shutil
import sys
import tempfile
import time
from collections import defaultdict
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nights import DATE, PHOENIX, add_night_options, new_workspace, raw_night, stopwatch

from phoenix import ProductionLine
from phoenix.phase3.validate import validate_many
from phoenix.steps.delivery.convert import Conversion, convert_block
from phoenix.steps.shelf.places import Places

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from phoenix.model.ab import AssociationBlock

WRITING, CARDS, JOINING = "files written, checksums", "cards and columns", "chips or fibres"
HEADERS, PIXELS = "headers read", "pixels and tables read"
ANCILLARIES, VALIDATION, REST = "ancillaries written", "validated", "around: records, folders"
REMOVAL = "old IDPs removed"

ALL = (
    ("phoenix.formats.fits.headers:read_header", HEADERS),
    ("phoenix.toolkit.fits:read_image", PIXELS),
    ("phoenix.toolkit.fits:read_table", PIXELS),
    ("phoenix.steps.delivery.ancillary:write_ancillary", ANCILLARIES),
    ("phoenix.formats.idpfile:write_idp", WRITING),
)
"""Function to the stage that it is, whatever the instrument."""

STAGES = {
    "giraffe": (
        ("phoenix_giraffe.fibres:read_fibre_spectra", JOINING),
        ("phoenix_giraffe.delivery.idp:convert", CARDS),
        *ALL,
    ),
    "uves": (
        ("phoenix_uves.spectrum:read_spectrum", JOINING),
        ("phoenix_uves.spectrum:read_stack", JOINING),
        ("phoenix_uves.recipe.stack:barycentric", JOINING),
        ("phoenix_uves.delivery.idp:convert", CARDS),
        *ALL,
    ),
}
"""Instrument to its functions and their stages."""

ORDER = (HEADERS, PIXELS, JOINING, CARDS, ANCILLARIES, WRITING, REST)


class Clock:
    """CPU seconds by stage; the innermost open stage counts."""

    def __init__(self) -> None:
        self.spent: defaultdict[str, float] = defaultdict(float)
        self.open = [""]
        self.since = time.process_time()

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Open a stage."""
        self.book()
        self.open.append(name)
        try:
            yield
        finally:
            self.book()
            self.open.pop()

    def book(self) -> None:
        """Give what was spent since the last look to the stage that is open."""
        now = time.process_time()
        self.spent[self.open[-1]] += now - self.since
        self.since = now

    def watch(self, function: str, stage: str) -> None:
        """Put a function between two looks at the clock, wherever it was imported."""
        module, _, name = function.partition(":")
        whole = getattr(import_module(module), name)
        watched = self.watched(whole, stage)
        for one in [one for key, one in sys.modules.items() if key.startswith("phoenix")]:
            if getattr(one, name, None) is whole:
                setattr(one, name, watched)

    def watched(self, whole: Callable[..., Any], stage: str) -> Callable[..., Any]:
        """Make a function a stage."""

        @functools.wraps(whole)
        def watched(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - of any function
            with self.stage(stage):
                return whole(*args, **kwargs)

        return watched


def ready_workspace(folder: Path, instrument: str, size: str) -> Path:
    """Run a night with the true recipes."""
    work = new_workspace(folder / "line", instrument, raw_night(folder, instrument, size))
    stopwatch((*PHOENIX, "run", "-w", str(work), "-d", DATE, "-P"))
    return work


def convert_again(line: ProductionLine, ab: AssociationBlock) -> Conversion:
    """Convert an AB as if for the first time."""
    shutil.rmtree(Places.of(line.workspace, ab).idps, ignore_errors=True)
    return convert_block(line.instrument, line.process_row, line.workspace, ab)


def files_of(conversion: Conversion) -> list[Path]:
    """Return the IDPs of a conversion."""
    return [conversion.folder / idp.name for idp in conversion.idps if conversion.folder]


def converted(line: ProductionLine) -> dict[AssociationBlock, list[Path]]:
    """Convert a night and return the IDPs of its ABs; those without any are left out."""
    blocks = line.prepare(DATE, dry=True).blocks
    done = {ab: convert_again(line, ab) for ab in blocks}
    made = {ab: files_of(conversion) for ab, conversion in done.items() if conversion.idps}
    if not made:
        sys.exit("; ".join(conversion.reason for conversion in done.values()))
    return made


def check_and_describe(made: dict[AssociationBlock, list[Path]]) -> str:
    """Say what there is; end where an IDP is not as the standard wants it."""
    reports = [report for paths in made.values() for report in validate_many(paths)]
    if faults := [str(report) for report in reports if not report.ok]:
        sys.exit("\n".join(faults))
    paths = [path for folder in made.values() for path in folder]
    others = sum(1 for folder in made.values() for _ in folder[0].parent.glob("*.*"))
    others -= len(paths) + len(made)  # the IDPs, and the record of each conversion
    size = sum(path.stat().st_size for path in paths) / len(paths) / 1e6
    return f"{len(paths)} IDPs of {size:.2f} MB, {others} ancillaries, {len(made)} ABs"


def measure(line: ProductionLine, instrument: str, times: int) -> dict[str, float]:
    """Return the CPU milliseconds an IDP of every stage, and print of what."""
    made = converted(line)  # loads every module, too
    print(f"{instrument}: {check_and_describe(made)}")
    clock = Clock()
    for function, stage in STAGES[instrument]:
        clock.watch(function, stage)
    for ab in [*made] * times:
        with clock.stage(REMOVAL):
            shutil.rmtree(Places.of(line.workspace, ab).idps)
        with clock.stage(REST):
            conversion = convert_block(line.instrument, line.process_row, line.workspace, ab)
        with clock.stage(VALIDATION):
            validate_many(files_of(conversion))
    number = sum(map(len, made.values()))
    return {stage: spent / times / number * 1e3 for stage, spent in clock.spent.items()}


def print_stages(spent: dict[str, float]) -> None:
    rows = {stage: spent.get(stage, 0.0) for stage in ORDER}
    rows["converted"] = sum(rows.values())
    rows[VALIDATION] = spent[VALIDATION]
    rows["from header to IDP"] = rows["converted"] + rows[VALIDATION]
    print("stage                        CPU ms an IDP")
    for name, value in rows.items():
        print(f"{name:28}{value:14.2f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    add_night_options(parser)
    parser.add_argument(
        "--workspace", type=Path, help="a night that was run; its IDPs are made again"
    )
    parser.add_argument("--times", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as name:
        work = options.workspace or ready_workspace(Path(name), options.instrument, options.size)
        with ProductionLine(work) as line:
            print_stages(measure(line, options.instrument, options.times))


if __name__ == "__main__":
    main()
