"""Good ABs are done again when somebody says so, with what depends on them and nothing else."""

from __future__ import annotations

import pytest
from nightwork import ALL, ARC, BIAS, DATE, FIRST, SECOND, THIRD, data_sums, manifests, runs

from phoenix.cli import run
from phoenix.errors import DataError
from phoenix.line.night.standing import outlook
from phoenix.line.production import ProductionLine
from phoenix.model.report import JobState
from phoenix.store.rows import JobRow

pytestmark = pytest.mark.recipes

REDONE = (ARC, FIRST, SECOND, THIRD)


def ended(line):
    return {row.ab_name: row.ended for row in line.store.jobs.rows(step="process")}


@pytest.fixture(params=["processed", "finished"])
def folder(request, processed, undisturbed, copy_of):
    """A good night, at breakpoint P and at its end."""
    return copy_of(processed if request.param == "processed" else undisturbed.folder)


def test_a_good_ab_that_is_named_is_done_again_with_what_depends_on_it(folder):
    before, sums = runs(folder), data_sums(folder)
    with ProductionLine(folder) as line:
        first = ended(line)
        assert line.to_redo(DATE, (ARC,)) == REDONE
        (report,) = line.rerun(DATE, names=(ARC,))
        second = ended(line)
    assert report.wrong == 0
    assert {name for name in ALL if second[name] != first[name]} == set(REDONE)
    # The same is made of the same, and nothing lies twice.
    assert runs(folder).keys() == before.keys()
    after = data_sums(folder)
    both = sums.keys() & after.keys()
    assert both
    assert {name: after[name] for name in both} == {name: sums[name] for name in both}


def test_the_night_is_done_after_it(folder):
    with ProductionLine(folder) as line:
        line.rerun(DATE, names=(FIRST,))
        assert line.to_redo(DATE) == ()
        assert line.pending(line.prepare(DATE, dry=True)) == {}
    assert len(manifests(folder)) == len(ALL)


def test_what_was_said_to_be_done_again_is_done_by_the_next_run_if_it_was_killed(
    processed, copy_of, monkeypatch
):
    folder = copy_of(processed)

    def killed(*_words, **_more):
        raise KeyboardInterrupt

    with ProductionLine(folder) as line:
        before = ended(line)[FIRST]
        with monkeypatch.context() as patch:
            patch.setattr("phoenix.line.night.again.begin", killed)
            with pytest.raises(KeyboardInterrupt):
                line.rerun(DATE, names=(FIRST,))
        line.run(DATE)
        assert ended(line)[FIRST] > before


def test_a_name_that_the_night_has_not_is_refused(processed, copy_of):
    stranger = "GIRAF.2020-01-02T00:00:00.000.ab"
    with (
        ProductionLine(copy_of(processed)) as line,
        pytest.raises(DataError, match=f"{stranger}: no such AB in {DATE}"),
    ):
        line.rerun(DATE, names=(stranger,))


def test_the_verb_knows_the_night_of_a_name(processed, copy_of, capsys):
    words = ["rerun", ARC.removesuffix(".ab"), "-n", "-w", str(copy_of(processed))]
    assert run(words) == 0
    assert capsys.readouterr().out.split() == list(REDONE)


def test_a_dry_run_says_how_much_would_be_done(processed, copy_of):
    with ProductionLine(copy_of(processed)) as line:
        prepared = line.prepare(DATE, dry=True)
        assert outlook(prepared, line.pending(prepared)).endswith("measured or drawn; 7 are done")
        line.store.jobs.record([JobRow(BIAS, "process", JobState.FAILED, "no light")])
        told = outlook(prepared, line.pending(prepared), line.to_redo(DATE))
    assert "failed before and are for `phoenix rerun --failed`" in told


def test_a_conversion_that_failed_keeps_nothing_of_a_run_and_is_forgotten_when_it_is_well(
    undisturbed, copy_of
):
    with ProductionLine(copy_of(undisturbed.folder)) as line:
        line.store.jobs.record([JobRow(FIRST, "convert", JobState.FAILED, reason="no right")])
        (night,) = line.run(DATE)
        assert (night.wrong, night.notes, night.unmeasured) == (0, (), frozenset())
        line.convert(DATE)
        (row,) = line.store.jobs.rows(step="convert", names=[FIRST])
        assert (row.state, row.reason) == (JobState.SUCCESSFUL, "")
