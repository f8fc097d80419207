"""A process that a person supervises: night by night, from breakpoint to breakpoint."""

from __future__ import annotations

import cubes
import pytest
from attrs import evolve
from cubes import COMBINED, CUBES, DATE, EXPOSURES, POSTS, run_here

from phoenix.cli import run as phoenix
from phoenix.errors import SettingsError
from phoenix.line.production import ProductionLine
from phoenix.line.workflow import Breakpoint, Source, Workflow, refuse_unsupervised
from phoenix.model.score import Verdict, VerdictKind

NIGHT, MONTH = str(DATE), "2020-01"
IN_ONE_GO = "CUBES_IFU: found no breakpoint, expected -C, -P or -M, because a person certifies it"


@pytest.fixture
def workspace(cubes_repository, tmp_path):
    return cubes.make_workspace(tmp_path / "supervised", cubes_repository)


@pytest.mark.parametrize(
    ("workflow", "in_one_go"),
    [
        (Workflow(), True),
        (Workflow(Source.CREATED), True),
        (Workflow(Source.COMPLETE), True),
        (Workflow(only=("A.ab",)), True),
        (Workflow(stop=Breakpoint.PREPARED), False),
        (Workflow(stop=Breakpoint.PROCESSED), False),
        (Workflow(take_up=True), False),
        (Workflow(dry=True), False),
        (Workflow(Source.COMPLETE, stop=Breakpoint.PREPARED), False),
    ],
)
def test_a_breakpoint_leaves_a_place_for_a_person(workflow, in_one_go):
    assert workflow.in_one_go is in_one_go


def test_a_run_without_a_breakpoint_is_refused_with_the_reason():
    with pytest.raises(SettingsError, match=IN_ONE_GO):
        refuse_unsupervised(CUBES, NIGHT, in_one_go=True)
    refuse_unsupervised(CUBES, NIGHT, in_one_go=False)


@pytest.mark.parametrize("in_one_go", [True, False])
def test_a_month_is_refused_with_a_breakpoint_too(in_one_go):
    with pytest.raises(SettingsError, match=r"found 2020-01, expected one night \(-d\)"):
        refuse_unsupervised(CUBES, MONTH, in_one_go=in_one_go)


def test_of_other_processes_nothing_is_refused():
    refuse_unsupervised(evolve(CUBES, supervised=False), MONTH, in_one_go=True)


@pytest.mark.parametrize(
    "options", [("-d", NIGHT), ("-d", NIGHT, "--complete"), ("-m", MONTH, "-P")]
)
def test_the_command_line_refuses_and_touches_nothing(workspace, options, capsys):
    before = sorted(workspace.rglob("*"))
    assert phoenix(["run", "-w", str(workspace), *options]) != 0
    assert "because a person certifies it" in " ".join(capsys.readouterr().err.split())
    assert sorted(workspace.rglob("*")) == before


def test_so_does_the_notebook(workspace):
    with ProductionLine(workspace) as line:
        with pytest.raises(SettingsError, match=IN_ONE_GO):
            line.run(NIGHT)
        with pytest.raises(SettingsError, match=IN_ONE_GO):
            line.complete(NIGHT)
        with pytest.raises(SettingsError, match="expected one night"):
            line.rerun(MONTH)
        assert len(line.prepare(NIGHT, dry=True).blocks) == len(EXPOSURES) + len(POSTS) + 1


def test_only_combined_cubes_wait_for_a_person(workspace):
    with ProductionLine(workspace) as line:
        run_here(line)
        (night,) = line.certify(line.prepare(NIGHT, dry=True))
    kinds = {name: verdict.kind for name, verdict in night.verdicts.items()}
    assert kinds.pop(f"{COMBINED}.ab") is VerdictKind.REVIEW
    assert set(kinds.values()) == {VerdictKind.AUTO}


def test_what_is_made_again_may_be_certified_in_the_same_words(workspace):
    with ProductionLine(workspace) as line:
        for pixels in ("8", "9"):
            with (workspace / "phoenix.toml").open("r+", encoding="utf-8") as settings:
                text = settings.read().partition("[pipeline.cubecombine]")[0]
                settings.seek(0)
                settings.write(f'{text}[pipeline.cubecombine]\npixels = "{pixels}"\n')
                settings.truncate()
            with ProductionLine(workspace) as again:
                run_here(again)
                words = {"reject": False, "comment": "looks good", "by": "a person"}
                again.give_verdict(f"{COMBINED}.ab", **words)
        (night,) = line.run(NIGHT, stop_at="P", resume=True)
    assert night.verdicts[f"{COMBINED}.ab"].kind is VerdictKind.OK


def test_they_move_once_a_person_has_certified(workspace):
    with ProductionLine(workspace) as line:
        run_here(line)
        (before,) = line.run(NIGHT, resume=True)
        said = Verdict(VerdictKind.OK, "looks good", "a person")
        line.store.verdicts.give(f"{COMBINED}.ab", said, line.clock())
        (after,) = line.run(NIGHT, resume=True)
    assert (before.moved, after.moved) == (2, 3)
