"""Master calibrations of a pool of nights, through the true recipes; two of them are bad."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from attrs import frozen
from nightwork import make_workspace

from phoenix.errors import DataError
from phoenix.formats.abfile import read_ab
from phoenix.formats.fits.headers import read_keys
from phoenix.line.context import LineContext
from phoenix.line.jobs.done import ended_jobs
from phoenix.line.jobs.work import PROCESS, QC
from phoenix.line.production import ProductionLine
from phoenix.line.simulation import simulate_month, simulate_night
from phoenix.model.report import JobState
from phoenix.model.score import Outcome, VerdictKind
from phoenix.store.rows import JobRow
from phoenix.testing.night import has_esorex

if TYPE_CHECKING:
    from pathlib import Path

    from phoenix.line.report import NightReport

pytestmark = [pytest.mark.recipes, pytest.mark.slow]

# As few nights as prove it: one noisy bias and four others, the least history that has an opinion;
# one dark flat, and another that takes its place.
POOL = "2020-01-04..2020-01-08"
SCIENCE_NIGHT = "2020-01-09"
NOISY = "GIRAF.2020-01-05T10:06:20.144_tpl.ab"
DARK_FLAT = "GIRAF.2020-01-06T12:06:20.504_tpl.ab"
BAD = (NOISY, DARK_FLAT)
# Of the night of the noisy bias.
ARC = "GIRAF.2020-01-05T12:18:20.956.ab"


@frozen
class Masters:
    """What came of the pool: first run, after a person looked, and the science that used it."""

    folder: Path
    first: NightReport
    moved_first: set[str]
    drawn_after_judgement: bool
    second: NightReport
    third: NightReport
    science: NightReport


@pytest.fixture(scope="module")
def masters(tmp_path_factory) -> Masters:
    if not has_esorex():
        pytest.skip("no esorex: run `make test`, which installs the pipelines")
    raw = tmp_path_factory.mktemp("calibrations")
    faults = ("noisy_bias@2020-01-04", "dark_flat@2020-01-05")
    simulate_month("giraffe", "", POOL, raw, size="small", faults=faults, calibrations=True)
    _add_science(raw, tmp_path_factory.mktemp("science"))
    folder = make_workspace(tmp_path_factory.mktemp("masters") / "w", raw)
    with ProductionLine(folder) as line:
        (first,) = line.run(POOL, prepared=line.create(POOL, masters=True))
        moved = {path.name for path in folder.glob("calib/2020-*/*.fits")}
        (noisy,) = folder.glob(f"products/*/{NOISY.removesuffix('.ab')}")
        (report,) = noisy.glob("*.png")
        drawn = report.stat().st_mtime_ns >= (noisy / "qc.json").stat().st_mtime_ns
        for name, verdict in first.verdicts.items():
            if verdict.kind is VerdictKind.REVIEW:
                bad = name in BAD
                line.give_verdict(name, reject=bad, comment="bad" if bad else "fine", by="me")
        (second,) = line.run(POOL, prepared=line.create(POOL, masters=True))
        for name, verdict in second.verdicts.items():
            if verdict.kind is VerdictKind.REVIEW:
                line.give_verdict(name, reject=False, comment="fine", by="me")
        (third,) = line.run(POOL, prepared=line.create(POOL, masters=True))
        (science,) = line.run(SCIENCE_NIGHT, prepared=line.create(SCIENCE_NIGHT))
    return Masters(folder, first, moved, drawn, second, third, science)


def _add_science(raw: Path, folder: Path) -> None:
    """Add a night of science that has no calibrations of its own."""
    night = simulate_night("giraffe", "", SCIENCE_NIGHT, folder, size="small")
    target = raw / "raw" / SCIENCE_NIGHT
    target.mkdir(parents=True)
    for path in night.raw:
        if read_keys(path, ["ESO DPR CATG"])["ESO DPR CATG"] == "SCIENCE":
            shutil.copy(path, target)


def block(report, name):
    return next(ab for ab in report.blocks if str(ab.name) == name)


def test_every_recipe_of_the_pool_succeeds(masters):
    kinds = [ab.raw_type for ab in masters.first.blocks]
    assert masters.first.wrong == 0
    assert {kind: kinds.count(kind) for kind in set(kinds)} == {
        "BIAS": 5,
        "FIBER_FLAT": 2,
        "ARC_SPECTRUM": 5,
    }


def test_the_cascade_crosses_midnight(masters):
    arc = block(masters.first, ARC)
    assert DARK_FLAT in arc.waits_for
    assert block(masters.first, DARK_FLAT).date != arc.date


def test_the_quality_check_finds_the_two_bad_masters_and_no_other(masters):
    red = {
        name
        for name, quality in masters.first.quality.items()
        if any(score.outcome is Outcome.RED for score in quality.scores)
    }
    assert red == set(BAD)


def test_the_report_is_drawn_again_with_the_scores_by_history(masters):
    assert masters.drawn_after_judgement


def test_the_noisy_bias_is_within_fixed_limits_and_only_its_history_tells(masters):
    scores = masters.first.quality[NOISY].scores
    (red,) = [score for score in scores if score.outcome is Outcome.RED]
    assert red.rule.comment.startswith("read-out noise jumped (median of 4: 1.7")
    fixed = [s for s in scores if s.rule.parameter == "OUT1_RON_RAW" and s is not red]
    assert [score.outcome for score in fixed] == [Outcome.GREEN]


def test_nothing_moves_that_is_not_certified_nor_what_was_made_with_it(masters):
    waiting = {name for name, row in masters.first.verdicts.items() if row.kind.value == "review"}
    hanging = {
        str(ab.name) for ab in masters.first.blocks if waiting.intersection(ab.waits_for)
    } | waiting
    assert set(BAD) <= hanging
    with ProductionLine(masters.folder) as line:
        rows = line.store.products.rows()
    early = {row.ab_name for row in rows if row.final_name in masters.moved_first}
    assert early
    assert not early & hanging


def test_the_report_says_what_a_person_has_to_look_at(masters):
    notes = "\n".join(masters.first.notes)
    assert f"{NOISY} waits for a person: read-out noise jumped" in notes
    assert f"{DARK_FLAT} waits for a person: one of the raw flats is fainter" in notes
    assert "phoenix certify AB" in notes


def test_rejected_masters_leave_the_chain(masters):
    for ab in masters.second.blocks:
        assert not set(BAD).intersection(ab.waits_for)
    with ProductionLine(masters.folder) as line:
        assert not [row for row in line.store.products.rows() if row.ab_name in BAD]
    for name in BAD:
        night = block(masters.second, name).date
        root = name.removesuffix(".ab")
        assert not (masters.folder / "products" / str(night) / root).exists()
        # Its records stay (QC Handbook, 4.1.4).
        assert (masters.folder / "logs" / str(night) / f"{root}.qc.json").is_file()


def test_only_what_hung_on_them_is_done_again(masters):
    again = {
        name
        for name, result in masters.second.results.items()
        if result != masters.first.results[name]
    }
    dependent = {
        str(ab.name) for ab in masters.first.blocks if set(BAD).intersection(ab.waits_for)
    }
    assert again == dependent
    assert ARC in again


def test_the_explanation_says_that_they_were_rejected(masters):
    with ProductionLine(masters.folder) as line:
        text = line.explain(ARC).text()
    assert f"not looked at, rejected: {NOISY}, {DARK_FLAT}" in text


def test_certified_masters_have_human_names_in_the_folder_of_their_night(masters):
    names = {path.name for path in masters.folder.glob("calib/2020-01-05/*.fits")}
    assert "GI_MBIA_200105A_Carreras_100620.636.fits" in names
    assert "GI_PDIS_200105A_Med1_L543.1_121820.207.fits" in names
    finished = {path.parent.name for path in masters.folder.glob("calib/2020-*/GI_MBIA_*.fits")}
    assert finished == {f"2020-01-0{day}" for day in (5, 6, 7, 8)}


def test_finished_abs_have_certified_names_for_predicted_ones(masters):
    ab = read_ab(masters.folder / "logs" / "2020-01-04" / ARC)
    assert not [one for one in ab.calibrations if one.virtual]
    bias = next(one for one in ab.calibrations if one.pro_catg == "MASTER_BIAS")
    assert bias.name.startswith("GI_MBIA_")
    assert not ab.waits_for


def test_running_again_does_nothing_again(masters):
    assert masters.third.results == masters.second.results


def test_science_takes_certified_masters_and_nothing_is_made_for_it(masters):
    assert masters.science.wrong == 0
    assert {ab.raw_type for ab in masters.science.blocks} == {"SCIENCE"}
    for ab in masters.science.blocks:
        assert not ab.waits_for
        for one in ab.calibrations:
            assert not one.virtual
            assert (
                "/gen/" in one.path
                or (masters.folder / "calib").joinpath(*one.path.split("/")[1:]).is_file()
            )


def test_without_masters_certified_only_science_is_refused(masters, tmp_path):
    with ProductionLine(make_workspace(tmp_path / "w", _repository(masters))) as line:
        prepared = line.create(SCIENCE_NIGHT, mode="SCIENCE", certified_only=True)
        with pytest.raises(DataError, match="found no raw files"):
            line.create("2021-01-01", masters=True)
    assert not prepared.blocks
    assert all("MASTER_BIAS: found 0" in why for why in prepared.refused.values())


def _repository(masters):
    with ProductionLine(masters.folder) as line:
        return line.sources[0].root


def test_what_was_rejected_is_not_made_again_because_its_parent_was_measured_again(masters):
    folder = shutil.copytree(masters.folder, masters.folder.with_name("measured"))
    parents = block(masters.second, DARK_FLAT).waits_for
    assert parents
    with ProductionLine(folder) as line:
        night = line.create(POOL, masters=True).nights[0]
        line.store.jobs.record(
            JobRow(name, QC, JobState.SUCCESSFUL, ended=line.clock()) for name in parents
        )
        context = LineContext.open(folder, line.clock)
        ended = ended_jobs(context, night.prepared.cascade)
        context.close()
    assert {(DARK_FLAT, PROCESS), (DARK_FLAT, QC)} <= ended.keys()
    others = hanging(masters.second, parents[0]) - {DARK_FLAT}
    assert others
    assert not {(name, QC) for name in others} & ended.keys()


# ---- a rejection taken back ------------------------------------------------------------------


@pytest.fixture(scope="module")
def forgiven(masters) -> NightReport:
    """The pool after the dark flat was no longer rejected; beside the other, with its settings."""
    folder = shutil.copytree(masters.folder, masters.folder.with_name("forgiven"))
    with ProductionLine(folder) as line:
        line.withdraw_verdict(DARK_FLAT, comment="the lamp was dimmed on purpose", by="me")
        (report,) = line.run(POOL, prepared=line.create(POOL, masters=True))
        paths = [row.path for row in line.store.products.rows(ab_name=DARK_FLAT)]
    assert paths
    assert all((folder / path).is_file() for path in paths)
    return report


def hanging(report, name):
    return {str(ab.name) for ab in report.blocks if name in ab.waits_for}


def test_what_hung_on_a_rejected_master_hangs_on_it_again(masters, forgiven):
    assert hanging(masters.second, DARK_FLAT) == set()
    assert hanging(forgiven, DARK_FLAT) == hanging(masters.first, DARK_FLAT)


def test_it_is_made_and_judged_again_and_so_is_what_hangs_on_it(masters, forgiven):
    assert forgiven.wrong == 0
    assert forgiven.verdicts[DARK_FLAT].kind is VerdictKind.REVIEW
    again = {
        name for name, result in forgiven.results.items() if result != masters.third.results[name]
    }
    assert again == {DARK_FLAT, *hanging(forgiven, DARK_FLAT)}


def test_a_master_still_rejected_stays_out(forgiven):
    assert hanging(forgiven, NOISY) == set()
    assert forgiven.verdicts[NOISY].kind is VerdictKind.REJECTED
