"""Batch jobs by dask-jobqueue: its classes write and submit them, the rest is seen to here."""

from __future__ import annotations

import signal
import socket
import sys
import threading
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from phoenix.engine.batch import SYSTEMS, refusal
from phoenix.engine.commands import Question, cancel_all
from phoenix.engine.leftover import noted
from phoenix.engine.watch import Watch
from phoenix.errors import BatchError, SettingsError
from phoenix.model.plain import one_line, shortened

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from phoenix.engine.batch import BatchSystem, Standing
    from phoenix.model.settings import Engine
    from phoenix.model.workspace import Workspace

__all__ = ["QueuedJobs", "jobs_wanted", "open_jobqueue"]

# Ours: a busy batch system takes its time; one that is down must not hold us for ever.
_SUBMIT_S = 60.0
_CANCEL_S = 20.0
_LOG_BYTES, _LOG_LINES = 4000, 3
# Files of dask-jobqueue for workers of a call with security = true: they go when they are closed.
_CERTIFICATES = ("_job_ca_file", "_job_cert", "_job_key")
# Prints the address by which a machine reaches the scheduler; no packet is sent. Not in $( ),
# which HTCondor would take for a macro of its own.
_HOST = (
    "`{python} -c 'import socket; "
    "one = socket.socket(socket.{family}, socket.SOCK_DGRAM); "
    'one.connect(("{host}", 9)); print(one.getsockname()[0])\'`'
)


