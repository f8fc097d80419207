"""From a pool of headers to Association Blocks."""

from __future__ import annotations

import pytest
from attrs import evolve

from phoenix.errors import CascadeError, DataError
from phoenix.model.ab import AssociationBlock, Completeness
from phoenix.oca import (
    Frame,
    Frames,
    Kind,
    Level,
    RuleSet,
    association_block,
    association_log,
    create,
    with_certified,
    with_limits,
    with_products,
)

SCIENCE = "TEST.2014-12-09T03:00:00.000.ab"
FLAT = "TEST.2014-12-09T11:00:00.000_tpl.ab"
BIAS = "TEST.2014-12-09T10:00:00.000_tpl.ab"


def chosen(creation, ab, name):
    return [match.frame.name for match in creation.block(ab).association(name).matches]


def codes(creation):
    return [diagnostic.code for diagnostic in creation.diagnostics]


def test_a_night_becomes_abs_parents_first(small_rules, small_night):
    created = create(small_rules, Frames(raw=small_night))
    assert [block.name for block in created.blocks] == [BIAS, FLAT, SCIENCE]


def test_an_ab_waits_for_the_abs_that_make_its_calibrations(small_rules, small_night):
    created = create(small_rules, Frames(raw=small_night))
    assert created.block(SCIENCE).parents == (BIAS, FLAT)
    assert created.block(FLAT).parents == (BIAS,)


def test_the_block_says_all_that_the_rules_say(small_rules, small_night):
    created = create(small_rules, Frames(raw=small_night))
    block = association_block(created.block(SCIENCE))
    assert isinstance(block, AssociationBlock)
    assert block.recipe == "reduce"
    assert [str(p) for p in block.parameters] == ["--a=2", "--flag=TRUE"]
    assert [(raw.name, raw.tag) for raw in block.raw_files] == [
        ("TEST.2014-12-09T03:00:00.000.fits", "SCIENCE")
    ]
    assert [m.pro_catg for m in block.calibrations] == ["MASTER_BIAS", "MASTER_FLAT"]
    assert all(m.virtual for m in block.calibrations)
    assert [raw.tag for raw in block.associated_raws] == ["ACQ"]
    assert (block.instrument, block.raw_type, block.dpr_catg) == ("TEST", "SCIENCE", "SCIENCE")
    assert (block.obs_id, block.obs_prog_id) == (7, "60.A-9000(A)")
    assert str(block.date) == "2014-12-08"
    assert block.mjd_mid == pytest.approx(57000 + 3.5 / 24)
    assert block.completeness is Completeness.COMPLETE


def test_group_by_gives_event_tag_and_match_keys(small_rules, small_night):
    block = association_block(create(small_rules, Frames(raw=small_night)).block(BIAS))
    assert block.ab_event == "TPL_A"
    assert block.setup == (("DET.BINX", "1"), ("TPL.START", "b"))
    assert len(block.raw_files) == 3


def test_products_inherit_the_keywords_of_the_first_file_and_take_those_of_the_rule(
    small_rules, small_night
):
    (flat,) = create(small_rules, Frames(raw=small_night)).block(FLAT).products
    assert flat.name == "r.TEST.2014-12-09T11:00:00.000_tpl_0000.fits"
    assert flat.header["DET.BINX"] == 1
    assert flat.header["INS.LABEL"] == "MED_flat"
    assert "DPR.TYPE" not in flat.header


def test_certified_files_go_before_predicted_ones_and_those_before_static_ones(
    small_rules, small_night, master
):
    static = master("S.fits", 3, "MASTER_BIAS", Kind.STATIC)
    certified = master("C.fits", -500, "MASTER_BIAS")
    only_static = create(small_rules, Frames(raw=small_night[5:], static=[static]))
    predicted = create(small_rules, Frames(raw=small_night, static=[static]))
    every = create(small_rules, Frames(raw=small_night, static=[static], certified=[certified]))
    assert chosen(only_static, SCIENCE, "MASTER_BIAS") == ["S.fits"]
    assert chosen(predicted, SCIENCE, "MASTER_BIAS")[0].startswith("r.TEST")
    assert chosen(every, SCIENCE, "MASTER_BIAS") == ["C.fits"]


