"""Figure 5 of the manual: signal-to-noise ratio against counts, VIS, high gain, 0.9x11."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from phoenix.line.production import ProductionLine
from phoenix.line.qc1.plot import Look
from phoenix.line.qc1.query import Query
from phoenix.line.workspace import create_workspace
from phoenix.model.ab import AssociationBlock
from phoenix.model.dates import CivilDate
from phoenix.model.frames import RawFrame
from phoenix.model.qc import Measurement
from phoenix.store import BlockRow, Store
from phoenix_xshooter.process import XSHOOTER_ECH

DATE = "2012-03-28"
OF_THE_FIGURE = ("SEQ_ARM=VIS", "DET_READ_CLOCK~hg", "INS_OPTI4_NAME=0.9x11")
COUNTS = (400.0, 900.0, 2500.0, 10_000.0)
SETUPS = (
    # Read-out, arm, wheel, slit, and counts that one of a signal-to-noise ratio of 1 has.
    ("100k/1pt/hg", "VIS", "OPTI4", "0.9x11", 1.0),
    ("100k/1pt/hg/1x2", "VIS", "OPTI4", "0.9x11", 1.0),
    ("400k/1pt/lg", "VIS", "OPTI4", "0.9x11", 100.0),
    ("100k/1pt/hg", "VIS", "OPTI4", "1.5x11", 100.0),
    ("100k/1pt/hg", "UVB", "OPTI3", "1.0x11", 100.0),
)


def ab_of(number, setup):
    clock, arm, wheel, slit, _ = setup
    name = f"XSHOO.2012-03-29T0{number // 60}:{number % 60:02d}:00.000"
    return AssociationBlock(
        f"{name}_tpl.ab",
        "xsh_scired_slit_nod",
        (RawFrame(f"${{DFO_RAW_DIR}}/{DATE}/{name}.fits", f"OBJECT_SLIT_NOD_{arm}"),),
        date=CivilDate.parse(DATE),
        raw_type=f"OBJECT_SLIT_NOD_{arm}",
        dpr_catg="SCIENCE",
        setup=(("DET.READ.CLOCK", clock), ("SEQ.ARM", arm), (f"INS.{wheel}.NAME", slit)),
    )


@pytest.fixture(scope="module")
def line(tmp_path_factory):
    """A workspace of spectra of several setups, whose noise is that of photons."""
    folder = tmp_path_factory.mktemp("figure5")
    create_workspace(folder, XSHOOTER_ECH.name)
    rows = [(setup, counts) for setup in SETUPS for counts in COUNTS]
    with Store.open(f"sqlite:///{folder}/phoenix.db", XSHOOTER_ECH.name) as store:
        for number, (setup, counts) in enumerate(rows):
            ab = ab_of(number, setup)
            store.blocks.save([BlockRow.of(ab)])
            ratio = (counts / setup[-1]) ** 0.5
            store.qc1.replace(
                str(ab.name), (Measurement("SNR", ratio), Measurement("MEAN_COUNTS", counts))
            )
    with ProductionLine(folder) as line:
        yield line


def test_the_spectra_of_the_figure_are_chosen_by_arm_gain_and_slit(line):
    table = line.qc("MEAN_COUNTS", "SNR", where=OF_THE_FIGURE)
    assert sorted(table["MEAN_COUNTS"].value) == sorted((*COUNTS, *COUNTS))
    assert set(table["DET_READ_CLOCK"]) == {"100k/1pt/hg", "100k/1pt/hg/1x2"}


def test_the_figure_is_drawn_and_its_line_has_the_slope_of_photons(line, tmp_path):
    path = tmp_path / "figure5.png"
    query = Query(where=OF_THE_FIGURE, pool=DATE)
    fit = line.plot("MEAN_COUNTS", "SNR", query, path, Look(by="SETUP", log=True, fit=True))
    assert fit.slope == pytest.approx(0.5, abs=1e-6)
    with Image.open(path) as image:
        assert np.asarray(image.convert("L")).std() > 0
