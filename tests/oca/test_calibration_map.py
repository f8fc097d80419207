"""The cascade of the actions as a graph."""

from __future__ import annotations

import json

import pytest

from phoenix.errors import CascadeError
from phoenix.oca import RuleSet, calibration_map

SMALL = """
select execute(A) from inputFiles where DPR.TYPE == "BIAS";
select execute(B) from inputFiles where PRO.CATG == "MASTER_BIAS";
action A { recipe a; product P { PRO.CATG = "MASTER_BIAS"; } }
action B { recipe b; }
"""


def test_actions_come_after_those_whose_products_they_need(small_rules):
    names = [node.name for node in calibration_map(small_rules).nodes if node.kind == "action"]
    assert names == ["MAKE_BIAS", "MAKE_FLAT", "REDUCE"]


def test_links_tell_what_goes_where_and_whether_it_is_required(small_rules):
    links = {
        (link.source, link.target, link.calibration, link.required)
        for link in calibration_map(small_rules).links
    }
    assert links == {
        ("MAKE_BIAS", "MAKE_FLAT", "MASTER_BIAS", True),
        ("MAKE_BIAS", "REDUCE", "MASTER_BIAS", True),
        ("MAKE_FLAT", "REDUCE", "MASTER_FLAT", True),
        ("RESPONSE", "REDUCE", "RESPONSE", False),
    }


def test_what_no_action_makes_is_given(small_rules):
    given = [node.name for node in calibration_map(small_rules).nodes if node.kind == "given"]
    assert given == ["RESPONSE"]


def test_the_map_becomes_json_text_and_dot(small_rules):
    found = calibration_map(small_rules)
    assert json.loads(json.dumps(found.to_dict()))["rules"] == "small.oca"
    assert (
        "REDUCE (reduce) makes nothing declared\n  needs MASTER_BIAS of MAKE_BIAS" in found.text()
    )
    assert '"MAKE_BIAS" -> "MAKE_FLAT" [label="MASTER_BIAS", style=solid];' in found.dot()
    assert '"RESPONSE" -> "REDUCE" [label="RESPONSE", style=dashed];' in found.dot()


def test_a_backslash_in_a_category_cannot_break_the_dot_file():
    text = SMALL.replace("MASTER_BIAS", "BIAS\\")
    assert '[label="BIAS\\\\", style=solid]' in calibration_map(RuleSet.parsed(text)).dot()


def test_the_shipped_rules_with_their_products_make_a_cascade(uves_with_products):
    found = calibration_map(uves_with_products)
    order = [node.name for node in found.nodes]
    assert order.index("UVES_CAL_PREDICT_R") < order.index("UVES_CAL_ORDERPOS_R")
    assert order.index("UVES_CAL_ORDERPOS_R") < order.index("UVES_MASTER_FLAT_R")
    assert order.index("UVES_MASTER_FLAT_R") < order.index("UVES_OBS_SCIRED_R")


def test_a_ring_has_no_map():
    rules = RuleSet.parsed(
        'action A { select file as Y from calibFiles where PRO.CATG == "Y"; recipe a;'
        ' product X { PRO.CATG = "X"; } }'
        'action B { select file as X from calibFiles where PRO.CATG == "X"; recipe b;'
        ' product Y { PRO.CATG = "Y"; } }'
    )
    with pytest.raises(CascadeError, match="expected a cascade without rings"):
        calibration_map(rules)