def test_the_closest_in_time_is_taken(small_rules, small_night, master):
    masters = [master(f"B{hour}.fits", hour, "MASTER_BIAS") for hour in (-40, 1, 9)]
    created = create(small_rules, Frames(raw=small_night, certified=masters))
    assert chosen(created, SCIENCE, "MASTER_BIAS") == ["B1.fits"]


def test_of_two_equally_far_the_earlier_is_taken_and_then_the_first_by_name(
    small_rules, raw, master
):
    science = raw(3, "OBJECT")
    both = [master("A.fits", 4, "MASTER_BIAS"), master("Z.fits", 2, "MASTER_BIAS")]
    twins = [master("Y.fits", 2, "MASTER_BIAS"), *both]
    assert chosen(create(small_rules, Frames([science], both)), SCIENCE, "MASTER_BIAS") == [
        "Z.fits"
    ]
    assert chosen(create(small_rules, Frames([science], twins)), SCIENCE, "MASTER_BIAS") == [
        "Y.fits"
    ]


def test_a_file_without_a_date_is_further_than_any_other(small_rules, raw, master):
    static = [
        master("A.fits", None, "MASTER_BIAS", Kind.STATIC),
        master("Z.fits", -9e4, "MASTER_BIAS", Kind.STATIC),
    ]
    science = raw(3, "OBJECT")
    dated = create(small_rules, Frames([science], static=static))
    undated = create(small_rules, Frames([science], static=static[:1]))
    assert chosen(dated, SCIENCE, "MASTER_BIAS") == ["Z.fits"]
    assert chosen(undated, SCIENCE, "MASTER_BIAS") == ["A.fits"]


def test_a_rule_for_earlier_files_takes_no_later_one(small_rules, small_night, master):
    masters = [master("LATER.fits", 3.1, "RESPONSE"), master("EARLIER.fits", -90, "RESPONSE")]
    created = create(small_rules, Frames(raw=small_night, certified=masters))
    assert chosen(created, SCIENCE, "RESPONSE") == ["EARLIER.fits"]


def test_at_most_so_many_are_taken_the_closest_first(small_rules, small_night, raw):
    more = [raw(hour, "ACQ", OBS__ID=7) for hour in (1, 2)]
    created = create(small_rules, Frames(raw=[*small_night, *more]))
    assert chosen(created, SCIENCE, "ACQ_RASSOC") == [
        "TEST.2014-12-09T02:54:00.000.fits",
        "TEST.2014-12-09T02:00:00.000.fits",
    ]


def test_a_disabled_rule_associates_nothing(small_rules, small_night, master):
    pool = Frames(raw=small_night, certified=[master("D.fits", 3, "DARK")])
    with pytest.raises(DataError, match="no calibration 'DARK', expected one of"):
        create(small_rules, pool).block(SCIENCE).association("DARK")


def test_an_ab_without_a_required_calibration_is_incomplete_and_says_why(small_rules, raw):
    created = create(small_rules, Frames(raw=[raw(3, "OBJECT")]))
    block = created.block(SCIENCE)
    assert block.missing == (
        "MASTER_BIAS: found 0, expected at least 1",
        "MASTER_FLAT: found 0, expected at least 1",
    )
    assert association_block(block).completeness is Completeness.INCOMPLETE


def test_an_incomplete_ab_promises_no_products(small_rules, small_night):
    created = create(small_rules, Frames(raw=small_night[1:]))
    assert "too-few" in codes(created)
    assert created.block(BIAS.replace("10:00", "10:01")).products == ()
    assert chosen(created, SCIENCE, "MASTER_BIAS") == []


def test_rejected_masters_leave_the_chain_and_others_take_their_place(
    small_rules, small_night, master
):
    static = master("OLD.fits", -99, "MASTER_BIAS", Kind.STATIC)
    pool = Frames(raw=small_night, static=[static])
    created = create(small_rules, pool, rejected={BIAS})
    assert chosen(created, SCIENCE, "MASTER_BIAS") == ["OLD.fits"]
    assert BIAS not in created.block(SCIENCE).parents


