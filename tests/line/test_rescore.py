"""Old measurements judged by other thresholds: what changes, what does not, who is told."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from nightwork import make_workspace

from phoenix.cli import run as phoenix
from phoenix.errors import SettingsError
from phoenix.line.night.hold import hold_night
from phoenix.line.production import ProductionLine
from phoenix.line.qc1 import rescore as rescore_module
from phoenix.model.ab import Mode
from phoenix.model.dates import CivilDate
from phoenix.model.qc import Measurement
from phoenix.model.score import Verdict, VerdictKind
from phoenix.steps.quality.score import QCResult, read_qc, write_qc
from phoenix.steps.shelf.places import Places, Record
from phoenix.store.rows import BlockRow

NIGHTS = tuple(f"2020-01-{day:02d}" for day in range(1, 11))
WEAK = 40.0
"""SNR of all; NSCI falls by one a night, from 19 to 10."""


def name_of(night):
    return f"GIRAF.{night}T23:00:00.000.ab"


@pytest.fixture
def line(tmp_path):
    """Ten nights with a science AB each, judged by the plugin's thresholds."""
    (tmp_path / "raw").mkdir()
    with ProductionLine(make_workspace(tmp_path / "work", tmp_path / "raw")) as line:
        for day, night in enumerate(NIGHTS):
            name = name_of(night)
            setup = "INS.EXP.MODE=H525.8B"
            mjd = 58849.0 + day
            line.store.blocks.save(
                [BlockRow(name, night, Mode.SCIENCE, "giscience", "SCIENCE", setup, mjd_obs=mjd)]
            )
            line.store.qc1.replace(name, [Measurement("NSCI", 19 - day), Measurement("SNR", WEAK)])
            line.store.verdicts.give(name, Verdict(VerdictKind.AUTO, by="rule"), line.clock())
        line.rescore()
        yield line


@pytest.fixture
def stricter(tmp_path):
    path = tmp_path / "stricter.toml"
    path.write_text("[scores.NSCI]\nlow = 15\n")
    return path


def red(line):
    return {row.ab_name for row in line.store.qc1.scores() if row.outcome.value == "red"}


def kinds(line):
    verdicts = line.store.verdicts.current()
    return [verdicts[name_of(night)].verdict.kind.value for night in NIGHTS]


FEW = {name_of(night) for night in NIGHTS[5:]}
"""With fewer than 15 targets."""


def test_a_dry_run_says_what_would_change_and_changes_nothing(line, stricter):
    before = line.store.qc1.scores(every=True)
    found = line.rescore("2020", stricter, dry=True)
    assert {one.row.ab_name for one in found.changes if one.turns} == FEW
    assert found.summary().startswith("2020: 10 ABs would be judged: 5 green to red, 5 with")
    assert line.store.qc1.scores(every=True) == before
    assert kinds(line) == ["auto"] * 10


def test_what_is_judged_again_counts_and_what_was_judged_before_is_kept(line, stricter):
    line.rescore("2020-01", stricter)
    assert red(line) == FEW
    judged = line.store.qc1.scores(ab_name=name_of(NIGHTS[-1]), every=True)
    told = [(row.low, row.outcome.value) for row in judged if row.parameter == "NSCI"]
    assert told == [(10.0, "green"), (15.0, "red")]


def test_a_score_remembers_the_file_that_set_its_limit(line, stricter):
    line.rescore("2020-01", stricter)
    (row,) = [row for row in line.store.qc1.scores(since=NIGHTS[-1]) if row.parameter == "NSCI"]
    assert row.source.startswith("stricter.toml ")
    assert row.rule == "15 <= NSCI"


def test_to_judge_again_by_the_same_thresholds_changes_nothing(line, stricter):
    line.rescore("2020", stricter)
    found = line.rescore("2020", stricter)
    assert (found.judged, found.changes) == (10, ())
    assert "nothing changes" in found.summary()


def test_a_green_ab_that_turns_red_waits_for_a_person(line, stricter):
    line.rescore("2020", stricter)
    assert kinds(line) == ["auto"] * 5 + ["review"] * 5


def test_what_waited_for_its_red_score_alone_does_so_no_longer(line, stricter):
    line.rescore("2020", stricter)
    settings = line.workspace.root / "phoenix.toml"
    text = settings.read_text().replace(
        "random_green_percent = 20.0", "random_green_percent = 0.0"
    )
    settings.write_text(text)
    with ProductionLine(line.workspace.root) as other:
        other.rescore("2020")
        assert kinds(other) == ["auto"] * 10


def test_what_a_person_said_stands(line, stricter):
    name = name_of(NIGHTS[-1])
    line.store.verdicts.give(name, Verdict(VerdictKind.OK, "fine", "me"), line.clock())
    found = line.rescore("2020", stricter)
    assert name not in found.verdicts
    assert kinds(line)[-1] == "ok"


def test_scores_are_kept_where_they_outlive_the_database(line, stricter):
    places = Places(line.workspace, NIGHTS[-1], name_of(NIGHTS[-1]).removesuffix(".ab"))
    path = places.finished(Record.QC)
    path.parent.mkdir(parents=True)
    write_qc(QCResult(name_of(NIGHTS[-1]), (Measurement("NSCI", 10),)), path)
    line.rescore("2020", stricter)
    result = read_qc(path)
    assert ("NSCI", "red") in {(one.rule.parameter, one.outcome.value) for one in result.scores}


