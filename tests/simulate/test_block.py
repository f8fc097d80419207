"""Parts of ABs."""

from __future__ import annotations

import pytest

from phoenix.model.ab import AssociationBlock
from phoenix.model.dates import CivilDate
from phoenix.model.frames import Role
from phoenix.model.recipe import Recipe, RecipeProduct
from phoenix.simulate.block import block_name, predicted, qualifiers, raw_file, virtual

NIGHT = CivilDate(2020, 1, 1)
RECIPE = Recipe("bias", "x", (RecipeProduct("A", Role.SCIENCE), RecipeProduct("B", Role.SCIENCE)))


def test_an_ab_is_called_after_its_first_exposure(exposure):
    assert str(block_name(exposure, grouped=False)) == "GIRAF.2020-01-02T03:04:05.678.ab"
    assert str(block_name(exposure, grouped=True)) == "GIRAF.2020-01-02T03:04:05.678_tpl.ab"


def test_qualifiers_span_the_exposures(exposure):
    found = qualifiers("GIRAFFE", NIGHT, "BIAS", [exposure, exposure], grouped=True)
    assert found["mjd_mid"] - found["mjd_obs"] == pytest.approx(900 / 86400)
    assert (found["ab_event"], found["obs_mode"], found["obs_id"]) == ("TPL_A", "SM", 7)


def test_a_child_finds_what_its_parent_predicts(exposure):
    name, raw = block_name(exposure, grouped=False), raw_file(exposure, NIGHT, "BIAS")
    made = predicted(name, RECIPE, ["A", "B"])
    parent = AssociationBlock(
        name=name,
        recipe="bias",
        raw_files=(raw,),
        products=made,
        **qualifiers("GIRAFFE", NIGHT, "BIAS", [exposure], grouped=False),
    )
    master = virtual(parent, "B")
    assert master.virtual
    assert master.path == f"${{DFS_PRODUCT}}/2020-01-01/{name.root}/r.{name.root}_0001.fits"


def test_a_raw_file_lies_in_the_folder_of_its_night(exposure):
    path = raw_file(exposure, NIGHT, "BIAS").path
    assert path == "${DFO_RAW_DIR}/2020-01-01/GIRAF.2020-01-02T03:04:05.678.fits"
