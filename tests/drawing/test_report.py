"""Tests of the QC report: its picture, and what no data may do to it."""

from __future__ import annotations

import struct
import warnings
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.image import imread

from phoenix.drawing.curves import as_steps, pieces, robust_range, trace
from phoenix.drawing.paper import plain
from phoenix.drawing.report import WIDTH_PX, ReportTitle, draw_report
from phoenix.errors import DataError
from phoenix.model.panel import Curve, Drawing, Listing, Map, Panel, Picture, Plot
from phoenix.model.score import Outcome, Score
from phoenix.model.threshold import ScoreRule

if TYPE_CHECKING:
    from pathlib import Path

NAN = float("nan")
RED = Score(ScoreRule("NUM_SAT", high=1000, comment="saturated"), 23450, Outcome.RED)
GREEN = Score(ScoreRule("SNR", low=5), 38.2, Outcome.GREEN)
TITLE = ReportTitle(
    "GIRAF.2008-03-02T05:56:16.720_tpl.ab",
    process="GIRAFFE_MOS",
    recipe="giscience",
    setup="H525.8B",
    night="2008-03-01",
    scores=(RED, GREEN),
    qcflag="001000000",
)
WAVE = np.linspace(515.0, 535.0, 500)
FLUX = 100.0 + 10.0 * np.sin(WAVE)
SPECTRUM = Plot("spectrum", (Curve(WAVE, FLUX, np.sqrt(FLUX), "flux"),), "nm", "ADU", wide=True)
EVERY_KIND: tuple[Panel, ...] = (
    SPECTRUM,
    Plot("SNR", (Curve(np.arange(9.0), np.arange(9.0), style="points"),)),
    Map("fibres", WAVE[:4], FLUX[:4], FLUX[:4], ("sky", "sky", "object", "object")),
    Picture("spectra", np.outer(np.arange(20.0), FLUX)),
    Listing("QC parameters", (("SNR", "38.2"), ("NUM_SAT", "23450"))),
)


def size_of(path: Path) -> tuple[int, int]:
    head = path.read_bytes()[:24]
    assert head[:8] == b"\x89PNG\r\n\x1a\n"
    width, height = struct.unpack(">II", head[16:24])
    return width, height


def test_a_report_is_a_png_of_the_promised_width(tmp_path: Path) -> None:
    path = draw_report(TITLE, EVERY_KIND, tmp_path / "report.png")
    width, height = size_of(path)
    assert width == WIDTH_PX
    assert 600 < height < 1400


def test_the_same_panels_make_the_same_bytes(tmp_path: Path) -> None:
    first = draw_report(TITLE, EVERY_KIND, tmp_path / "first.png").read_bytes()
    assert draw_report(TITLE, EVERY_KIND, tmp_path / "second.png").read_bytes() == first


def test_threads_draw_the_same_bytes(tmp_path: Path) -> None:
    alone = draw_report(TITLE, EVERY_KIND, tmp_path / "alone.png").read_bytes()
    with ThreadPoolExecutor(4) as threads:
        paths = threads.map(
            lambda n: draw_report(TITLE, EVERY_KIND, tmp_path / f"{n}.png"), range(4)
        )
        assert {path.read_bytes() for path in paths} == {alone}


def test_nothing_but_the_report_is_left_in_the_folder(tmp_path: Path) -> None:
    draw_report(TITLE, EVERY_KIND, tmp_path / "report.png")
    assert [path.name for path in tmp_path.iterdir()] == ["report.png"]


def test_a_red_score_is_seen_in_the_title(tmp_path: Path) -> None:
    red = imread(draw_report(ReportTitle("A.ab", scores=(RED,)), (), tmp_path / "red.png"))
    green = imread(draw_report(ReportTitle("A.ab", scores=(GREEN,)), (), tmp_path / "green.png"))
    vermillion = np.array([213, 94, 0]) / 255

    def close(image: np.ndarray) -> int:
        return int((np.abs(image[..., :3] - vermillion) < 0.01).all(axis=2).sum())

    assert close(red) > 100
    assert close(green) == 0


