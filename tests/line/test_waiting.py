"""What waits for a person is found, chosen and judged in one go."""

from __future__ import annotations

import subprocess
import sys

import pytest
from attrs import evolve
from nightwork import DATE, FIRST, SECOND, THIRD

from phoenix.cli import run as phoenix
from phoenix.errors import DataError
from phoenix.line.certification.waiting import Choice, waiting
from phoenix.line.night import certify as certification
from phoenix.line.production import ProductionLine
from phoenix.model.qc import Measurement
from phoenix.model.score import Verdict, VerdictKind, judge
from phoenix.model.threshold import ScoreRule
from phoenix.steps.quality.score import read_qc, write_qc
from phoenix.steps.quality.verdicts import read_verdicts
from phoenix.steps.shelf.places import Places, Record

pytestmark = pytest.mark.recipes

SCIENCE = (FIRST, SECOND, THIRD)


@pytest.fixture
def line(processed, copy_of):
    """Three ABs of science that wait."""
    with ProductionLine(copy_of(processed)) as line:
        for name in SCIENCE:
            line.store.verdicts.give(
                name, Verdict(VerdictKind.REVIEW, "drawn by lot", "rules"), line.clock()
            )
        yield line


def names(line, **choice):
    return {row.name for row in waiting(line._context, Choice(**choice))}


def kinds(line):
    return {line.store.verdicts.history(name)[-1].verdict.kind for name in SCIENCE}


def red(line):
    return {row.ab_name for row in line.store.qc1.scores() if row.outcome.value == "red"}


def test_all_that_waits_is_listed_with_its_scores(line):
    table = line.waiting_table()
    assert set(SCIENCE) <= {row[0] for row in table.rows}
    assert {row[5] for row in table.rows if row[0] in SCIENCE} == {"drawn by lot"}


def test_the_status_of_what_waits_has_the_same_abs(line):
    found = {row["AB"] for row in line.status(DATE, review=True).records()}
    assert found == names(line)
    assert {row["verdict"] for row in line.status(DATE, review=True).records()} == {"review"}


def test_a_night_without_waiting_abs_lists_none(line):
    assert names(line, pool="2019-05-05") == set()


def test_score_and_setup_and_raw_type_choose(line):
    everything = names(line)
    assert names(line, score="green") == everything - red(line)
    assert names(line, score="red") == everything & red(line)
    assert names(line, setup="no such") == set()
    assert names(line, raw_type="SCIENCE") == everything & set(SCIENCE)


def test_an_unknown_raw_type_is_an_error_that_names_the_known(line):
    with pytest.raises(DataError, match="expected one of"):
        names(line, raw_type="SCIENTIFIC")


def test_a_night_is_certified_in_one_go(line):
    given = line.give_verdicts((), Choice(pool=DATE), comment="looked at all", by="me")
    assert set(SCIENCE) <= set(given)
    assert kinds(line) == {VerdictKind.OK}
    assert names(line) == set()


def test_names_go_with_and_without_suffix_and_count_once(line):
    given = line.give_verdicts((FIRST, FIRST.removesuffix(".ab")), by="me")
    assert set(given) == {FIRST}


def test_one_unknown_name_and_none_is_judged(line):
    with pytest.raises(DataError, match="no such AB"):
        line.give_verdicts((*SCIENCE, "GIRAF.2020-01-02T00:00:00.000.ab"), by="me")
    assert kinds(line) == {VerdictKind.REVIEW}


def test_a_rejection_of_many_needs_a_comment_and_judges_none_without(line):
    with pytest.raises(DataError, match="comment"):
        line.give_verdicts(SCIENCE, reject=True, by="me")
    assert kinds(line) == {VerdictKind.REVIEW}


def test_several_verdicts_are_taken_back_at_once(line):
    line.give_verdicts(SCIENCE, reject=True, comment="clouds", by="me")
    line.give_verdicts(SCIENCE, withdraw=True, comment="no clouds", by="you")
    assert VerdictKind.REJECTED not in kinds(line)


# ---- the verb -------------------------------------------------------------------------------


def certify(line, *words):
    return phoenix(["certify", "-w", str(line.workspace.root), *words])


def test_the_verb_lists_and_judges_nothing(line, capsys):
    assert certify(line, "-d", DATE, "--list") == 0
    assert FIRST in capsys.readouterr().out
    assert kinds(line) == {VerdictKind.REVIEW}


def test_the_verb_tells_each_verdict(line, capsys):
    assert certify(line, "-d", DATE, "--by", "me") == 0
    assert f"{FIRST}: ok" in capsys.readouterr().out


def test_auto_certifies_the_green_and_leaves_the_red_to_a_person(line):
    scores = judge([Measurement("SNR", 1.0)], [ScoreRule("SNR", 5.0, None, "low")], "SCIENCE")
    line.store.qc1.add_scores(SECOND, scores, line.clock())
    waits = names(line)
    assert red(line) & waits == {SECOND}
    assert certify(line, "-d", DATE, "--auto", "--by", "me") == 0
    assert names(line) == waits & red(line)


