"""The parts of a run, each of which can be called again at any time, and whole runs of them.

A run prepares its ABs (breakpoint C), processes them (P), certifies and finishes them (M)
(VLT-MAN-ESO-19600-6104, 4.2). Each function here holds the night while it works.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from phoenix.line.night import again, certify, finish, process
from phoenix.line.night.hold import hold_nights
from phoenix.line.night.policy import nights_held
from phoenix.line.night.standing import report_of

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from phoenix.line.context import LineContext
    from phoenix.line.night.process import ProgressBar
    from phoenix.line.report import NightReport, PreparedNight

__all__ = [
    "certify_night",
    "finish_night",
    "process_night",
    "redo_night",
    "run_night",
    "take_up_night",
]


def process_night(
    line: LineContext, night: PreparedNight, progress: ProgressBar | None = None
) -> NightReport:
    """Run what is not done."""
    with _hold(line, night):
        return process.process(line, night, progress)


def certify_night(
    line: LineContext, night: PreparedNight, progress: ProgressBar | None = None
) -> NightReport:
    """Give verdicts."""
    del progress
    with _hold(line, night):
        return certify.certify(line, night, report_of(line, night))


def finish_night(
    line: LineContext, night: PreparedNight, progress: ProgressBar | None = None
) -> NightReport:
    """Move what may move."""
    del progress
    with _hold(line, night):
        return finish.finish(line, night, report_of(line, night))


def run_night(
    line: LineContext,
    night: PreparedNight,
    progress: ProgressBar | None = None,
    *,
    stop_at: str = "M",
) -> NightReport:
    """Process; unless stopped at P, certify and finish."""
    with _hold(line, night):
        report = process.process(line, night, progress)
        return report if stop_at == "P" else _certify_and_finish(line, night, report)


def take_up_night(
    line: LineContext,
    night: PreparedNight,
    progress: ProgressBar | None = None,
    *,
    stop_at: str = "M",
) -> NightReport:
    """Take up behind breakpoint P."""
    del progress
    with _hold(line, night):
        report = report_of(line, night)
        return report if stop_at == "P" else _certify_and_finish(line, night, report)


def redo_night(
    line: LineContext, night: PreparedNight, progress: ProgressBar | None = None
) -> NightReport:
    """Do again what failed and what depends on it, and no more."""
    with _hold(line, night):
        report = again.process_again(line, night, progress)
        return _certify_and_finish(line, night, report)


def _certify_and_finish(
    line: LineContext, night: PreparedNight, report: NightReport
) -> NightReport:
    return finish.finish(line, night, certify.certify(line, night, report))


def _hold(line: LineContext, night: PreparedNight) -> AbstractContextManager[None]:
    return hold_nights(line.workspace, nights_held(night), line.clock())
