"""The verbs around rules and Association Blocks."""

from __future__ import annotations

import json
import shutil

import pytest

from phoenix.cli import run
from phoenix.line.simulation import simulate_night
from phoenix.line.workspace import create_workspace
from phoenix.pipelines.find import rule_file
from phoenix.steps.release_raw import save_header

pytestmark = pytest.mark.recipes

SCIENCE = "GIRAF.2020-01-02T01:12:20.596.ab"
RULES = """
if DPR.TYPE like "%BIAS%" then { DO.CATG = "BIAS"; }
select execute(bias) from inputFiles where SIG.TEMPLATE == 1 and DO.CATG == "BIAS";
action bias { recipe gimasterbias; }
"""


@pytest.fixture(scope="module")
def headers(tmp_path_factory):
    """A small night without its pixels."""
    night, folder = tmp_path_factory.mktemp("night"), tmp_path_factory.mktemp("headers")
    simulate_night("giraffe", "", "2020-01-01", night, size="small")
    shutil.copytree(night / "calib", folder / "calib")
    (folder / "raw").mkdir()
    for path in sorted((night / "raw").rglob("*.fits")):
        save_header(path, folder / "raw" / f"{path.stem}.hdr")
    return folder


@pytest.fixture
def work(headers, tmp_path):
    folder = tmp_path / "work"
    create_workspace(folder, "GIRAFFE_MOS", (headers,))
    return folder


@pytest.fixture
def rules(tmp_path):
    path = tmp_path / "rules.oca"
    path.write_text(RULES)
    return path


def test_oca_check_counts_and_leaves_with_0(rules, capsys):
    assert run(["oca", "check", str(rules)]) == 0
    assert "1 classification rule, 1 grouping, 1 action, 0 selects" in capsys.readouterr().out


def test_oca_check_leaves_with_1_where_something_can_never_work(rules, capsys):
    rules.write_text(RULES.replace("action bias", "action other"))
    assert run(["oca", "check", str(rules)]) == 1
    assert "error: line 3" in capsys.readouterr().out


def test_oca_check_of_a_broken_file_says_where(rules, capsys):
    rules.write_text("if then")
    assert run(["oca", "check", str(rules)]) == 2
    assert "rules.oca, line 1" in capsys.readouterr().err


