"""One QC parameter against another, as a picture and as a straight line."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nightwork import DATE
from PIL import Image

from phoenix.cli import run as phoenix
from phoenix.errors import DataError
from phoenix.line.production import ProductionLine
from phoenix.line.qc1.plot import Look, straight_line
from phoenix.line.qc1.query import Query


@given(
    st.floats(-100, 100),
    st.floats(-100, 100),
    st.lists(st.integers(-50, 50), min_size=3, unique=True),
)
def test_points_on_a_line_give_the_line_and_no_scatter(slope, offset, x):
    at = np.array(x, dtype=float)
    fit = straight_line(at, offset + slope * at)
    assert fit is not None
    assert (fit.slope, fit.offset) == pytest.approx((slope, offset), abs=1e-6)
    assert fit.scatter == pytest.approx(0.0, abs=1e-6)


@pytest.mark.parametrize("x", [[], [1.0, 2.0], [3.0, 3.0, 3.0]])
def test_too_few_points_or_a_single_x_give_no_line(x):
    assert straight_line(np.array(x), np.ones(len(x))) is None


@pytest.fixture(scope="module")
def line(processed):
    with ProductionLine(processed) as line:
        yield line


@pytest.mark.recipes
def test_signal_to_noise_of_fibres_grows_with_the_root_of_their_counts(line, tmp_path):
    """Photons rule above 1000 adu: the slope of the logarithms is a half."""
    path = tmp_path / "snr.png"
    fit = line.plot(
        "MEAN_COUNTS",
        "SNR",
        Query(where=("MEAN_COUNTS>1000",), pool=DATE, elements=True),
        path,
        Look(by="SETUP", log=True, fit=True),
    )
    table = line.qc("MEAN_COUNTS", "SNR", elements=True)
    x, y = (np.asarray(table[name].filled(np.nan), float) for name in ("MEAN_COUNTS", "SNR"))
    keep = (x > 1000) & (y > 0)
    own = np.polyfit(np.log10(x[keep]), np.log10(y[keep]), 1)
    assert (fit.slope, fit.offset) == pytest.approx(tuple(own), rel=1e-6)
    assert fit.slope == pytest.approx(0.5, abs=0.05)
    with Image.open(path) as image:
        assert image.size == (990, 605)
        assert len(image.convert("RGB").getcolors(1 << 20)) > 50


@pytest.mark.recipes
@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["MEAN_COUNTS", "SNRR", "-o", "x.png"], "did you mean SNR"),
        (["MEAN_COUNTS", "SNR", "-o", "x.pdf"], "expected .png or .html"),
        (["MEAN_COUNTS", "SNR", "SNR>1e9", "-o", "x.png"], "found no row with numbers in both"),
        (["MEAN_COUNTS", "SETUP", "-o", "x.png"], "found no row with numbers in both"),
    ],
)
def test_what_cannot_be_drawn_is_told_and_nothing_written(
    words, told, line, tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    assert phoenix(["qc", "plot", "-w", str(line.workspace.root), *words]) == 2
    assert told in " ".join(capsys.readouterr().err.split())
    assert list(tmp_path.iterdir()) == []


@pytest.mark.recipes
def test_the_verb_draws_against_time(line, tmp_path, capsys):
    path = tmp_path / "t.png"
    words = ["qc", "plot", "-w", str(line.workspace.root), "MJD_OBS", "SNR", "--log"]
    assert phoenix([*words, "-o", str(path)]) == 0
    assert path.is_file()
    with pytest.raises(DataError, match=r"expected \.png"):
        line.plot("MJD_OBS", "SNR", Query(), tmp_path / "t.gif")
