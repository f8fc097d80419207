"""Rules through the years."""

from __future__ import annotations

import pytest

from phoenix.errors import DataError
from phoenix.model.dates import CivilDate
from phoenix.oca import Frames, RuleSet, RuleVersion, RuleVersions, create_by_version

DAY = CivilDate(2014, 12, 8)


RULES = """
select execute(BIAS) from inputFiles where DPR.TYPE == "BIAS";
select execute(SCI) from inputFiles where DPR.TYPE == "OBJECT";
action BIAS { recipe NAME; product B { PRO.CATG = "B"; } }
action SCI { select file as B from calibFiles where PRO.CATG == "B"; recipe NAME; }
"""


def rules(recipe):
    return RuleSet.parsed(RULES.replace("NAME", recipe), recipe)


@pytest.fixture
def versions():
    return RuleVersions(
        [RuleVersion(rules("new"), DAY.plus(1)), RuleVersion(rules("old"), None, DAY)]
    )


def test_the_version_of_the_night_is_taken(versions):
    assert versions.on(DAY).name == "old"
    assert versions.on(DAY.plus(900)).name == "new"


def test_a_night_without_rules_is_refused_with_those_known():
    only = RuleVersions([RuleVersion(rules("late"), DAY)])
    with pytest.raises(DataError, match=r"no rules for the night 2014-12-07.*late \(2014-12-08"):
        only.on(DAY.plus(-1))


@pytest.mark.parametrize("begins", [None, DAY])
def test_overlapping_versions_are_refused(begins):
    with pytest.raises(DataError, match="rule versions overlap"):
        RuleVersions([RuleVersion(rules("a"), None, DAY), RuleVersion(rules("b"), begins)])


def test_each_night_is_associated_by_its_own_version(versions, raw):
    frames = [raw(1, "BIAS"), raw(3, "OBJECT"), raw(30, "OBJECT")]
    old, new = create_by_version(versions, Frames(frames))
    assert [block.action.recipe.name for block in old.blocks] == ["old", "old"]
    assert [block.action.recipe.name for block in new.blocks] == ["new"]


def test_a_later_version_takes_what_an_earlier_one_predicts(versions, raw):
    _, new = create_by_version(versions, Frames([raw(1, "BIAS"), raw(30, "OBJECT")]))
    assert new.blocks[0].parents == ("TEST.2014-12-09T01:00:00.000.ab",)


def test_a_pool_with_a_night_without_rules_is_refused(raw):
    only = RuleVersions([RuleVersion(rules("late"), DAY.plus(1))])
    with pytest.raises(DataError, match="no rules for the night"):
        create_by_version(only, Frames([raw(1, "BIAS")]))