def test_only_wanted_groups_become_abs(small_rules, small_night):
    created = create(
        small_rules, Frames(raw=small_night), wanted=lambda group: group.action != "REDUCE"
    )
    assert [block.action.name for block in created.blocks] == ["MAKE_BIAS", "MAKE_FLAT"]


def test_levels_limit_how_far_a_match_may_lie(small_rules, raw, master):
    science = raw(3, "OBJECT")
    near = master("NEAR.fits", 30, "MASTER_BIAS", Kind.STATIC)
    far = master("FAR.fits", -24 * 9, "MASTER_BIAS")
    levels = {"*": [Level(0, -2, 2), Level(2, -10, 10)]}
    both = create(small_rules, Frames([science], [far], [near]), levels=levels)
    match = both.block(SCIENCE).association("MASTER_BIAS").matches[0]
    assert (match.frame.name, match.level) == ("NEAR.fits", 0)
    only_far = create(small_rules, Frames([science], [far]), levels=levels)
    assert only_far.block(SCIENCE).association("MASTER_BIAS").matches[0].level == 2
    none = create(small_rules, Frames([science], [far]), levels={"*": [Level(0, -2, 2)]})
    assert chosen(none, SCIENCE, "MASTER_BIAS") == []


def test_levels_are_off_by_default(small_rules, raw, master):
    pool = Frames([raw(3, "OBJECT")], [master("FAR.fits", -24 * 3000, "MASTER_BIAS")])
    match = create(small_rules, pool).block(SCIENCE).association("MASTER_BIAS").matches[0]
    assert (match.frame.name, match.level) == ("FAR.fits", None)


def test_try_between_limits_a_single_rule(raw, master):
    rules = RuleSet.parsed(
        'select execute(A) from inputFiles where DPR.TYPE == "OBJECT"; action A { recipe r;'
        'select file as B from calibFiles where PRO.CATG == "B" tryBetween 0 and 1; }'
    )
    pool = Frames([raw(3, "OBJECT")], [master("B1.fits", 2, "B"), master("B2.fits", 20, "B")])
    assert chosen(create(rules, pool), SCIENCE, "B") == ["B2.fits"]


def test_the_association_log_tells_what_was_found_and_how_far(small_rules, small_night, master):
    pool = Frames(raw=small_night, certified=[master("B.fits", 1.5, "MASTER_BIAS")])
    log = association_log(create(small_rules, pool).block(SCIENCE))
    assert "MASTER_BIAS (line 25, 1 to 1 wanted): certified B.fits, 2.00 h earlier" in log
    assert "RESPONSE (line 31, 0 to 1 wanted): nothing found" in log


def test_certified_products_replace_predicted_ones_and_end_the_waiting(small_rules, small_night):
    block = association_block(create(small_rules, Frames(raw=small_night)).block(SCIENCE))
    bias = block.calibrations[0].name
    real = "${DFO_CAL_DIR}/2014-12-09/TE_MBIA_141209A.fits"
    updated = with_certified(block, {bias: real})
    assert (updated.calibrations[0].path, updated.calibrations[0].virtual) == (real, False)
    assert updated.calibrations[1].virtual
    assert updated.waits_for == (FLAT,)
    assert with_certified(block, {}) is block


def test_products_declared_as_rows_are_predicted(raw):
    rules = RuleSet.parsed(
        'select execute(A) from inputFiles where DPR.TYPE == "BIAS"; action A { recipe r; }'
    )
    rows = with_products(rules, {"r": ["MASTER", ("TABLE", "0007.fits")]})
    (block,) = create(rows, Frames([raw(1, "BIAS")])).blocks
    assert [frame.name for frame in block.products] == [
        "r.TEST.2014-12-09T01:00:00.000_0000.fits",
        "r.TEST.2014-12-09T01:00:00.000_0007.fits",
    ]


def test_limits_can_be_changed_by_rows(small_rules, raw):
    rows = {("REDUCE", "MASTER_BIAS"): (0, 1), ("REDUCE", "MASTER_FLAT"): (0, 0)}
    (block,) = create(with_limits(small_rules, rows), Frames([raw(3, "OBJECT")])).blocks
    assert block.complete
    assert [found.name for found in block.associations] == [
        "MASTER_BIAS",
        "RESPONSE",
        "ACQ_RASSOC",
    ]


