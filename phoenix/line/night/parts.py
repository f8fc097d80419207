"""The parts of a run, each of which can be called again at any time, and whole runs of them.

A run prepares its ABs (breakpoint C), processes them (P), certifies and finishes them (M)
(VLT-MAN-ESO-19600-6104, 4.2). Each part here makes the jobs of a night, and ends it.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from phoenix.engine.job import Batch
from phoenix.line.night import certify, finish
from phoenix.line.night.again import begin_again
from phoenix.line.night.judge import judge_open
from phoenix.line.night.nights import Part
from phoenix.line.night.process import begin
from phoenix.line.night.standing import report_of

if TYPE_CHECKING:
    from phoenix.line.context import LineContext
    from phoenix.line.report import NightReport, PreparedNight

__all__ = ["CERTIFY", "FINISH", "LOOK", "PROCESS", "RUN", "TAKE_UP", "redo"]


def _nothing(_line: LineContext, _night: PreparedNight) -> Batch:
    """No recipe is run."""
    return Batch(())


def _judged(line: LineContext, night: PreparedNight) -> NightReport:
    return judge_open(line, night, report_of(line, night))


def _certify(line: LineContext, night: PreparedNight) -> NightReport:
    return certify.certify(line, night, _judged(line, night))


def _finish(line: LineContext, night: PreparedNight) -> NightReport:
    return finish.finish(line, night, report_of(line, night))


def _certify_and_finish(line: LineContext, night: PreparedNight) -> NightReport:
    return finish.finish(line, night, _certify(line, night))


PROCESS = Part(begin, _judged)
"""Run what is not done, and stop at breakpoint P."""
RUN = Part(begin, _certify_and_finish)
"""Process, certify and finish."""
TAKE_UP = Part(_nothing, _certify_and_finish)
"""Take up behind breakpoint P."""
CERTIFY = Part(_nothing, _certify)
"""Give verdicts."""
FINISH = Part(_nothing, _finish)
"""Move what may move."""
LOOK = Part(_nothing, report_of)
"""Only report how the night stands."""


def redo(names: tuple[str, ...] = ()) -> Part:
    """Do again what is named, or what failed, and what depends on it, and no more."""
    return Part(partial(begin_again, names=names), _certify_and_finish)