def test_a_curve_has_the_colour_that_it_asks_for(tmp_path: Path) -> None:
    def vermillion(colour: int | None) -> int:
        curve = Curve(WAVE, FLUX, colour=colour)
        path = draw_report(ReportTitle("A.ab"), (Plot("spectrum", (curve,)),), tmp_path / "a.png")
        off = np.abs(imread(path)[..., :3] - np.array([213, 94, 0]) / 255)
        return int((off < 0.1).all(axis=2).sum())

    assert vermillion(None) == 0
    assert vermillion(1) > 100


def test_wide_panels_stand_alone_and_others_share_a_row(tmp_path: Path) -> None:
    small = Plot("SNR", SPECTRUM.curves)
    alone = size_of(draw_report(TITLE, [small], tmp_path / "1.png"))[1]
    three = size_of(draw_report(TITLE, [small] * 3, tmp_path / "3.png"))[1]
    four = size_of(draw_report(TITLE, [small] * 4, tmp_path / "4.png"))[1]
    two_wide = size_of(draw_report(TITLE, [SPECTRUM] * 2, tmp_path / "w.png"))[1]
    assert alone == three < four
    assert two_wide > alone


EMPTY = np.empty(0)
BAD: tuple[Panel, ...] = (
    Plot("none", ()),
    Plot("empty", (Curve(EMPTY, EMPTY),)),
    Plot("all nan", (Curve(WAVE, WAVE * NAN, WAVE * NAN, "flux"),)),
    Plot("one point", (Curve(np.ones(1), np.ones(1), style="points"),)),
    Plot("constant", (Curve(WAVE, WAVE * 0),)),
    Plot("infinite", (Curve(WAVE, np.where(WAVE > 520, np.inf, 1.0)),)),
    Plot("masked", (Curve(WAVE, np.ma.masked_greater(FLUX, 100), style="steps"),)),
    Plot("bad range", SPECTRUM.curves, x_range=(NAN, 1.0), y_range=(2.0, 2.0)),
    Picture("empty", np.empty((0, 0))),
    Picture("nan", np.full((4, 5), NAN)),
    Picture("constant", np.ones((4, 5)), low=NAN, high=1.0),
    Picture("line", np.ones(7)),
    Picture("half", np.where(np.eye(6) > 0, NAN, 1.0)),
    Map("empty", EMPTY, EMPTY, EMPTY),
    Map("no value", WAVE, FLUX, FLUX * NAN, ("sky",) * len(WAVE)),
    Map("no place", WAVE * NAN, FLUX, FLUX),
    Map("one", np.ones(1), np.ones(1), np.ones(1)),
    Listing("empty", ()),
    Listing("long", tuple((f"QC{n}" * 30, "9" * 300) for n in range(90)), wide=True),
)


@pytest.mark.parametrize("panel", BAD, ids=lambda panel: f"{type(panel).__name__} {panel.title}")
def test_bad_data_make_a_report(panel: Panel, tmp_path: Path) -> None:
    assert size_of(draw_report(TITLE, [panel], tmp_path / "report.png"))[0] == WIDTH_PX


@given(
    st.lists(st.floats(), max_size=30),
    st.sampled_from(["line", "steps", "points"]),
)
@settings(max_examples=25)
def test_any_numbers_make_a_report(
    tmp_path_factory: pytest.TempPathFactory, values: list[float], style: str
) -> None:
    y = np.array(values)
    panels = (
        Plot("any", (Curve(np.arange(len(y)), y, np.abs(y[::-1]), style=style),)),
        Picture("any", y.reshape(1, -1)),
        Map("any", y, y[::-1], y),
    )
    path = tmp_path_factory.mktemp("any") / "report.png"
    assert size_of(draw_report(TITLE, panels, path))[0] == WIDTH_PX