@pytest.mark.parametrize("row", [("REDUCE", "SKY"), ("NOTHING", "MASTER_BIAS")])
def test_limits_of_a_rule_that_is_not_there_are_refused(small_rules, row):
    with pytest.raises(DataError, match=f"selects {row[1]} in action {row[0]}"):
        with_limits(small_rules, {row: (0, 1)})


def test_duplicates_are_reported_and_left_out(small_rules, small_night):
    again = evolve(
        small_night[5], path="other/TEST.fits", header={**small_night[5].header, "A": 1}
    )
    created = create(small_rules, Frames(raw=[*small_night, again]))
    assert codes(created).count("duplicate") == 1
    (found,) = [d for d in created.diagnostics if d.code == "duplicate"]
    assert "ANOTHER HEADER" in found.message
    assert len([b for b in created.blocks if b.action.name == "REDUCE"]) == 1


@pytest.mark.parametrize("value", [None, "yesterday", float("nan")])
def test_a_raw_file_without_a_date_is_reported_and_left_out(small_rules, small_night, value):
    header = {**small_night[5].header, "MJD-OBS": value}
    created = create(small_rules, Frames(raw=[Frame(small_night[5].name, header)]))
    assert codes(created) == ["no-date"]
    assert created.blocks == ()


def test_rules_that_want_nothing_say_so(small_rules, raw):
    created = create(small_rules, Frames(raw=[raw(1, "TEST"), raw(2, "TEST")]))
    assert codes(created) == ["unwanted", "nothing"]
    assert "are these the rules of this instrument?" in created.diagnostics[1].message


ATTACHING = """
select execute(REDUCE) from inputFiles where DPR.TYPE == "OBJECT";
action REDUCE {
    minRet = 0; maxRet = 9;
    select file as LAMP_RASSOC from rawFiles where DPR.TYPE == "LAMP"
        and inputFile.OBS.ID == OBS.ID;
    recipe r;
}
"""


def test_a_raw_file_that_is_attached_to_others_is_wanted(raw):
    rules = RuleSet.parsed(ATTACHING)
    created = create(rules, Frames(raw=[raw(1, "OBJECT"), raw(2, "LAMP"), raw(3, "TEST")]))
    (found,) = created.diagnostics
    assert found.code == "unwanted"
    assert "found 1 file" in found.message


def test_an_empty_pool_gives_no_abs_and_no_complaint(small_rules):
    created = create(small_rules, Frames())
    assert (created.blocks, created.diagnostics) == ((), ())


def test_an_undefined_action_is_reported_with_its_line(raw):
    rules = RuleSet.parsed(
        'select execute(GONE) from inputFiles where DPR.TYPE == "BIAS"; action A { recipe r; }'
    )
    created = create(rules, Frames([raw(1, "BIAS")]))
    assert codes(created) == ["undefined-action"]
    assert "found 'select execute(GONE)' in line 1" in created.diagnostics[0].message


def test_rules_without_actions_cannot_be_used(raw):
    rules = RuleSet.parsed('if A == 1 then { B = "C"; }', "class.oca")
    with pytest.raises(
        DataError, match=r"class\.oca: found 0 'select execute' rules and 0 actions"
    ):
        create(rules, Frames([raw(1, "BIAS")]))


RING = """
select execute(A) from inputFiles where DPR.TYPE == "BIAS";
action A {{ minRet = {0}; maxRet = 1; select file as Y from calibFiles where PRO.CATG == "Y";
  recipe a; product X {{ PRO.CATG = "X"; }} }}
action B {{ minRet = 1; maxRet = 1; select file as X from calibFiles where PRO.CATG == "X";
  recipe b; product Y {{ PRO.CATG = "Y"; }} }}
"""


def test_a_ring_of_required_calibrations_is_refused_and_named(raw):
    with pytest.raises(
        CascadeError, match=r"A needs Y of B.*B needs X of A|B needs X of A.*A needs Y"
    ):
        create(RuleSet.parsed(RING.format(1)), Frames([raw(1, "BIAS")]))


def test_a_ring_is_opened_where_a_calibration_is_optional(raw):
    (block,) = create(RuleSet.parsed(RING.format(0)), Frames([raw(1, "BIAS")])).blocks
    assert block.complete


