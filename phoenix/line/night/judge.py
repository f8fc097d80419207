"""Judge what could not be judged when it was measured: its history was too short then."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from attrs import evolve

from phoenix.errors import PhoenixError
from phoenix.line.jobs.thresholds import thresholds_of
from phoenix.line.night.standing import limits_of_night
from phoenix.model.plain import plain_log
from phoenix.model.score import judge
from phoenix.model.threshold import Kind
from phoenix.steps.quality.score import write_qc
from phoenix.steps.quality.tasks import ReportTask, draw_quality
from phoenix.steps.shelf.places import Places, Record
from phoenix.store.qc1.measurements import score_rows

if TYPE_CHECKING:
    from collections.abc import Iterable

    from phoenix.line.context import LineContext
    from phoenix.line.report import NightReport, PreparedNight
    from phoenix.model.ab import AssociationBlock
    from phoenix.model.qc import QCValue
    from phoenix.model.score import Outcome, Score
    from phoenix.model.threshold import ScoreRule
    from phoenix.steps.quality.score import QCResult
    from phoenix.store.rows.qc1 import ScoreRow

    _Said = tuple[str, QCValue, float | None, float | None, Outcome]

__all__ = ["judge_open", "keep_scores"]

_log = plain_log(__name__)


def judge_open(line: LineContext, night: PreparedNight, report: NightReport) -> NightReport:
    """Judge by the history what was grey for want of one; the night must be held.

    What was judged stays judged: another history changes nothing, until a person asks for it
    (`phoenix qc rescore`).
    """
    _store_what_is_written(line, night, report)
    blocks = {
        str(ab.name): ab for ab in night.cascade if _is_open(report.quality.get(str(ab.name)))
    }
    if not blocks:
        return report
    thresholds = thresholds_of(line, blocks.values())
    judged = {}
    for name, ab in blocks.items():
        result = report.quality[name]
        scores = _with_open_judged(result, thresholds.of(ab), ab.raw_type)
        if scores != result.scores:
            judged[name] = evolve(result, scores=scores)
    for name, result in judged.items():
        keep_scores(line, blocks[name], result)
        _draw_again(line, blocks[name])
    return evolve(report, quality={**report.quality, **judged})


def _store_what_is_written(line: LineContext, night: PreparedNight, report: NightReport) -> None:
    """Store the scores that lie beside the products, where the database has others.

    So it is when somebody judged again and was killed between the two.
    """
    first, last = limits_of_night(night)
    stored: dict[str, list[_Said]] = defaultdict(list)
    for row in line.store.qc1.scores(since=first, until=last):
        stored[row.ab_name].append(_said(row))
    for name, result in report.quality.items():
        if stored[name] != [_said(row) for row in score_rows(name, result.scores) if not row.part]:
            line.store.qc1.add_scores(name, result.scores, line.clock())


def _said(row: ScoreRow) -> _Said:
    return row.parameter, row.value, row.low, row.high, row.outcome


def keep_scores(line: LineContext, ab: AssociationBlock, result: QCResult) -> None:
    """Write scores down twice: where they outlive the database, and for queries."""
    write_qc(result, Places.of(line.workspace, ab).now(Record.QC))
    line.store.qc1.add_scores(result.ab_name, result.scores, line.clock())


def _is_open(result: QCResult | None) -> bool:
    return result is not None and any(score.rule.is_open for score in result.scores)


def _with_open_judged(
    result: QCResult, rules: Iterable[ScoreRule], raw_type: str
) -> tuple[Score, ...]:
    now = {
        (score.rule.text, score.rule.parameter): score
        for score in judge(result.measurements, rules, raw_type)
        if score.rule.kind is Kind.DYNAMIC and not score.rule.is_open
    }
    return tuple(
        now.get((score.rule.text, score.rule.parameter), score) if score.rule.is_open else score
        for score in result.scores
    )


def _draw_again(line: LineContext, ab: AssociationBlock) -> None:
    """Draw the QC report with the scores by history, so that picture and page agree."""
    if not Places.of(line.workspace, ab).published.exists():
        return
    task = ReportTask(ab, line.instrument.name, line.process_row.name, line.workspace)
    try:
        draw_quality(task)
    except PhoenixError as error:
        _log.warning("%s: the QC report is not drawn again: %s", ab.name, error)
