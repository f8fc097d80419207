"""`run --complete` waits for what a person must certify, and goes on when that was said."""

from __future__ import annotations

import json
import re
import shlex
from types import SimpleNamespace

import pytest
from nightwork import (
    ARC,
    BIAS,
    DARK,
    DATE,
    FIRST,
    FLAT,
    SECOND,
    THIRD,
    make_workspace,
    runs,
    states,
)

from phoenix.cli import run as phoenix
from phoenix.errors import DataError
from phoenix.line.association.awaited import Awaited, part_waiting
from phoenix.line.production import ProductionLine
from phoenix.line.workflow import Source, Workflow
from phoenix.model.ab import AssociationBlock
from phoenix.model.cascade import Cascade
from phoenix.model.dates import CivilDate
from phoenix.model.frames import RawFrame
from phoenix.store.rows import RunState

MASTERS = (BIAS, DARK, FLAT, ARC)
SCIENCE = (FIRST, SECOND, THIRD)
COMPLETE = Workflow(Source.COMPLETE)

recipes = pytest.mark.recipes


def set_up(folder, percent):
    path = folder / "phoenix.toml"
    text = path.read_text("utf-8")
    path.write_text(re.sub("random_green_percent = .*", f"random_green_percent = {percent}", text))
    return folder


def complete(folder, *words):
    return phoenix(["run", "-w", str(folder), "-d", DATE, "--complete", *words])


@pytest.fixture(scope="module")
def first(raw_night, tmp_path_factory):
    """A night of which all masters wait for a person; copy it, nobody may touch it."""
    folder = make_workspace(tmp_path_factory.mktemp("awaited") / "w", raw_night)
    set_up(folder, 100.0)
    with ProductionLine(folder) as line:
        followed = line.follow(DATE, COMPLETE)
    return SimpleNamespace(folder=folder, followed=followed)


@pytest.fixture
def folder(first, copy_of):
    return copy_of(first.folder)


def certify(folder, *names, reject=False, raw_bad=False):
    with ProductionLine(folder) as line:
        line.give_verdicts(names, reject=reject, raw_bad=raw_bad, comment="lamp was off", by="me")


# ---- what is told ------------------------------------------------------------------------------


@recipes
def test_science_whose_masters_wait_is_not_failed(first):
    assert {states(first.folder)[name] for name in SCIENCE} == {"waiting"}
    assert {states(first.folder)[name] for name in MASTERS} == {"successful"}


@recipes
def test_a_notebook_is_told_what_waits_for_whom(first):
    assert first.followed.waiting == dict.fromkeys(SCIENCE, tuple(sorted(MASTERS)))
    assert first.followed.awaited == tuple(sorted(MASTERS))
    _, science = first.followed.nights
    assert science.wrong == 0
    assert not science.is_complete
    assert science.states == {"waiting": 3}


@recipes
def test_every_way_to_look_says_what_is_waited_for(first):
    told = f"waits for the certification of {', '.join(sorted(MASTERS))}"
    page = (first.folder / "monitor" / "nights" / DATE / "index.html").read_text("utf-8")
    assert told in page
    with ProductionLine(first.folder) as line:
        status = {row[1]: (row[4], row[-1]) for row in line.status(DATE).rows}
        (run,) = line.store.runs.rows()
    assert {status[name] for name in SCIENCE} == {("waiting", told)}
    assert (run.state, run.reason, run.counts["waiting"]) == (RunState.WAITS, told, 3)


@recipes
def test_the_verb_leaves_with_3_and_its_calls_can_be_copied(folder, capsys, monkeypatch):
    monkeypatch.setenv("USER", "me")
    assert complete(folder) == 3
    *_, certifies, again = capsys.readouterr().err.splitlines()
    for command in (certifies, again):
        assert phoenix(shlex.split(command)[1:]) == 0
    assert set(states(folder).values()) == {"successful"}


@recipes
def test_a_conversion_says_that_science_waits(folder, capsys):
    assert phoenix(["convert", "-w", str(folder), "-d", DATE]) == 1
    told = f"of which {len(SCIENCE)} wait; see `phoenix status`"
    assert told in capsys.readouterr().err