def test_a_rejection_says_why_as_the_other_verbs_do(line):
    assert certify(line, FIRST, "--reject", "--why", "fog", "--by", "me") == 0
    assert line.store.verdicts.history(FIRST)[-1].verdict.comment == "fog"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("-d", DATE, "--auto", "--reject"), "give one of --auto, --reject"),
        (("-d", DATE, "--auto", "--score", "red"), "certifies what is green"),
        ((), "give AB names"),
        ((FIRST, "-d", DATE), "either AB names or"),
        (("-d", DATE, "--score", "blue"), "expected green or red"),
        (("-d", DATE, "--withdraw"), "goes with AB names"),
        (("-d", DATE, "--by", ""), "found nobody"),
        (("-d", DATE, "--setup", "", "--by", "me"), "found nothing"),
        ((FIRST, "--list"), "goes with"),
        (("-d", DATE, "--list", "--reject"), "goes with"),
    ],
)
def test_what_cannot_be_meant_is_refused(line, words, told, capsys):
    assert certify(line, *words) == 2
    assert told in " ".join(capsys.readouterr().err.split()).replace("│ ", "")
    assert kinds(line) == {VerdictKind.REVIEW}


def test_without_a_user_it_asks_who_judges(line, monkeypatch, capsys):
    monkeypatch.delenv("USER", raising=False)
    assert certify(line, FIRST) == 2
    assert "--by" in capsys.readouterr().err


def test_pages_of_a_call_that_was_killed_are_written_by_the_next(line, monkeypatch):
    def killed(*_arguments):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("phoenix.line.night.certify.write_due_pages", killed)
        with pytest.raises(KeyboardInterrupt):
            line.give_verdicts((), Choice(pool=DATE), reject=True, comment="fog", by="me")
    page = line.workspace.root / "monitor" / "nights" / DATE / "index.html"
    before = page.read_text(encoding="utf-8").count("fog")
    assert line.give_verdicts((), Choice(pool=DATE), reject=True, comment="fog", by="me") == {}
    assert page.read_text(encoding="utf-8").count("fog") > before


def test_a_setup_is_found_as_pages_and_as_tables_print_it(line):
    (row, *_) = waiting(line._context, Choice())
    (block,) = line.store.blocks.rows(names=[row.name])
    assert row.name in names(line, setup=row.setup.lower())
    assert row.name in names(line, setup=block.setup)


# ---- raw data that are bad ----------------------------------------------------------------------


def hidden(line):
    return {row["file"] for row in line.hidden().records()}


def raw_files(line, name):
    ab, _ = line.block(name)
    return {raw.path.rpartition("/")[2].removesuffix(".fits") for raw in ab.raw_files}


def test_bad_raw_data_are_hidden_with_the_verdict_and_shown_when_it_is_taken_back(line):
    files = raw_files(line, FIRST)
    given = line.give_verdicts((FIRST,), raw_bad=True, comment="shutter stuck", by="me")
    assert given[FIRST].rejects
    assert hidden(line) == files
    line.give_verdicts((FIRST,), withdraw=True, comment="it was not", by="me")
    assert hidden(line) == set()


def test_a_rejection_of_the_products_alone_hides_nothing(line):
    line.give_verdicts((FIRST,), reject=True, comment="wrong pipeline", by="me")
    assert hidden(line) == set()


def test_a_database_that_was_lost_hides_bad_raw_data_again(line):
    line.give_verdicts((FIRST,), raw_bad=True, comment="shutter stuck", by="me")
    folder, before = line.workspace.root, hidden(line)
    line.close()
    (folder / "phoenix.db").unlink()
    with ProductionLine(folder) as other:
        other.process(other.prepare(DATE))
        assert hidden(other) == before


def test_the_verb_takes_one_kind_of_verdict(line, capsys):
    words = ["certify", FIRST, "-w", str(line.workspace.root), "--comment", "x", "--by", "me"]
    assert phoenix([*words, "--reject", "--raw-bad"]) == 2
    assert "give one of --auto, --reject, --raw-bad and --withdraw" in capsys.readouterr().err
    files = raw_files(line, FIRST)
    assert phoenix([*words, "--raw-bad"]) == 0
    assert hidden(line) == files


def test_a_person_who_judges_while_a_run_certifies_is_heard(line, monkeypatch):
    make = certification.made_with_rejected

    def meanwhile(*words):
        line.give_verdicts((FIRST,), reject=True, comment="no", by="me")
        return make(*words)

    monkeypatch.setattr(certification, "made_with_rejected", meanwhile)
    line.certify(line.prepare(DATE, dry=True))
    assert line.store.verdicts.history(FIRST)[-1].verdict.by == "me"


def test_scores_that_only_the_file_has_are_stored_by_the_next_run(line):
    path = Places(line.workspace, DATE, FIRST.removesuffix(".ab")).now(Record.QC)
    result = read_qc(path)
    rule = ScoreRule("SNR", 1e6, comment="too faint")
    write_qc(evolve(result, scores=judge(result.measurements, [rule], "SCIENCE")), path)
    line.process(line.prepare(DATE))
    (row,) = line.store.qc1.scores(ab_name=FIRST)
    assert (row.parameter, row.low, row.outcome.value) == ("SNR", 1e6, "red")


# ---- two persons at once ------------------------------------------------------------------------


def test_two_persons_who_judge_at_once_are_both_heard(line):
    work = str(line.workspace.root)
    calls = [
        [sys.executable, "-m", "phoenix", "certify", *SCIENCE, "-w", work, *words]
        for words in (
            ("--comment", "fine", "--by", "one"),
            ("--reject", "--comment", "no", "--by", "two"),
        )
    ]
    started = [subprocess.Popen(call, stdout=subprocess.DEVNULL) for call in calls]
    assert [process.wait() for process in started] == [0, 0]
    for name in SCIENCE:
        stored = [row.verdict for row in line.store.verdicts.history(name)]
        assert {one.by for one in stored[1:]} == {"one", "two"}
        places = Places(line.workspace, DATE, name.removesuffix(".ab"))
        assert [said.verdict for said in read_verdicts(places)] == stored[1:]