def test_the_shipped_rules_check_without_an_error(capsys):
    assert run(["oca", "check", str(rule_file("giraf", "giraf.oca")), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["actions"] == 7


def test_oca_classify_says_what_files_are(headers, rules, capsys):
    files = sorted(map(str, (headers / "raw").glob("*.hdr")))
    assert run(["oca", "classify", "--rules", str(rules), *files, "--json"]) == 1
    classes = [row["class"] for row in json.loads(capsys.readouterr().out)]
    assert classes.count("BIAS") == 5
    assert classes.count("UNCLASSIFIED") == 12


def test_oca_classify_takes_the_rules_of_the_workspace(headers, work, capsys):
    files = sorted(map(str, (headers / "raw").glob("*.hdr")))
    assert run(["oca", "classify", "-w", str(work), *files, "--json"]) == 0
    assert "SIMCAL_ARC" in capsys.readouterr().out


def test_oca_map_shows_the_cascade_with_the_products_of_the_recipes(work, capsys):
    assert run(["oca", "map", "-w", str(work)]) == 0
    text = capsys.readouterr().out
    assert "gimasterbias (gimasterbias) makes MASTER_BIAS, BAD_PIXEL_MAP" in text
    assert run(["oca", "map", "-w", str(work), "--dot"]) == 0
    assert '"gimasterbias" -> "gimasterflat"' in capsys.readouterr().out


def test_pool_index_and_list(work, capsys):
    assert run(["pool", "index", "-w", str(work)]) == 0
    assert "22 files, 22 read, 0 gone" in capsys.readouterr().out
    assert run(["pool", "list", "-w", str(work), "-d", "2020-01-01", "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)) == 17


def test_pool_index_leaves_with_1_for_a_broken_file(headers, tmp_path, capsys):
    copy = shutil.copytree(headers, tmp_path / "copy")
    (copy / "raw" / "page.fits").write_text("<html>")
    create_workspace(tmp_path / "w", "GIRAFFE_MOS", (copy,))
    assert run(["pool", "index", "-w", str(tmp_path / "w")]) == 1
    assert "an HTML page" in capsys.readouterr().out
    assert run(["pool", "list", "-w", str(tmp_path / "w"), "--faulty", "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)) == 1


def test_create_ab_explain_and_verify_ab(work, capsys):
    assert run(["create-ab", "-w", str(work), "-d", "2020-01-01"]) == 0
    assert SCIENCE in capsys.readouterr().out
    assert run(["explain", SCIENCE, "-w", str(work), "--calib", "MASTER_BIAS"]) == 0
    assert "the only candidate that passes" in capsys.readouterr().out
    assert run(["explain", SCIENCE, "-w", str(work), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["recipe"] == "giscience"


def test_ab_forget_goes_back_to_the_repository(work, capsys):
    assert run(["create-ab", "-w", str(work), "-d", "2020-01-01"]) == 0
    capsys.readouterr()
    assert run(["ab", "forget", "-w", str(work), "-m", "2020-01"]) == 0
    assert capsys.readouterr().out == "2020-01-01 has the ABs of the repository again\n"
    assert run(["ab", "forget", "-w", str(work), "-d", "2020-01-01"]) == 0
    assert capsys.readouterr().out == "2020-01-01 has no created ABs\n"
    assert run(["ab", "forget", "-w", str(work), "-d", "2020-01-01", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == []
    # The repository of this workspace has raw files alone.
    assert run(["ab", "list", "-w", str(work), "-d", "2020-01-01"]) == 2
    assert "found no ABs" in capsys.readouterr().err


def test_verify_ab_leaves_with_1_where_they_differ(work, rules, capsys):
    call = ["verify-ab", "-w", str(work), "-d", "2020-01-01", "--mode", "CALIB"]
    assert run([*call, "--rules", str(rules)]) == 1
    assert "by gimasterflat" in capsys.readouterr().out


def test_verify_ab_with_an_answer_of_calselector(work, tmp_path, capsys):
    answer = tmp_path / "answer.xml"
    answer.write_text(
        '<association category="SCIENCE" mode="Raw2Raw" complete="true"><mainFiles>'
        f'<file category="SCIENCE" name="{SCIENCE.removesuffix(".ab")}"/></mainFiles>'
        "</association>"
    )
    call = ["verify-ab", "-w", str(work), "-d", "2020-01-01", "--calselector", str(answer)]
    assert run(call) == 1
    assert "GIRAF.2020-01-02T12:18:20.186" in capsys.readouterr().out


def test_a_mode_that_does_not_exist_is_refused(work, capsys):
    assert run(["create-ab", "-w", str(work), "-d", "2020-01-01", "--mode", "BOTH"]) == 2
    assert "expected CALIB or SCIENCE" in capsys.readouterr().err


def test_a_dry_run_of_masters_shows_them_and_writes_nothing(work, capsys):
    call = ["run", "-w", str(work), "-d", "2020-01-01", "--until", "2020-01-03", "-X", "-n"]
    assert run(call) == 0
    assert "2020-01-01..2020-01-03: 4 ABs" in capsys.readouterr().out
    assert not (work / "ab" / "2020-01-01").exists()


def test_complete_goes_without_breakpoints(work, capsys):
    assert run(["run", "-w", str(work), "-d", "2020-01-01", "--complete", "-P"]) == 2
    assert "--complete makes everything" in capsys.readouterr().err


def test_a_last_night_without_a_first_is_refused(work, capsys):
    assert run(["create-ab", "-w", str(work), "-m", "2020-01", "--until", "2020-01-03"]) == 2
    assert "--until goes with -d" in capsys.readouterr().err