@recipes
def test_json_names_what_is_awaited(folder, capsys):
    assert complete(folder, "--json") == 3
    _, science = json.loads(capsys.readouterr().out)
    assert science["awaited"] == sorted(MASTERS)


# ---- going on ----------------------------------------------------------------------------------


@recipes
def test_the_same_call_does_exactly_the_rest_when_all_is_certified(folder):
    before = runs(folder)
    certify(folder, *MASTERS)
    assert complete(folder) == 0
    after = runs(folder)
    assert {name: after[name] for name in MASTERS} == before
    assert set(after) == {*MASTERS, *SCIENCE}
    assert complete(folder) == 0
    assert runs(folder) == after


@recipes
def test_it_waits_for_the_others_when_some_are_certified(folder):
    certify(folder, BIAS, DARK, FLAT)
    with ProductionLine(folder) as line:
        assert line.follow(DATE, COMPLETE).awaited == (ARC,)


@recipes
@pytest.mark.parametrize("raw_bad", [False, True])
def test_science_whose_master_was_rejected_fails_with_that_reason(folder, raw_bad):
    certify(folder, BIAS, DARK, FLAT)
    certify(folder, ARC, reject=not raw_bad, raw_bad=raw_bad)
    with ProductionLine(folder) as line:
        (*_, science) = line.follow(DATE, COMPLETE).nights
    raw = ", raw data bad" if raw_bad else ""
    reasons = {science.results[name].reason for name in SCIENCE}
    assert not science.waiting
    assert all(f"{ARC} was rejected{raw} by me: lamp was off" in why for why in reasons)
    assert all("DISPERSION_SOLUTION: found 0" in why for why in reasons)


@recipes
def test_a_killed_call_loses_nothing(folder, monkeypatch):
    certify(folder, *MASTERS)
    create = ProductionLine.create

    def killed(self, *given, **named):
        if named.get("certified_only"):
            raise KeyboardInterrupt
        return create(self, *given, **named)

    with monkeypatch.context() as patch, ProductionLine(folder) as line:
        patch.setattr(ProductionLine, "create", killed)
        with pytest.raises(KeyboardInterrupt):
            line.follow(DATE, COMPLETE)
    assert {states(folder)[name] for name in SCIENCE} == {"waiting"}
    before = runs(folder)
    assert complete(folder) == 0
    after = runs(folder)
    assert {name: after[name] for name in MASTERS} == before


@recipes
def test_a_run_without_new_abs_waits_too_and_fails_nothing(folder):
    assert phoenix(["run", "-w", str(folder), "-d", DATE]) == 3
    assert phoenix(["rerun", "-w", str(folder), "-d", DATE, "--failed"]) == 3
    assert {states(folder)[name] for name in SCIENCE} == {"waiting"}


@recipes
def test_an_ab_that_waits_can_be_explained_and_not_be_run_alone(folder):
    with ProductionLine(folder) as line:
        assert f"r.{ARC.removesuffix('.ab')}" in line.explain(FIRST).text()
        with pytest.raises(DataError, match="waits for the certification of"):
            line.prepare(DATE, (FIRST,))


@recipes
def test_science_that_was_done_waits_again_when_a_certification_is_taken_back(folder):
    certify(folder, *MASTERS)
    complete(folder)
    before = runs(folder)
    with ProductionLine(folder) as line:
        line.withdraw_verdict(ARC, comment="not sure", by="me")
        assert line.follow(DATE, COMPLETE).awaited == (ARC,)
    certify(folder, ARC)
    assert complete(folder) == 0
    assert runs(folder) == before


@recipes
def test_without_a_review_nothing_waits(first, tmp_path, raw_night):
    folder = set_up(make_workspace(tmp_path / "w", raw_night), 0.0)
    assert complete(folder) == 0
    assert set(states(folder).values()) == {"successful"}


# ---- which ABs wait ----------------------------------------------------------------------------


def block(name, *parents):
    return AssociationBlock(
        name=f"TOY.2020-01-02T0{name}:00:00.000.ab",
        recipe="r",
        raw_files=(RawFrame("X.fits", "X"),),
        date=CivilDate(2020, 1, 1),
        waits_for=tuple(f"TOY.2020-01-02T0{parent}:00:00.000.ab" for parent in parents),
    )