def test_an_action_takes_its_own_product_only_as_a_certified_first_guess(raw, master):
    rules = RuleSet.parsed(
        'select execute(A) from inputFiles where DPR.TYPE == "WAVE"; action A { recipe a;'
        'select file as SOL from calibFiles where PRO.CATG == "SOL";'
        'product S { PRO.CATG = "SOL"; } }'
    )
    arcs = [raw(1, "WAVE"), raw(2, "WAVE")]
    guess = master("G.fits", None, "SOL", Kind.STATIC)
    created = create(rules, Frames(arcs, static=[guess]))
    assert {chosen(created, block.name, "SOL")[0] for block in created.blocks} == {"G.fits"}


def test_two_groups_of_one_name_get_names_of_their_own(raw):
    rules = RuleSet.parsed(
        'select execute(A) from inputFiles where DPR.TYPE == "X";'
        'select execute(B_2) from inputFiles where DPR.TYPE == "X";'
        "action A { recipe a; } action B_2 { recipe b; }"
    )
    created = create(rules, Frames([raw(1, "X")]))
    assert [block.name for block in created.blocks] == [
        "TEST.2014-12-09T01:00:00.000.ab",
        "TEST.2014-12-09T01:00:00.000_b2.ab",
    ]
    assert codes(created) == ["same-name"]


def test_files_beyond_max_ret_are_reported(raw):
    rules = RuleSet.parsed(
        'minRet = 1; maxRet = 2; select execute(A) from inputFiles where DPR.TYPE == "X"'
        " group by TPL.START; action A { recipe a; }"
    )
    frames = [raw(hour, "X", TPL__START="t") for hour in (1, 2, 3)]
    created = create(rules, Frames(frames))
    assert codes(created) == ["surplus"]
    assert len(created.blocks[0].group.items) == 2


def test_frames_without_template_start_stay_alone(small_rules, raw):
    flats = [raw(hour, "FLAT") for hour in (1, 2)]
    created = create(small_rules, Frames(flats))
    assert [len(block.group.items) for block in created.blocks] == [1, 1]


def test_the_last_file_of_a_template_decides_where_the_rule_asks_for_it(raw):
    rules = RuleSet.parsed(
        "if T then { DO.CATG = DPR.TYPE; }"
        'select execute(A) from inputFiles where SIG.TEMPLATE == 1 and LF.DO.CATG == "ON";'
        "action A { recipe a; }"
    )
    frames = [raw(1, "OFF", TPL__START="t"), raw(2, "ON", TPL__START="t")]
    (block,) = create(rules, Frames(frames)).blocks
    assert block.tags == ("OFF", "ON")
    assert (
        create(rules, Frames([raw(1, "ON", TPL__START="t"), raw(2, "OFF", TPL__START="t")])).blocks
        == ()
    )


def test_a_file_of_the_group_can_be_selected_under_another_tag(raw):
    rules = RuleSet.parsed(
        'select execute(A) from inputFiles where DPR.TYPE like "%X" group by TPL.START;'
        "action A { recipe a; minRet = 1; maxRet = 1;"
        'select file as FIRST from inputFiles where DPR.TYPE == "1X"; }'
    )
    frames = [raw(1, "1X", TPL__START="t"), raw(2, "2X", TPL__START="t")]
    block = association_block(create(rules, Frames(frames)).blocks[0])
    assert [frame.tag for frame in block.raw_files] == ["FIRST", "UNCLASSIFIED"]


def test_a_file_without_arcfile_is_called_as_the_archive_would(small_rules):
    header = {"INSTRUME": "GIRAFFE", "MJD-OBS": 57000.125, "DPR.TYPE": "OBJECT"}
    (block,) = create(small_rules, Frames([Frame("science_1.fits", header)])).blocks
    assert block.name == "GIRAF.2014-12-09T03:00:00.000.ab"
    assert association_block(block).raw_files[0].name == "science_1.fits"


def test_the_products_of_what_came_to_nothing_are_associated_only_where_there_are_no_others(
    small_rules, small_night
):
    created = create(small_rules, Frames(raw=small_night), doubtful=[BIAS])
    # There is no other.
    assert created.block(FLAT).parents == (BIAS,)