def test_a_night_that_a_run_holds_is_left_and_told(line, stricter):
    with hold_night(line, CivilDate.parse(NIGHTS[-1])):
        found = line.rescore("2020", stricter)
    assert len(found.skipped) == 1
    assert NIGHTS[-1] in found.skipped[0]
    assert red(line) == FEW - {name_of(NIGHTS[-1])}
    line.rescore("2020", stricter)
    assert red(line) == FEW


def test_limits_that_follow_the_history_find_what_leaves_it(line, tmp_path):
    odd = name_of(NIGHTS[4])
    line.store.qc1.replace(odd, [Measurement("NSCI", 15), Measurement("SNR", 400.0)])
    path = tmp_path / "dynamic.toml"
    path.write_text("[scores.SNR.SCIENCE]\nnsigma = 5\nleast_width = 1\ncomment = 'SNR jumped'\n")
    found = line.rescore("2020", path)
    turned = {one.row.ab_name: one.row.comment for one in found.changes if one.turns}
    assert turned[odd] == "SNR jumped (median of 4: 40)"
    assert red(line) == {odd}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[scores.NSKI]\nlow = 1\n", "found no QC parameter NSKI, expected NSKY"),
        ("[store]\nurl = 'x'\n", "found store, expected tables [scores.PARAMETER]"),
        ("", "found no thresholds, expected tables"),
        ("[scores.NSCI\n", "found no TOML"),
    ],
)
def test_a_file_that_has_no_thresholds_is_told(line, tmp_path, text, told):
    path = tmp_path / "wrong.toml"
    path.write_text(text)
    with pytest.raises(SettingsError) as error:
        line.rescore("2020", path)
    assert told in str(error.value)


def test_a_number_without_end_and_a_pipe_are_told(line, tmp_path):
    path = tmp_path / "long.toml"
    path.write_text(f"[scores.NSCI]\nlow = {'9' * 5000}\n")
    pipe = tmp_path / "pipe.toml"
    os.mkfifo(pipe)
    for wrong in (path, pipe, Path("/dev/zero")):
        with pytest.raises(SettingsError, match="expected"):
            line.rescore("2020", wrong)


def test_other_limits_of_single_elements_are_judged_again(line, tmp_path):
    name = name_of(NIGHTS[0])
    rows = [Measurement("SNR", value, number) for number, value in enumerate((3.0, 9.0), 1)]
    line.store.qc1.replace(name, [Measurement("NSCI", 19), *rows])
    path = tmp_path / "each.toml"
    for low in (1, 2):
        path.write_text(f"[scores.SNR.SCIENCE]\nelement = 'each'\nlow = {low}\n")
        line.rescore("2020", path)
        parts = [row for row in line.store.qc1.scores(ab_name=name, parts=True) if row.part]
        assert {row.low for row in parts} == {float(low)}


def test_a_person_who_judges_while_a_year_is_rescored_is_heard(line, stricter, monkeypatch):
    name = name_of(NIGHTS[-1])
    make = rescore_module.told_again

    def meanwhile(*words):
        found = make(*words)
        line.store.verdicts.give(name, Verdict(VerdictKind.OK, "fine", "me"), line.clock())
        return found

    monkeypatch.setattr(rescore_module, "told_again", meanwhile)
    line.rescore("2020", stricter)
    assert kinds(line)[-1] == "ok"


def test_a_file_that_is_not_there_is_told(line, tmp_path):
    with pytest.raises(SettingsError, match="expected a TOML file"):
        line.rescore("2020", tmp_path / "none.toml")


def test_the_verb_shows_what_turns_and_how_many(line, stricter, capsys):
    work = str(line.workspace.root)
    words = ["qc", "rescore", "-m", "2020", "--rules", str(stricter), "-n", "-w", work]
    assert phoenix(words) == 0
    out = capsys.readouterr().out
    assert "5 green to red" in out
    assert phoenix([*words, "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert {row["AB"] for row in rows} == FEW


def test_a_database_without_abs_has_nothing_to_judge(tmp_path):
    (tmp_path / "raw").mkdir()
    with ProductionLine(make_workspace(tmp_path / "w", tmp_path / "raw")) as line:
        assert line.rescore().judged == 0


# ---- significance -------------------------------------------------------------------------------


def test_significance_tells_how_often_a_rule_was_red_and_a_person_agreed(line, stricter):
    line.rescore("2020", stricter)
    for night, kind in ((5, VerdictKind.REJECTED), (6, VerdictKind.OK), (0, VerdictKind.REJECTED)):
        name = name_of(NIGHTS[night])
        line.store.verdicts.give(name, Verdict(kind, "looked at", "me"), line.clock())
    (row,) = [row for row in line.significance("2020").records() if row["parameter"] == "NSCI"]
    told = ("green", "red", "rejected", "certified", "agreed %", "missed")
    assert [row[name] for name in told] == [5, 5, 1, 1, 50.0, 1]
