"""A sky that could not be fitted: what muse_scipost is asked in its second try."""

from __future__ import annotations

import pytest

from phoenix.model.ab import AssociationBlock
from phoenix.model.frames import MasterCalibration, SetOfFrames
from phoenix.model.gate import RecipeOutcome
from phoenix_muse.blocks.parameters import POST_PROCESSING, SKY_FROM_FIELD, SKY_FROM_SKY
from phoenix_muse.process import COMBINE, SCIPOST
from phoenix_muse.recipe.sky import second_try

LOG = (
    "[ ERROR ] muse_scipost: Sky line fit failed with error code 21: "
    "The iterative process did not converge\n"
)


def asked_again(recipe=SCIPOST, method=SKY_FROM_FIELD, log=LOG):
    table = MasterCalibration("r.MUSE.2015-07-21T06:32:31.647_0000.fits", "PIXTABLE_OBJECT")
    ab = AssociationBlock(
        "MUSE.2015-07-21T06:32:31.647_pst.ab",
        recipe,
        calibrations=(table,),
        parameters=(*method, *POST_PROCESSING),
    )
    return second_try(ab, RecipeOutcome(ab, (), log, SetOfFrames(())))


def test_where_the_fit_did_not_converge_the_median_of_the_same_spaxels_is_taken_off():
    told = {one.name: one.value for one in asked_again().parameters}
    assert told["skymethod"] == "simple"
    (fraction,) = [one for one in SKY_FROM_FIELD if one.name == "skymodel_fraction"]
    assert told["skymodel_fraction"] == fraction.value
    assert told.keys() >= {one.name for one in POST_PROCESSING}


def test_the_reason_stands_in_the_edits_of_the_ab():
    assert "did not converge" in asked_again().edits[-1].why


@pytest.mark.parametrize(
    "other",
    [{"recipe": COMBINE}, {"method": SKY_FROM_SKY}, {"log": "[ ERROR ] Could not load the table"}],
    ids=("another recipe", "nothing was fitted", "another error"),
)
def test_any_other_trouble_is_not_tried_again(other):
    assert asked_again(**other) is None