@pytest.mark.parametrize("name", ["$x^{$", "\\frac{1}{", "星\x00\x07\n", "a" * 5000, ""])
def test_hostile_names_are_drawn_as_they_are(name: str, tmp_path: Path) -> None:
    title = ReportTitle(name, name, name, name, name, name, (RED,), name, name)
    panels = (
        Plot(name, (Curve(WAVE, FLUX, label=name),), name, name),
        Map(name, WAVE[:2], FLUX[:2], FLUX[:2], (name, "b"), name, name, name),
        Listing(name, ((name, name),)),
    )
    assert size_of(draw_report(title, panels, tmp_path / "report.png"))[0] == WIDTH_PX


def test_characters_without_a_glyph_are_replaced() -> None:
    assert plain("ß Cen\n星") == "ß Cen ?"


def test_a_curve_of_unequal_lengths_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="500 x, 3 y"):
        draw_report(TITLE, [Plot("broken", (Curve(WAVE, FLUX[:3]),))], tmp_path / "report.png")
    assert list(tmp_path.iterdir()) == []


def test_a_map_of_unequal_lengths_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="1 kinds"):
        draw_report(TITLE, [Map("broken", WAVE, WAVE, WAVE, ("sky",))], tmp_path / "report.png")


def test_a_long_curve_keeps_its_extremes_when_thinned() -> None:
    x = np.arange(200_000.0)
    y = np.sin(x)
    y[123_457] = 50.0
    thin = trace(Curve(x, y, np.ones_like(x)), 1000)
    assert len(thin.x) == 2000
    assert np.nanmax(thin.y) == 50.0
    assert np.nanmin(thin.y) == y.min()


def test_a_cosmic_does_not_set_the_range() -> None:
    flux = FLUX.copy()
    flux[7] = 1e6
    low, high = robust_range([Curve(WAVE, flux)])
    assert low < 90
    assert 110 < high < 200


def test_the_range_is_that_of_what_is_seen() -> None:
    step = np.where(WAVE < 525, 1000.0, 10.0)
    _, high = robust_range([Curve(WAVE, step)], (526.0, 530.0))
    assert high < 20


def test_a_large_image_is_averaged_and_its_gaps_stay_gaps(tmp_path: Path) -> None:
    image = np.ones((3000, 2500))
    image[:1000] = NAN
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        path = draw_report(TITLE, [Picture("large", image)], tmp_path / "report.png")
    assert size_of(path)[0] == WIDTH_PX


def test_steps_change_half_way_between_points() -> None:
    x, y = as_steps(np.array([0.0, 1.0, 3.0]), np.array([5.0, 6.0, 7.0]))
    assert x.tolist() == [0.0, 0.5, 0.5, 2.0, 2.0, 3.0]
    assert y.tolist() == [5.0, 5.0, 6.0, 6.0, 7.0, 7.0]


def test_what_is_known_falls_into_pieces() -> None:
    known = np.array([True, True, False, True])
    assert pieces(known) == [slice(0, 2), slice(3, 4)]


def test_a_plugin_may_draw_on_axes_of_its_own(tmp_path: Path) -> None:
    def draw(axes):
        axes.set_facecolor("red")

    panel = Drawing("its own", draw)
    plain_one = draw_report(TITLE, [Drawing("its own", lambda _axes: None)], tmp_path / "a.png")
    red = draw_report(TITLE, [panel], tmp_path / "b.png")
    assert reddish(red) > 10 * max(reddish(plain_one), 1)


def test_what_a_plugin_raises_when_it_draws_costs_no_report(tmp_path: Path) -> None:
    def draw(_axes):
        raise ValueError("no such column")

    path = draw_report(TITLE, [Drawing("broken", draw), SPECTRUM], tmp_path / "a.png")
    assert size_of(path)[0] > 0


def reddish(path: Path) -> int:
    pixels = imread(path)
    return int(((pixels[..., 0] > 0.8) & (pixels[..., 1:3] < 0.3).all(axis=-1)).sum())
