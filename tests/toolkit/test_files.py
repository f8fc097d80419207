"""Files by tag and by PRO.CATG."""

from __future__ import annotations

from pathlib import Path

from phoenix.model.ab import ABName, AssociationBlock
from phoenix.model.frames import Product, RawFrame, SetOfFrames
from phoenix.toolkit.files import find, first_of, paths_of, raw_paths

FRAMES = SetOfFrames(
    ((Path("/r/1.fits"), "BIAS"), (Path("/r/2.fits"), "BIAS"), (Path("/c/3.fits"), "GRATING"))
)


def test_files_are_found_by_tag_in_their_order():
    assert [path.name for path in paths_of(FRAMES, "BIAS")] == ["1.fits", "2.fits"]
    assert paths_of(FRAMES, "DARK") == ()


def test_the_first_file_of_the_first_tag_that_has_one_is_found():
    assert first_of(FRAMES, "DARK", "GRATING", "BIAS") == Path("/c/3.fits")
    assert first_of(FRAMES, "DARK") is None


def test_a_product_is_found_by_its_category():
    products = (Product(Path("/p/0.fits"), "FLAT"), Product(Path("/p/1.fits"), "BIAS"))
    assert find(products, "BIAS") == Path("/p/1.fits")
    assert find(products, "DARK") is None


def test_raw_files_are_those_under_the_tags_of_the_ab():
    raws = (RawFrame("${DFO_RAW_DIR}/2020-01-01/1.fits", "BIAS"),)
    ab = AssociationBlock(ABName("X.2020-01-02T01:12:20.596.ab"), "bias", raws)
    assert [path.name for path in raw_paths(ab, FRAMES)] == ["1.fits", "2.fits"]
