from __future__ import annotations

from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from phoenix.drawing.paper import DPI, Box, Paper, plain, width_of

WHITE, RED = (255, 255, 255), (255, 0, 0)


@pytest.fixture
def paper() -> Paper:
    return Paper(2.0, 1.0)


def drawn(paper: Paper) -> np.ndarray:
    return np.asarray(Image.open(BytesIO(paper.png())))


def at(paper: Paper, x: float, y: float) -> tuple[int, ...]:
    image = drawn(paper)
    return tuple(image[round((paper.height - y) * DPI), round(x * DPI)].tolist())


def test_new_paper_is_white(paper: Paper) -> None:
    assert drawn(paper).shape == (100, 200, 3)
    assert (drawn(paper) == 255).all()


def test_a_filled_box_ends_where_it_ends(paper: Paper) -> None:
    paper.fill(Box(0.5, 0.25, 1.0, 0.5), "#ff0000")
    assert at(paper, 0.52, 0.27) == at(paper, 1.48, 0.73) == RED
    assert at(paper, 0.48, 0.5) == at(paper, 1.52, 0.5) == at(paper, 1.0, 0.77) == WHITE


def test_a_line_is_broken_where_a_point_is_missing(paper: Paper) -> None:
    x = np.array([0.1, 0.9, np.nan, 1.1, 1.9])
    paper.line(np.column_stack((x, np.full(5, 0.505))), "red", 2.0)
    assert at(paper, 0.5, 0.505) == at(paper, 1.5, 0.505) == RED
    assert at(paper, 1.0, 0.505) == WHITE


def test_nothing_is_drawn_outside_the_box_it_is_within(paper: Paper) -> None:
    points = np.array([(0.0, 0.505), (2.0, 0.505)])
    paper.line(points, "red", 2.0, within=Box(0.5, 0.0, 1.0, 1.0))
    assert at(paper, 1.0, 0.505) == RED
    assert at(paper, 0.4, 0.505) == at(paper, 1.6, 0.505) == WHITE


def test_marks_have_a_colour_each(paper: Paper) -> None:
    colours = np.array([(1.0, 0, 0, 1), (0, 0, 1.0, 1)])
    paper.marks(np.array([(0.5, 0.5), (1.5, 0.5)]), "s", 10.0, colours)
    assert at(paper, 0.5, 0.5) == RED
    assert at(paper, 1.5, 0.5) == (0, 0, 255)


def test_the_first_row_of_a_picture_is_the_lowest(paper: Paper) -> None:
    rows = np.array([[(255, 0, 0, 255)], [(0, 0, 255, 255)]], dtype=np.uint8)
    paper.picture(rows, Box(0.5, 0.0, 1.0, 1.0))
    assert at(paper, 1.0, 0.25) == RED
    assert at(paper, 1.0, 0.75) == (0, 0, 255)


@pytest.mark.parametrize(
    ("anchor", "columns"), [("ls", slice(100, 200)), ("rs", slice(0, 100))], ids=["left", "right"]
)
def test_a_text_stands_at_its_anchor(paper: Paper, anchor: str, columns: slice) -> None:
    paper.write(1.0, 0.5, "HHHH", 10, "black", anchor=anchor)
    dark = drawn(paper).min(axis=(0, 2)) < 128
    assert dark.sum() > 10
    assert dark[columns].sum() == dark.sum()


def test_a_text_upwards_is_taller_than_wide(paper: Paper) -> None:
    paper.write(1.0, 0.5, "HHHH", 10, "black", upwards=True)
    rows, columns = np.nonzero(drawn(paper).min(axis=2) < 128)
    assert np.ptp(rows) > 2 * np.ptp(columns)
    assert columns.max() < 1.0 * DPI


def test_the_width_of_a_text_is_known_before_it_is_written(paper: Paper) -> None:
    paper.write(0.1, 0.5, "HHHH", 10, "black")
    columns = np.nonzero(drawn(paper).min(axis=(0, 2)) < 128)[0]
    assert width_of("HHHH", 10) * DPI == pytest.approx(np.ptp(columns), abs=5)


def test_a_text_is_no_longer_than_wanted() -> None:
    assert plain("abcdefgh", 5) == "abcd…"
