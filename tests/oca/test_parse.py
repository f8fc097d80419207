"""Reading rule files: the four dialects, their oddities, and errors that say where."""

from __future__ import annotations

import pytest

from phoenix.errors import RuleSyntaxError
from phoenix.oca import parse, read
from phoenix.oca.language import syntax as oca

# What the X-shooter file and its relatives do, in our own words.
ODDITIES = """
// a limit that nothing follows, one without its partner, several options in one text
minRet = 3;
select execute(STARE) from inputFiles where RAW.TYPE=="OBJECT" group by ARCFILE,TPL.START as (A,b);
select execute(NOWHERE) from inputFiles where SIG.FRAME == 1;
/* a block
   comment */
if (T) then { PATH = "a" + "b"; }
if INS.LAMP2.ST and (MDJ-OBS - 1.5 < -2 or not EXPTIME is undefined) then { X = F; ; };
# 12 "instrument.h"
action STARE
{
  EXPOSE_TO_CALSELECTOR = T;
  minRet = 0; maxRet = 0;
  select file as OFF from calibFiles where PRO.CATG == "OFF";
  select file as BARE from calibFiles;
  minRet = 1; maxRet = 1;
  select file as AFC from rawFiles where (inputFile.MJD-OBS - MJD-OBS) < 0.5
     and (inputFile.MJD-OBS - MJD-OBS) > -0.5 ;
  minRet = 2;
  select file as FLAT from calibFiles where DO.CATG=="FLAT"
     tryBetween -1 and 1.5 tryBetween -9 and 9;
  minRet = 1; maxRet = 1;
  priority = 30;
  recipe xsh_scired { "--skymethod=none --filter=white,V"; "--merge"; }
  product P { PRO.CATG = "P"; PRO.EXT = "0000.fits"; }
}
"""


def condition(text):
    return parse(f"if {text} then {{ X = T; }}").classifications[0].condition


@pytest.mark.parametrize(
    ("rules", "counts"),
    [
        ("uves_rules", (394, 49, 38, 269)),
        ("giraffe_rules", (37, 7, 7, 40)),
        ("muse_rules", (47, 12, 16, 85)),
    ],
)
def test_the_installed_rule_files_are_read_whole(rules, counts, request):
    found = request.getfixturevalue(rules)
    selects = sum(len(action.selects) for action in found.actions.values())
    sizes = len(found.classifications), len(found.executes), len(found.actions), selects
    assert sizes == counts


def test_oddities_of_other_rule_files_are_read():
    file = parse(ODDITIES)
    assert [rule.action for rule in file.executes] == ["STARE", "NOWHERE"]
    assert [select.wanted for select in file.actions[0].selects] == [
        (0, 0),
        (1, 1),
        (1, 1),
        (2, 2),
    ]


def test_limits_hold_for_the_next_rule_only():
    assert [rule.min_files for rule in parse(ODDITIES).executes] == [3, None]


def test_event_and_tag_are_read():
    first = parse(ODDITIES).executes[0]
    assert (first.group_by, first.event, first.tag) == (("ARCFILE", "TPL.START"), "A", "b")


def test_several_options_in_one_text_are_several_options():
    options = parse(ODDITIES).actions[0].recipe.options
    assert options == ("--skymethod=none", "--filter=white,V", "--merge")


def test_time_windows_are_read():
    flat = parse(ODDITIES).actions[0].selects[-1]
    assert flat.windows == (oca.Window(-1.0, 1.5), oca.Window(-9.0, 9.0))


def test_and_binds_more_than_or():
    assert str(condition("A == 1 or B == 2 and C == 3")) == "A == 1 or B == 2 and C == 3"
    assert isinstance(condition("A == 1 or B == 2 and C == 3"), oca.Either)
    assert isinstance(condition("(A == 1 or B == 2) and C == 3"), oca.Both)


def test_a_hyphen_belongs_to_the_keyword_and_blanks_make_a_difference():
    assert condition("MJD-OBS == 1").left == oca.Key("MJD-OBS")
    assert condition("MJD - OBS == 1").left == oca.Arithmetic("-", oca.Key("MJD"), oca.Key("OBS"))


def test_an_assignment_may_be_a_condition():
    rule = parse('if T then { F1 = INS.OPTI1.NAME like "Blue%"; }').classifications[0]
    assert rule.assignments[0].expression == oca.Like(oca.Key("INS.OPTI1.NAME"), "Blue%")


def test_a_condition_written_out_reads_as_the_same_condition():
    for text in (
        "A == 1 or (B != T and not (C < 2.5))",
        'inputFile.A like "%x" and LF.B regexp "y"',
    ):
        found = condition(text)
        assert condition(str(found)) == found


@pytest.mark.parametrize(
    ("text", "place", "found", "expected"),
    [
        ('if A = "X" then {}', "line 1, column 6", "'='", "a comparison"),
        ('if A == "X" then { B = "Y" }', "line 1, column 28", "'}'", "';'"),
        ("\n\naction A { recipe", "line 3, column 18", "the end of the file", "a name"),
        ("select execute(A) form inputFiles;", "line 1, column 19", "'form'", "'from'"),
        ("if A == $ then {}", "line 1, column 9", "'$'", "a number"),
        ('if A regexp "[" then {}', "line 1, column 13", '"["', "a regular expression"),
        (
            'action A { select file as B from C tryBetween "x" and 2; }',
            "line 1",
            '"x"',
            "a number of days",
        ),
        ('if A == "x\n" then {}', "line 1, column 9", "'\"'", 'a "text"'),
    ],
)
def test_an_error_names_file_place_what_was_found_and_what_was_expected(
    text, place, found, expected
):
    with pytest.raises(RuleSyntaxError) as error:
        parse(text, "my.oca")
    message = str(error.value)
    assert message.startswith(f"my.oca, {place}")
    assert f"found {found}" in message or f"with {found}" in message
    assert expected in message.partition("expected")[2]


def test_a_file_is_read_whatever_its_encoding(tmp_path):
    path = tmp_path / "latin.oca"
    path.write_bytes('if A == "\u00e9" then { B = "C"; }'.encode("latin-1"))
    assert read(path).classifications[0].condition.right.value == "\u00e9"


def test_an_empty_file_has_no_rules():
    assert parse("") == oca.RuleFile("rules")


def test_rules_remember_their_lines():
    file = parse(ODDITIES)
    assert ODDITIES.splitlines()[file.actions[0].line - 1] == "action STARE"
