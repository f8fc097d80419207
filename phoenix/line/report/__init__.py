"""What the line tells: of nights before and after they are run, and of what was delivered."""

from __future__ import annotations

from phoenix.line.report.delivery import DeliveryReport
from phoenix.line.report.night import NOT_RUN, NightReport, counts, score_text
from phoenix.line.report.prepared import PreparedNight, PreparedPool, WaitingBlock, waits_for

__all__ = [
    "NOT_RUN",
    "DeliveryReport",
    "NightReport",
    "PreparedNight",
    "PreparedPool",
    "WaitingBlock",
    "counts",
    "score_text",
    "waits_for",
]
