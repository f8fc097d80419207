"""What is odd in a rule file."""

from __future__ import annotations

from pathlib import Path

import pytest

from phoenix.errors import RuleSyntaxError
from phoenix.oca import check

ODD = """if DPR.TYPE == "BIAS" then { DO.CATG = "BIAS"; }
select execute(BIAS) from inputFiles where DO.CATG == "BIAS";
select execute(GONE) from inputFiles where DO.CATG == "DARK";
action BIAS {
  select file as A from calibFiles where DO.CATG == "NEVER";
  select file as B from calibFiles where inputFile.MJD-OBS - MDJ-OBS < 1;
  select file as C from calibFiles where inputFile.INS.GRAT1.ID == INS.GRAT2.ID;
  recipe r;
}
action SPARE { }
"""


@pytest.fixture
def odd(tmp_path):
    path = tmp_path / "odd.oca"
    path.write_text(ODD)
    return path


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (0, "note: no products are declared"),
        (3, "error: line 3: found execute(GONE), expected an action of this name"),
        (3, 'warning: line 3: execute(GONE) wants DO.CATG == "DARK", which no rule assigns'),
        (5, 'warning: line 5: BIAS: A wants DO.CATG == "NEVER"'),
        (6, "warning: line 6: found keyword MDJ-OBS 1 times; is MJD-OBS meant?"),
        (10, "note: line 10: action SPARE is never executed"),
        (10, "warning: line 10: action SPARE has no recipe"),
    ],
)
def test_oddities_are_found_with_their_lines(odd, line, message):
    found = [str(finding) for finding in check(odd).findings if finding.line == line]
    assert any(entry.startswith(message) for entry in found)


def test_nothing_else_is_found(odd):
    assert len(check(odd).findings) == 7


def test_keywords_that_differ_in_digits_are_no_slips(odd):
    assert "GRAT" not in check(odd).text()


def test_a_file_with_something_that_cannot_work_is_not_ok(odd, tmp_path):
    fine = tmp_path / "fine.oca"
    fine.write_text(ODD.replace("execute(GONE)", "execute(SPARE)"))
    assert not check(odd).ok
    assert check(fine).ok


def test_the_counts_are_told(odd):
    assert (
        check(odd)
        .text()
        .startswith(
            f"{odd}: 1 classification rule, 2 execute rules, 2 actions with 3 select rules"
        )
    )


def test_an_action_defined_twice_is_told(odd, tmp_path):
    other = tmp_path / "more.oca"
    other.write_text("action BIAS { recipe r; }")
    assert "action BIAS is defined 2 times" in check(odd, other).text()


def test_a_ring_is_an_error(tmp_path):
    path = tmp_path / "ring.oca"
    path.write_text(
        'action A { select file as Y from calibFiles where PRO.CATG == "Y"; recipe a;'
        ' product X { PRO.CATG = "X"; } }'
        'action B { select file as X from calibFiles where PRO.CATG == "X"; recipe b;'
        ' product Y { PRO.CATG = "Y"; } }'
    )
    assert not check(path).ok


def test_a_broken_file_raises(tmp_path):
    path = tmp_path / "broken.oca"
    path.write_text("if")
    with pytest.raises(RuleSyntaxError, match=r"broken\.oca, line 1, column 3"):
        check(path)


@pytest.mark.parametrize("rules", ["uves_rules", "giraffe_rules", "muse_rules"])
def test_the_shipped_rules_can_work(rules, request):
    assert check(Path(request.getfixturevalue(rules).name)).ok


def test_an_option_with_one_dash_is_told(tmp_path):
    path = tmp_path / "one.oca"
    path.write_text(
        'if A == "x" then { RAW.TYPE = "X"; }\n'
        'select execute(ACTION) from inputFiles where RAW.TYPE == "X";\n'
        'action ACTION\n{\n recipe r { "-min-sn=10"; "--max=2"; }\n}\n'
    )
    told = [str(one) for one in check(path).findings if "option" in str(one)]
    assert len(told) == 1
    assert "ACTION: found the option -min-sn=10, expected --min-sn=10" in told[0]
