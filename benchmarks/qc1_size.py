"""QC1 with many spectra: how fast rows go in and come out, and how much disk they take.

``python benchmarks/qc1_size.py [--spectra 100000]``: spectra of 130 an AB, ten ABs a night, 20
parameters each, in SQLite. Prints rows per CPU-second put in, CPU seconds of the queries of one
parameter over one year (all; those with a condition; mean and sigma of all), and bytes a
row. The goals are for a million spectra: 50,000 rows per CPU-second, 1 s, 20 s, 150 bytes.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from pathlib import Path

import numpy as np

from phoenix.model.dates import CivilDate
from phoenix.model.qc import Measurement
from phoenix.store import BlockRow, Store

FIBRES, ABS, PARAMETERS = 130, 10, 20
FIRST = CivilDate.parse("2015-01-01")
YEAR = (FIRST, FIRST.plus(364))


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


def main(spectra: int) -> None:
    """Print the figures."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "qc.db"
        store = Store.open(f"sqlite:///{path}", "GIRAFFE_MOS")
        begin = time.process_time()
        rows = fill(store, spectra)
        spent = time.process_time() - begin
        print(f"{rows} rows of {spectra} spectra: {rows / spent:.0f} rows per CPU-second")
        print(f"{path.stat().st_size / 1e6:.0f} MB, {path.stat().st_size / rows:.0f} bytes a row")
        since, until = YEAR
        begin = time.process_time()
        found = store.qc1.measurements(parameters=["QC_03"], since=since, until=until)
        print(f"one parameter of one year, {len(found)} rows: {time.process_time() - begin:.2f} s")
        begin = time.process_time()
        high = store.qc1.measurements(
            parameters=["QC_03"], since=since, until=until, numbers=[("QC_03", ">", 200.0)]
        )
        print(f"those above 200, {len(high)} rows: {time.process_time() - begin:.2f} s")
        begin = time.process_time()
        values = [float(row.value) for row in found]
        told = (statistics.fmean(values), statistics.stdev(values))
        spent = time.process_time() - begin
        print(f"mean {told[0]:.1f} and sigma {told[1]:.1f} of the year: {spent:.2f} s")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--spectra", type=int, default=100_000)
    main(parser.parse_args().spectra)
