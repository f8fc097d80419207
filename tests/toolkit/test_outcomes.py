"""What the products of a recipe show."""

from __future__ import annotations

import numpy as np
import pytest

from phoenix.errors import HeaderError
from phoenix.model.ab import ABName, AssociationBlock
from phoenix.model.frames import Product, RawFrame
from phoenix.model.gate import RecipeOutcome
from phoenix.toolkit.outcomes import finite_pixels, keyword, keyword_ratio, lit_pixels

RAWS = (RawFrame("${DFO_RAW_DIR}/2020-01-01/a.fits", "BIAS"),)
AB = AssociationBlock(ABName("X.2020-01-02T01:12:20.596.ab"), "bias", RAWS)


@pytest.fixture
def outcome(image):
    pixels = np.array([[1.0, 0.0], [2.0, np.nan]])
    path = image("a.fits", pixels, FOUND=3.0, WANTED=4.0, NONE=0)
    return RecipeOutcome(AB, (Product(path, "MASTER"),))


def test_a_keyword_is_read(outcome):
    assert keyword(outcome, "MASTER", "FOUND") == 3.0


def test_a_product_without_the_keyword_is_an_unfinished_one(outcome):
    with pytest.raises(HeaderError, match="LOST"):
        keyword(outcome, "MASTER", "LOST")


def test_a_ratio_of_two_keywords_survives_a_count_of_none(outcome):
    assert keyword_ratio(outcome, "MASTER", "FOUND", "WANTED") == 0.75
    assert keyword_ratio(outcome, "MASTER", "FOUND", "NONE") == 3.0


def test_pixels_are_numbers_and_lit(outcome):
    assert finite_pixels(outcome, "MASTER") == 0.75
    assert lit_pixels(outcome, "MASTER") == 0.5


def test_nothing_is_measured_without_the_product(outcome):
    assert keyword(outcome, "OTHER", "FOUND") is None
    assert keyword_ratio(outcome, "OTHER", "FOUND", "WANTED") is None
    assert finite_pixels(outcome, "OTHER") is None
    assert lit_pixels(outcome, "OTHER") is None
