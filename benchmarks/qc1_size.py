"""QC1 with many spectra: how fast rows go in and come out, and how much disk they take.

``python benchmarks/qc1_size.py [--spectra 1000000]``: spectra of 130 an AB, ten ABs a night, 20
parameters each, in SQLite. Prints rows per CPU-second put in, bytes a row, and CPU seconds of
queries as `phoenix qc browse` makes them. The goals are for a million spectra, 2 * 10^7 rows:
50,000 rows per CPU-second, 3 GB of disk, 1 s for a filtered query of one parameter over one year,
20 s for mean, sigma and number of all.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
import time
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
from attrs import evolve

from phoenix.line.qc1.browse import browse
from phoenix.line.qc1.query import Query
from phoenix.model.dates import CivilDate
from phoenix.model.qc import Measurement
from phoenix.store import BlockRow, Store

if TYPE_CHECKING:
    from collections.abc import Callable

    from phoenix.line.context import LineContext
    from phoenix.model.qc import QCValue

FIBRES, ABS, PARAMETERS = 130, 10, 20
FIRST = CivilDate.parse("2015-01-01")
YEAR, BOTH = (FIRST, FIRST.plus(364)), (">=", "<=")


def fill(store: Store, spectra: int) -> int:
    """Put in measurements, AB after AB; return the number of rows."""
    rng = np.random.default_rng(1)
    names = [f"QC_{number:02d}" for number in range(PARAMETERS)]
    rows = 0
    for number in range(spectra // FIBRES):
        night = FIRST.plus(number // ABS)
        name = f"GIRAF.{night}T{number % ABS:02d}:00:00.000.ab"
        mjd = 57023.0 + number / ABS
        store.blocks.save([BlockRow(name, str(night), raw_type="SCIENCE", mjd_obs=mjd)])
        values = rng.lognormal(3.0, 1.0, (FIBRES, PARAMETERS))
        store.qc1.replace(
            name,
            (
                Measurement(parameter, float(values[fibre, place]), fibre + 1)
                for fibre in range(FIBRES)
                for place, parameter in enumerate(names)
            ),
        )
        rows += FIBRES * PARAMETERS
    return rows


def seconds(text: str, ask: Callable[[], str]) -> None:
    """Print what a query takes of this process, and what it told."""
    begin = time.process_time()
    answer = ask()
    print(f"{text}: {time.process_time() - begin:.2f} s, {answer}")


def asked(line: LineContext, query: Query) -> list[dict[str, QCValue]]:
    """Ask as `phoenix qc browse` does."""
    return browse(line, evolve(query, elements=True))[1]


def told(line: LineContext, query: Query) -> str:
    """Ask for one number."""
    return str(asked(line, query)[0]["QC_03"])


def main(spectra: int) -> None:
    """Print the figures."""
    with tempfile.TemporaryDirectory() as folder:
        free = shutil.disk_usage(folder).free
        wanted = 150 * PARAMETERS * spectra
        if free < wanted:
            raise SystemExit(
                f"{folder}: found {free / 1e9:.1f} GB free, expected {wanted / 1e9} GB"
            )
        path = Path(folder) / "qc.db"
        store = Store.open(f"sqlite:///{path}", "GIRAFFE_MOS")
        begin = time.process_time()
        rows = fill(store, spectra)
        spent = time.process_time() - begin
        print(f"{rows} rows of {spectra} spectra: {rows / spent:.0f} rows per CPU-second")
        print(f"{path.stat().st_size / 1e6:.0f} MB, {path.stat().st_size / rows:.0f} bytes a row")
        # What a query needs of a workspace.
        nothing = SimpleNamespace(qc_parameters=lambda _: (), score_bits=lambda _: ())
        process = SimpleNamespace(name="GIRAFFE_MOS")
        line: Any = SimpleNamespace(store=store, instrument=nothing, process_row=process)
        questions(line)
        store.close()


def questions(line: LineContext) -> None:
    """Ask the questions for which there are goals."""
    year = tuple(f"NIGHT{sign}{date}" for sign, date in zip(BOTH, YEAR, strict=True))
    one = Query(("QC_03",), where=year)
    high = evolve(one, where=(*year, "QC_03>200"))
    seconds(
        "one parameter of one year, those above 200",
        lambda: f"{len(asked(line, high))} rows",
    )
    seconds(
        "one parameter of one year, all",
        lambda: f"{len(asked(line, one))} rows",
    )
    for statistic in ("mean", "sigma", "number"):
        seconds(f"{statistic} of all", partial(told, line, Query(statistic=statistic)))
    seconds(
        "median of one parameter of one year",
        partial(told, line, evolve(one, statistic="median")),
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--spectra", type=int, default=1_000_000)
    main(parser.parse_args().spectra)
