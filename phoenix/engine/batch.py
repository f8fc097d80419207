"""Batch systems: what is asked of each, and how its answers read. Starts nothing."""

from __future__ import annotations

from enum import Enum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from attrs import frozen

from phoenix.model.plain import one_line, shortened

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

__all__ = [
    "HTCONDOR",
    "SLURM",
    "SYSTEMS",
    "BatchSystem",
    "Standing",
    "Stands",
    "read_condor_q",
    "read_squeue",
    "refusal",
]


class Stands(Enum):
    """Where a batch job stands."""

    WAITS = "waits"
    RUNS = "runs"
    ENDED = "ended"


@frozen
class Standing:
    """What a batch system says of a job: where it stands, and why, in its own words."""

    stands: Stands
    reason: str = ""


@frozen
class BatchSystem:
    """The commands of a batch system and the words of its answers.

    Attributes
    ----------
    name : str
        As dask-jobqueue has it, without ``Cluster``.
    ask : tuple of str
        Command that lists the jobs of one coordinator: with ``{mark}``, which they all carry, and
        ``{user}``, the number of the user.
    cancel : tuple of str
        Command that takes all of them out of the queue.
    read : callable
        From what `ask` prints to where each job stands, by its id.
    marked : callable
        From the options of dask-jobqueue and a mark to options that give a job the mark.
    not_yet : frozenset of str
        Reasons to wait that only say that the system has not looked at the job yet.
    hopeless : frozenset of str
        Reasons to wait for which a job never starts, unless a person does something about it.
    """

    name: str
    ask: tuple[str, ...]
    cancel: tuple[str, ...]
    read: Callable[[str], dict[str, Standing]]
    marked: Callable[[Mapping[str, Any], str], dict[str, Any]]
    not_yet: frozenset[str] = frozenset({""})
    hopeless: frozenset[str] = frozenset()


# ---- Slurm (squeue(1), job state codes and job reason codes) ---------------------------------

_SLURM_WAITS = frozenset(
    {
        *("PENDING", "CONFIGURING", "REQUEUED", "REQUEUE_FED", "REQUEUE_HOLD"),
        *("RESV_DEL_HOLD", "SPECIAL_EXIT"),
    }
)
_SLURM_RUNS = frozenset(
    {
        *("RUNNING", "COMPLETING", "RESIZING", "SIGNALING", "STAGE_OUT", "STOPPED"),
        "SUSPENDED",
    }
)
_SLURM_NEVER = frozenset(
    {
        *("AccountNotAllowed", "AccountingPolicy", "BadConstraints", "DependencyNeverSatisfied"),
        *("InvalidAccount", "InvalidQOS", "JobHeldAdmin", "JobHeldUser", "PartitionInactive"),
        *("PartitionNodeLimit", "PartitionTimeLimit", "QOSNotAllowed", "QOSTimeLimit"),
    }
)


def read_squeue(text: str) -> dict[str, Standing]:
    """Read lines of id, state and reason, as ``squeue --format=%i|%T|%r`` prints them."""
    return {job: _of_squeue(state, reason) for job, state, reason in _fields(text, "|", 3)}


def _of_squeue(state: str, reason: str) -> Standing:
    if state in _SLURM_WAITS:
        # So it writes that there is none.
        return Standing(Stands.WAITS, "" if reason == "None" else reason)
    if state in _SLURM_RUNS:
        return Standing(Stands.RUNS)
    # Of a state that we do not know, it is safe to say that the job has ended: it is only believed
    # if the worker of the job is gone too.
    return Standing(Stands.ENDED, state if reason in {"", "None"} else f"{state}, {reason}")


def _marked_for_slurm(options: Mapping[str, Any], mark: str) -> dict[str, Any]:
    extra = list(options.get("job_extra_directives") or [])
    if not any("requeue" in str(line) for line in extra):
        # Slurm starts a job of a lost node again minutes later. A new one is asked for at once.
        extra.append("--no-requeue")
    return dict(options) | {"job_name": mark, "job_extra_directives": extra}


# ---- HTCondor (condor_q; job ClassAd attribute JobStatus) -------------------------------------

_CONDOR_STATES = {
    "1": Stands.WAITS,
    "2": Stands.RUNS,
    "3": Stands.ENDED,
    "4": Stands.ENDED,
    # Held: it waits for a person.
    "5": Stands.WAITS,
    "6": Stands.RUNS,
    "7": Stands.RUNS,
}
_HELD = "held"


def read_condor_q(text: str) -> dict[str, Standing]:
    """Read lines of cluster, process, status and reason of a hold, with tabs between them."""
    found = {}
    for cluster, process, status, hold in _fields(text, "\t", 4):
        stands = _CONDOR_STATES.get(status, Stands.ENDED)
        reason = _HELD if status == "5" else "idle" if status == "1" else ""
        if status == "5" and hold not in {"", "undefined"}:
            reason = f"{_HELD}: {hold}"
        if stands is Stands.ENDED:
            reason = {"3": "removed", "4": "completed"}.get(status, f"JobStatus {status}")
        found[f"{cluster}.{process}"] = Standing(stands, reason)
    return found


def _marked_for_htcondor(options: Mapping[str, Any], mark: str) -> dict[str, Any]:
    extra = dict(options.get("job_extra_directives") or {})
    return dict(options) | {"job_extra_directives": extra | {"MY.PhoenixCall": f'"{mark}"'}}


# ---- both -------------------------------------------------------------------------------------


def _fields(text: str, separator: str, number: int) -> Iterator[list[str]]:
    for line in text.splitlines():
        fields = [one_line(field) for field in line.split(separator, number - 1)]
        if len(fields) == number:
            yield [shortened(field, 200) for field in fields]


SLURM = BatchSystem(
    "SLURM",
    (
        *("squeue", "--noheader", "--states=all", "--user={user}"),
        *("--name={mark}", "--format=%i|%T|%r"),
    ),
    ("scancel", "--user={user}", "--name={mark}"),
    read_squeue,
    _marked_for_slurm,
    hopeless=_SLURM_NEVER,
)
HTCONDOR = BatchSystem(
    "HTCondor",
    (
        *("condor_q", "-constraint", 'PhoenixCall == "{mark}"'),
        *("-af:t", "ClusterId", "ProcId", "JobStatus", "HoldReason"),
    ),
    ("condor_rm", "-constraint", 'PhoenixCall == "{mark}"'),
    read_condor_q,
    _marked_for_htcondor,
    hopeless=frozenset({_HELD}),
)

SYSTEMS: Mapping[str, BatchSystem] = MappingProxyType(
    {system.name: system for system in (SLURM, HTCONDOR)}
)
"""Those that we can ask; of others it is only known whether their workers are connected."""


def refusal(error: str) -> str:
    """Return the batch system's own sentence out of what dask-jobqueue raises."""
    said = error.rpartition("stderr:\n")[2].strip() or error
    return shortened(one_line(said))
