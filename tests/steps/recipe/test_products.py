from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from phoenix.model.frames import PIPEFILE, own_number
from phoenix.model.recipe import Recipe, RecipeProduct
from phoenix.steps.recipe.products import collect_products, pipefile_names

from ..conftest import BIAS, fits_bytes

CUBES = Recipe(
    "fakebasic",
    "fake",
    products=(RecipeProduct("IMAGE"), RecipeProduct("PIXTABLE", numbered=True)),
)


def numbers(*categories):
    found = [(f"{category.lower()}.fits", category) for category in categories]
    return [name[-9:-5] for name in pipefile_names("ROOT", BIAS, found)]


def of_cubes(*names):
    found = [(f"{name}.fits", name.partition("_")[0].partition("-")[0]) for name in names]
    every = pipefile_names("ROOT", CUBES, found)
    return [name.removeprefix("r.ROOT_").removesuffix(".fits") for name in every]


def test_a_numbered_product_keeps_the_number_of_its_recipe():
    assert of_cubes("IMAGE", "PIXTABLE_0001-01", "PIXTABLE_0001-24") == [
        "0000",
        "0001-01",
        "0001-24",
    ]


def test_it_keeps_it_when_others_are_absent():
    assert of_cubes("PIXTABLE_0001-07", "PIXTABLE_0001-24") == ["0001-07", "0001-24"]


def test_a_later_exposure_is_part_of_the_number():
    assert of_cubes("PIXTABLE_0001-07", "PIXTABLE_0002-07", "PIXTABLE_0003") == [
        "0001-07",
        "0001-0002-07",
        "0001-0003",
    ]


def test_one_without_a_number_has_that_of_its_row():
    assert of_cubes("PIXTABLE", "PIXTABLE-02") == ["0001", "0001-02"]


def test_products_whose_row_is_not_numbered_lose_the_number_of_the_recipe():
    assert of_cubes("IMAGE_0001", "IMAGE_0002") == ["0000", "0002"]


@given(
    st.lists(
        st.from_regex(r"(IMAGE|PIXTABLE)(_000[0-9])?(-[0-9]{1,2})?", fullmatch=True),
        max_size=12,
        unique=True,
    )
)
def test_no_two_numbered_products_have_the_same_name(names):
    made = [f"r.ROOT_{number}.fits" for number in of_cubes(*sorted(names))]
    assert len(set(made)) == len(made)
    assert all(PIPEFILE.match(name)[1] == "ROOT" for name in made)


def test_a_predicted_name_is_the_one_that_the_product_gets():
    (name,) = pipefile_names("ROOT", CUBES, [("PIXTABLE_0001-07.fits", "PIXTABLE")])
    assert name == CUBES.product_name("ROOT", "PIXTABLE", "07")
    assert own_number(name) == "07"


def test_a_declared_product_has_the_number_of_its_row():
    assert numbers("BAD_PIXEL_MAP", "MASTER_BIAS") == ["0001", "0000"]


def test_what_is_not_declared_follows_in_order_of_name():
    assert numbers("X", "MASTER_BIAS", "Y") == ["0002", "0000", "0003"]


def test_a_second_product_of_a_category_follows_too():
    assert numbers("MASTER_BIAS", "MASTER_BIAS", "X") == ["0000", "0002", "0003"]


@given(st.lists(st.sampled_from(["MASTER_BIAS", "BAD_PIXEL_MAP", "X", ""]), max_size=12))
def test_no_two_products_have_the_same_name(categories):
    found = [(f"{category.lower()}.fits", category) for category in categories]
    names = pipefile_names("ROOT", BIAS, found)
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
