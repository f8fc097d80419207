"""Tables of edits, and the edits of all instruments."""

from __future__ import annotations

import pytest

from phoenix.model.ab import ABName, AssociationBlock
from phoenix.model.dates import CivilDate
from phoenix.model.frames import MasterCalibration, RawFrame, Role
from phoenix.model.recipe import Parameter, Recipe, RecipeProduct
from phoenix.toolkit.edits import (
    EditRow,
    drop_unknown,
    edited,
    place_virtual,
    predicted,
    rename_recipe,
    with_parameter,
)

AB = AssociationBlock(
    ABName("GIRAF.2020-01-02T01:12:20.596.ab"),
    "masterbias",
    (RawFrame("${DFO_RAW_DIR}/2020-01-01/a.fits", "BIAS"),),
    parameters=(Parameter("method", "median"), Parameter("colour", "red")),
    date=CivilDate(2020, 1, 1),
)
KAPPA = Parameter("kappa", "5")
RECIPE = Recipe("bias", "x", (RecipeProduct("A", Role.SCIENCE), RecipeProduct("B", Role.SCIENCE)))
ROWS = (
    EditRow("renamed", rename_recipe({"masterbias": "bias"})),
    EditRow("unknown", drop_unknown({"bias": frozenset({"method"})}), recipes=("bias",)),
    EditRow("of another recipe", rename_recipe({"bias": "dark"}), recipes=("flat",)),
)


def test_rows_are_applied_in_their_order_to_the_recipes_that_they_name():
    done = edited(AB, ROWS)
    assert done.recipe == "bias"
    assert [one.name for one in done.parameters] == ["method"]


def test_every_edit_that_changed_something_keeps_its_reason():
    reasons = [edit.why for edit in edited(AB, ROWS).edits]
    assert set(reasons) == {"renamed", "unknown"}


def test_editing_twice_changes_nothing_more():
    assert edited(edited(AB, ROWS), ROWS) == edited(AB, ROWS)


def test_a_recipe_whose_parameters_nobody_knows_keeps_all():
    assert drop_unknown({})(AB) == {}


def test_a_parameter_is_added_unless_the_ab_has_its_own():
    assert with_parameter(AB, KAPPA) == {"parameters": (*AB.parameters, KAPPA)}
    assert with_parameter(AB, Parameter("method", "mean")) == {}


def test_predicted_products_have_the_numbers_of_the_recipe():
    (product,) = predicted(AB, RECIPE, ["B"])["products"]
    assert str(product) == "r.GIRAF.2020-01-02T01:12:20.596_0001.fits B"


def test_a_product_that_is_not_declared_follows_the_declared_ones():
    assert RECIPE.product_name("root", "C") == "r.root_0002.fits"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("BIAS/2020-01-01/r.X_0000.fits", "2020-01-01/X/r.X_0000.fits"),
        ("BIAS/2019-12-31/r.X_0000.fits", "2019-12-31/X/r.X_0000.fits"),
        ("BIAS/r.X_0000.fits", "2020-01-01/X/r.X_0000.fits"),
    ],
    ids=["this night", "the night in the path", "no night in the path"],
)
def test_a_product_of_a_parent_lies_in_the_folder_of_its_ab(old, new):
    master = MasterCalibration(f"${{DFS_PRODUCT}}/{old}", "MASTER_BIAS")
    ab = AB.edited(why="test", calibrations=(master,))
    (placed,) = place_virtual(ab)["calibrations"]
    assert placed == MasterCalibration(f"${{DFS_PRODUCT}}/{new}", "MASTER_BIAS", virtual=True)


def test_a_certified_calibration_stays_where_it_is():
    master = MasterCalibration("${DFO_CAL_DIR}/2020-01-01/GI_MBIA.fits", "MASTER_BIAS")
    ab = AB.edited(why="test", calibrations=(master,))
    assert place_virtual(ab) == {"calibrations": (master,)}
