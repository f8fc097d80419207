from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from phoenix.steps.recipe.products import collect_products, pipefile_names

from ..conftest import BIAS, fits_bytes


def numbers(*categories):
    return [name[-9:-5] for name in pipefile_names("ROOT", BIAS, categories)]


def test_a_declared_product_has_the_number_of_its_row():
    assert numbers("BAD_PIXEL_MAP", "MASTER_BIAS") == ["0001", "0000"]


def test_what_is_not_declared_follows_in_order_of_name():
    assert numbers("X", "MASTER_BIAS", "Y") == ["0002", "0000", "0003"]


def test_a_second_product_of_a_category_follows_too():
    assert numbers("MASTER_BIAS", "MASTER_BIAS", "X") == ["0000", "0002", "0003"]


@given(st.lists(st.sampled_from(["MASTER_BIAS", "BAD_PIXEL_MAP", "X", ""]), max_size=12))
def test_no_two_products_have_the_same_name(categories):
    names = pipefile_names("ROOT", BIAS, categories)
    assert len(set(names)) == len(categories)


def test_the_header_says_what_the_list_does_not(tmp_path):
    (tmp_path / "a.fits").write_bytes(fits_bytes("HIERARCH ESO PRO CATG = 'FROM_HEADER'"))
    (tmp_path / "b.fits").write_bytes(fits_bytes("HIERARCH ESO PRO CATG = 'FROM_HEADER'"))
    (tmp_path / "c.txt").write_text("no product")
    listing = tmp_path / "list.json"
    listing.write_text(json.dumps([{"name": "/x/b.fits", "category": "FROM_LIST"}]))
    found = [(path.name, category) for path, category in collect_products(tmp_path, listing)]
    assert found == [("a.fits", "FROM_HEADER"), ("b.fits", "FROM_LIST")]


def test_a_list_cut_short_does_no_harm(tmp_path):
    (tmp_path / "a.fits").write_bytes(fits_bytes("HIERARCH ESO PRO CATG = 'FROM_HEADER'"))
    (tmp_path / "list.json").write_text('[{"name": "/x/a.fi')
    assert collect_products(tmp_path, tmp_path / "list.json")[0][1] == "FROM_HEADER"


def test_a_file_that_is_no_fits_has_no_category(tmp_path):
    (tmp_path / "a.fits").write_text("nothing")
    assert collect_products(tmp_path, tmp_path / "none.json") == ((tmp_path / "a.fits", ""),)
