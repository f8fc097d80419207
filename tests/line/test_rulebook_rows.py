"""Rows of a plugin change the selects of a rule file."""

from __future__ import annotations

from phoenix.line.rulebook import _adapted
from phoenix.model.rules import AddedSelects, SelectLimits
from phoenix.oca import load

RULES = """
action ACT
{
  minRet = 1; maxRet = 1;
  select file as BIAS from calibFiles where PRO.CATG=="BIAS";
  recipe reduce;
}
"""
WHY = "the rule forgets the binning"
ADDED = """minRet = 1; maxRet = 2;
select file as BIAS from calibFiles where PRO.CATG=="BIAS" and inputFile.BINX==BINX;"""


def test_a_select_is_replaced_by_one_of_the_same_name(tmp_path):
    path = tmp_path / "toy.oca"
    path.write_text(RULES)
    rows = (AddedSelects("ACT", ADDED, WHY), SelectLimits("ACT", "BIAS", 0, 0, WHY))
    (action,) = _adapted(load(path), rows).actions.values()
    assert [rule.wanted for rule in action.selects] == [(0, 0), (1, 2)]