def test_what_hangs_on_an_ab_that_waits_waits_with_it_and_all_else_is_run():
    one, two, stack, alone = block(1), block(2), block(3, 1, 2), block(4)
    chosen = [SimpleNamespace(name=str(ab.name), parents=()) for ab in (two, alone)]
    chosen.append(SimpleNamespace(name=str(one.name), parents=("FLAT",)))
    awaited = Awaited((), {"FLAT": ("BIAS",)})
    run, waiting = part_waiting(Cascade([one, two, stack, alone]), awaited, chosen)
    assert [str(ab.name) for ab in run] == [str(two.name), str(alone.name)]
    assert {str(row.block.name): row.masters for row in waiting} == {
        str(one.name): ("BIAS",),
        str(stack.name): ("BIAS",),
    }
    assert waiting[0].block.waits_for == ("FLAT",)


# ---- masters that are made again ---------------------------------------------------------------


def certify_what_waits(folder):
    """Call until nothing waits, as a person does who finds everything good."""
    for _ in range(len(MASTERS)):
        code = complete(folder)
        if code != 3:
            return code
        with ProductionLine(folder) as line:
            names = line.follow(DATE, COMPLETE).awaited
        certify(folder, *names)
    return complete(folder)


@pytest.fixture
def made(folder):
    """Everything is made, certified and in its final folders."""
    certify(folder, *MASTERS)
    assert complete(folder) == 0
    return folder


def is_made_of_what_is_there(folder, name):
    """Whether the masters that an AB read are those that lie in their final folder now."""
    path = folder / "logs" / DATE / f"{name.removesuffix('.ab')}.json"
    inputs = json.loads(path.read_text())["inputs"]
    read = {row["path"]: row for row in inputs if row["path"].startswith(f"calib/{DATE}/")}
    assert len(read) >= 4
    facts = {below: (folder / below).stat() for below in read}
    return all(
        (facts[below].st_size, facts[below].st_mtime_ns) == (row["size"], row["mtime_ns"])
        for below, row in read.items()
    )


@recipes
def test_science_waits_for_masters_that_are_made_again_and_is_made_again_with_them(made):
    before = runs(made)
    with (made / "phoenix.toml").open("a") as file:
        file.write('\n[pipeline.gimasterbias]\nstack-method = "median"\n')
    assert complete(made) == 3
    assert {states(made)[name] for name in SCIENCE} == {"waiting"}
    assert certify_what_waits(made) == 0
    after = runs(made)
    assert all(after[name].started > before[name].started for name in SCIENCE)
    assert all(is_made_of_what_is_there(made, name) for name in SCIENCE)
    assert complete(made) == 0
    assert runs(made) == after


@recipes
def test_nothing_is_left_of_a_hidden_file_in_the_masters_nor_in_the_science(made):
    before = runs(made)
    with ProductionLine(made) as line:
        ab, _ = line.block(BIAS)
        bad = ab.raw_files[1].path.rpartition("/")[2]
        line.hide(bad, why="shutter", by="me")
    assert complete(made) == 3
    assert certify_what_waits(made) == 0
    after = runs(made)
    assert all(after[name].started > before[name].started for name in (*MASTERS, *SCIENCE))
    assert all(is_made_of_what_is_there(made, name) for name in SCIENCE)
    manifest = (made / "logs" / DATE / f"{BIAS.removesuffix('.ab')}.json").read_text()
    assert bad not in manifest


@recipes
def test_a_rejection_that_is_taken_back_leaves_nothing_unmeasured(folder, capsys):
    certify(folder, BIAS, reject=True)
    certify(folder, DARK, FLAT, ARC)
    assert [complete(folder), complete(folder)] == [1, 1]
    with ProductionLine(folder) as line:
        line.give_verdicts((BIAS,), withdraw=True, comment="it was good", by="me")
    capsys.readouterr()
    assert certify_what_waits(folder) == 0
    assert "cannot be read" not in capsys.readouterr().err
    assert set(states(folder).values()) == {"successful"}
    assert set(states(folder, "qc").values()) == {"successful"}