def jobs_wanted(settings: Engine) -> int:
    """Return how many batch jobs hold the recipes that are wanted at the same time."""
    cores = max(1, int(settings.jobqueue.get("cores", 1)))
    return max(1, -(-settings.workers // cores))


@contextmanager
def open_jobqueue(settings: Engine, workspace: Workspace | None) -> Iterator[tuple[Any, Watch]]:
    """Start a dask scheduler for workers in batch jobs, and a watch that asks for these.

    In the end nothing is left in the queue.

    Parameters
    ----------
    settings : Engine
        With a table ``jobqueue``.
    workspace : Workspace or None
        Logs of jobs go there, and the note by which another call takes out of the queue what a
        killed one has left.

    Raises
    ------
    SettingsError
        If there is no such class, or it does not take what the table has.
    """
    given = dict(settings.jobqueue)
    kind = _class(str(given.pop("class")))
    options = _with_defaults(given, kind, workspace)
    with ExitStack() as stack:
        cluster = stack.enter_context(_scheduler(kind, options))
        system = SYSTEMS.get(kind.__name__.removesuffix("Cluster"))
        mark = _mark(str(options.get("job_name", "phoenix")), cluster.scheduler.id)
        jobs = QueuedJobs(cluster, system, mark)
        if system is not None and workspace is not None:
            stack.enter_context(noted(workspace, system, mark, jobs.close))
        else:
            stack.callback(jobs.close)
        yield cluster, Watch(jobs, jobs_wanted(settings), mark)


def _mark(name: str, scheduler: str) -> str:
    """Return the name of the jobs of one coordinator: that of the user, and what no other has."""
    return f"{name}-{scheduler.replace('-', '')[-12:]}"


# ---- the class and its options --------------------------------------------------------------


def _class(name: str) -> Any:  # noqa: ANN401 - dask has no types
    try:
        dask_jobqueue = _import_quietly()
    except ImportError as error:
        raise SettingsError(
            f"engine.jobqueue: found class {name!r} but no package dask-jobqueue; "
            "pip install 'phoenix-idp[cluster]'"
        ) from error
    for full in (name, f"{name}Cluster"):
        if full.endswith("Cluster") and hasattr(dask_jobqueue, full):
            return getattr(dask_jobqueue, full)
    known = sorted(kind for kind in vars(dask_jobqueue) if kind.endswith("Cluster"))
    raise SettingsError(
        f"engine.jobqueue: found class {name!r}, expected one of {', '.join(known)}"
    )


def _import_quietly() -> Any:  # noqa: ANN401 - dask has no types
    """Import dask_jobqueue, which would take Ctrl-C for itself, and may in one thread only."""
    own, true = threading.get_ident(), signal.signal

    def refuse(number: int, handler: Any) -> Any:  # noqa: ANN401 - as signal.signal
        return None if threading.get_ident() == own else true(number, handler)

    signal.signal = refuse  # type: ignore[assignment]  # as untyped as its callers
    try:
        import dask_jobqueue  # noqa: PLC0415 - an extra
    finally:
        signal.signal = true
    return dask_jobqueue


def _with_defaults(
    given: Mapping[str, Any],
    kind: Any,  # noqa: ANN401 - dask has no types
    workspace: Workspace | None,
) -> dict[str, Any]:
    """Complete options by what neither phoenix.toml nor the settings of dask say."""
    import dask  # noqa: PLC0415 - slow to load

    table = f"jobqueue.{kind.job_cls.default_config_name()}"

    def told(option: str) -> Any:  # noqa: ANN401 - whatever a setting holds
        return given.get(option, dask.config.get(f"{table}.{option.replace('_', '-')}", None))

    # One worker a batch job: it shares its cores and memory among recipes.
    options = {"processes": 1} | dict(given)
    if workspace is not None:
        logs = str(workspace.folder("logs") / "batch")
        # A batch system takes it as a word of its own file.
        if not told("log_directory") and logs.split() == [logs]:
            options["log_directory"] = logs
        if given.get("security") and not told("shared_temp_directory"):
            # Takes the certificates of this call, for as long as it lasts.
            workspace.folder("scratch").mkdir(parents=True, exist_ok=True)
            options["shared_temp_directory"] = str(workspace.folder("scratch"))
    extra = [str(word) for word in told("worker_extra_args") or ()]
    if not any("dashboard" in word for word in extra):
        # The page of a worker would be open to everybody on its machine's network.
        extra += ["--dashboard-address", "127.0.0.1:0"]
    options["worker_extra_args"] = extra
    options["scheduler_options"] = _listening(told("scheduler_options") or {}, told("interface"))
    return options


def _listening(given: Mapping[str, Any], interface: str | None) -> dict[str, Any]:
    """Complete where the scheduler listens: where it is needed, and nowhere else."""
    # Its page is for this machine, on any free port.
    options: dict[str, Any] = {"dashboard_address": "127.0.0.1:0"} | dict(given)
    if "host" in options:
        return options
    interface = options.pop("interface", interface)
    return options | {"host": _address_of(interface) if interface else _own_address()}


def _address_of(interface: str) -> str:
    from distributed.utils import get_ip_interface  # noqa: PLC0415 - slow to load

    try:
        return str(get_ip_interface(interface))
    except ValueError as error:
        raise SettingsError(
            f"engine.jobqueue: found interface {interface!r}, expected one of this machine: "
            f"{_why(error)}; where it has another name on the other machines, say "
            'scheduler_options = { interface = "NAME" } of this one'
        ) from error


def _own_address() -> str:
    """Return the address under which other machines know this one."""
    from distributed.utils import get_ip  # noqa: PLC0415 - slow to load

    try:
        address = socket.gethostbyname(socket.gethostname())
    except OSError:
        address = ""
    # Debian gives the own name 127.0.1.1; then it is where the way to other networks begins.
    return str(get_ip()) if not address or address.startswith("127.") else address


@contextmanager
def _scheduler(kind: Any, options: dict[str, Any]) -> Iterator[Any]:  # noqa: ANN401 - dask has no types
    from distributed.core import Status  # noqa: PLC0415 - slow to load

    # In two steps, because what is half made would complain of its own when it is let go.
    cluster = kind.__new__(kind)
    try:
        cluster.__init__(**options)
    except (AttributeError, ImportError, OSError, RuntimeError, TypeError, ValueError) as error:
        cluster.status = Status.closed
        raise SettingsError(
            f"engine.jobqueue: {kind.__name__} cannot be had so: {_why(error)}; see the manual "
            "of dask-jobqueue"
        ) from error
    with ExitStack() as stack:
        for name in _CERTIFICATES:
            if (stream := getattr(cluster, name, None)) is not None:
                stack.callback(stream.close)
        yield stack.enter_context(cluster)


def _why(error: Exception) -> str:
    """Return what dask raises without what it adds: the options, once more."""
    return shortened(one_line(str(error).partition("\n")[0].partition(". Very likely")[0]))


# ---- jobs -----------------------------------------------------------------------------------


class QueuedJobs:
    """Jobs in the queue of a batch system; see :class:`phoenix.engine.watch.BatchJobs`.

    Parameters
    ----------
    cluster : dask_jobqueue.JobQueueCluster
        Has the scheduler that workers connect to, and the class that submits.
    system : BatchSystem or None
        How it is asked.
    mark : str
        What its jobs are known by.
    """

    def __init__(self, cluster: Any, system: BatchSystem | None, mark: str) -> None:  # noqa: ANN401 - dask has no types
        self.system = system
        self._cluster = cluster
        self._mark = mark
        options = _on_one_address(dict(cluster.new_spec["options"]), _address(cluster))
        self._options = system.marked(options, mark) if system else options
        self._submitted: list[Any] = []
        self._question: Question | None = None

    def submit(self, worker: str) -> str:
        """Ask for a job."""
        kind = self._cluster.new_spec["cls"]
        job = kind(_address(self._cluster), name=worker, **self._options)
        # Broken off by Ctrl-C, it may be in the queue all the same.
        self._submitted.append(job)
        try:
            self._cluster.sync(job.start, callback_timeout=_SUBMIT_S)
        except FileNotFoundError as error:
            self._submitted.pop()
            raise BatchError(
                f"engine.jobqueue: found no program {error.filename}, expected that of the batch "
                "system on PATH; run this on a machine from which jobs can be submitted"
            ) from error
        except TimeoutError as error:
            raise BatchError(
                f"engine.jobqueue: the batch system took no job within {_SUBMIT_S:g} s; see "
                "whether it is up"
            ) from error
        except (RuntimeError, OSError) as error:
            self._submitted.pop()
            raise BatchError(
                f"engine.jobqueue: the batch system refused a job: {refusal(str(error))}"
            ) from error
        return str(job.job_id)

    def ask(self) -> None:
        """Begin to ask where all jobs stand."""
        if self._question is None and self.system is not None:
            self._question = Question(self.system, self._mark)

    def answer(self) -> Mapping[str, Standing] | str | None:
        """Return what was asked, None before it is known."""
        if self._question is None or self.system is None:
            return None
        said = self._question.answer()
        if said is None:
            return None
        self._question = None
        code, text, error = said
        if code:
            return shortened(one_line(error)) or f"exit code {code}"
        return self.system.read(text)

    def cancel(self, job: str) -> None:
        """Take a job out of the queue; in the end it is tried once more with all others."""
        for one in self._submitted:
            if str(one.job_id) == job:
                with suppress(OSError, TimeoutError):
                    self._cluster.sync(one.close, callback_timeout=_CANCEL_S)

    def workers(self) -> frozenset[str]:
        """Return the names of the workers that are connected."""
        return frozenset(str(one.name) for one in list(self._cluster.scheduler.workers.values()))

    def log_of(self, job: str) -> str:
        """Return where the log of a job is and how it ends; empty if it has none."""
        folder = self._options.get("log_directory")
        if not folder:
            return ""
        return _end_of_log(folder, job)

    def close(self) -> bool:
        """Take all jobs out of the queue; return whether that was done."""
        if self._question is not None:
            self._question.close()
        if self.system is not None and self._submitted:
            return cancel_all(self.system, self._mark)
        for job in self._submitted:
            self._cluster.sync(job.close, callback_timeout=_CANCEL_S)
        return True


def _address(cluster: Any) -> str:  # noqa: ANN401 - dask has no types
    """Return where workers find the scheduler."""
    scheduler = cluster.scheduler
    return str(getattr(scheduler, "contact_address", None) or scheduler.address)


def _on_one_address(options: dict[str, Any], scheduler: str) -> dict[str, Any]:
    """Have workers listen where the scheduler reaches them, and nowhere else."""
    extra = list(options.get("worker_extra_args") or ())
    if options.get("interface") or {"--host", "--interface", "--listen-address"} & set(extra):
        return options
    host = scheduler.rpartition("://")[2].rpartition(":")[0].strip("[]")
    family = "AF_INET6" if ":" in host else "AF_INET"
    python = options.get("python") or sys.executable
    own = _HOST.format(python=python, family=family, host=host)
    return options | {"worker_extra_args": [*extra, "--host", own]}


def _end_of_log(folder: str, job: str) -> str:
    """Return the path and the last lines of the log of a job: what it said, or where to look."""
    found = [
        path
        for ending in (".err", ".out")
        for path in sorted(Path(folder).glob(f"*-{job}{ending}"))
        if path.is_file() and path.stat().st_size
    ]
    if not found:
        return f"see its log in {folder}"
    with found[0].open("rb") as stream:
        stream.seek(max(0, found[0].stat().st_size - _LOG_BYTES))
        text = stream.read(_LOG_BYTES).decode("utf-8", "replace")
    lines = [shortened(one_line(line), 200) for line in text.splitlines() if line.strip()]
    return f"{found[0]} ends with: {' | '.join(lines[-_LOG_LINES:])}"
