"""Collect what is known of nights and ABs: rows of the store, files of the workspace.

Reads only.
"""

from __future__ import annotations

from phoenix.monitor.gather.details import details
from phoenix.monitor.gather.files import warnings_of
from phoenix.monitor.gather.nights import is_live, nights, noted, observed, runs
from phoenix.monitor.gather.records import PROCESS_STEP, records

__all__ = [
    "PROCESS_STEP",
    "details",
    "is_live",
    "nights",
    "noted",
    "observed",
    "records",
    "runs",
    "warnings_of",
]
