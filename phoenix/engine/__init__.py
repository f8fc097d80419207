"""Jobs on dask: in the order of their parents, as many as the machines hold, whatever dies.

Importing this package is cheap; dask is loaded when the first job is handed over.
"""

from __future__ import annotations

from phoenix.engine.cluster import Cluster, open_cluster
from phoenix.engine.job import Batch, Change, Done, Job, Key, Progress
from phoenix.engine.lock import night_lock
from phoenix.engine.record import job_row, record
from phoenix.engine.run import run

__all__ = [
    "Batch",
    "Change",
    "Cluster",
    "Done",
    "Job",
    "Key",
    "Progress",
    "job_row",
    "night_lock",
    "open_cluster",
    "record",
    "run",
]
