"""A Slurm of two nodes on this machine: plain processes, loopback only, files in one folder.

Nothing of the machine's own Slurm or munge is used or touched. As a command it stays up until
Ctrl-C, or until its standard input ends, for trying things by hand::

    python tests/slurm/loopback.py

Tests start it like that, with a pipe: whatever they die of, the daemons end.
"""

from __future__ import annotations

import getpass
import os
import platform
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

PROGRAMS = (
    *("munged", "slurmctld", "slurmd"),
    *("sbatch", "squeue", "scancel", "scontrol", "sinfo"),
)
_SBIN = os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/sbin"))
_UP_S, _DOWN_S = 120.0, 60.0

_CONFIGURATION = """\
ClusterName=loop
SlurmctldHost={host}(127.0.0.1)
SlurmUser={user}
SlurmdUser={user}
AuthType=auth/munge
AuthInfo=socket={folder}/munge/munge.socket
CryptoType=crypto/munge
SlurmctldPort={ports[0]}
SlurmctldPidFile={folder}/run/slurmctld.pid
SlurmdPidFile={folder}/run/slurmd.%n.pid
SlurmctldLogFile={folder}/log/slurmctld.log
SlurmdLogFile={folder}/log/slurmd.%n.log
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool.%n
# No cgroups: what they need is not there in a container.
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
SchedulerType=sched/backfill
SchedulerParameters=batch_sched_delay=1,sched_interval=2,bf_interval=2
MpiDefault=none
SwitchType=switch/none
ReturnToService=2
# Each node may say that it has two cores, whatever the machine has.
SlurmdParameters=config_overrides
SlurmctldTimeout=30
SlurmdTimeout=60
InactiveLimit=0
MinJobAge=300
KillWait=5
CommunicationParameters=NoInAddrAny,NoCtldInAddrAny
MessageTimeout=20
OverTimeLimit=0
NodeName=n1 NodeHostname={host} NodeAddr=127.0.0.1 Port={ports[1]} CPUs=2 RealMemory=9000
NodeName=n2 NodeHostname={host} NodeAddr=127.0.0.1 Port={ports[2]} CPUs=2 RealMemory=9000
PartitionName=main Nodes=n1,n2 Default=YES MaxTime=60 DefaultTime=10 State=UP
"""


def missing():
    """Return why there can be no Slurm here, empty if there can."""
    lacking = [program for program in PROGRAMS if shutil.which(program, path=_SBIN) is None]
    if lacking:
        return f"no {', '.join(lacking)}: run `make test-slurm`, which installs Slurm"
    try:
        known = socket.gethostbyname(platform.node())
    except OSError:
        known = ""
    return "" if known else f"the name of this machine, {platform.node()}, has no address"


@contextmanager
def slurm():
    """Have a Slurm in a process of its own; yield its configuration file, for SLURM_CONF."""
    with subprocess.Popen(
        [sys.executable, __file__],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        # Ctrl-C is for the tests, which then end it.
        start_new_session=True,
    ) as process:
        line = process.stdout.readline()
        if not line:
            raise RuntimeError(f"Slurm did not come up: exit code {process.wait()}")
        yield Path(line.rpartition("=")[2].strip())
        process.stdin.close()
        process.wait(_DOWN_S * 5)


@contextmanager
def daemons():
    """Have the daemons as children; yield the configuration file."""
    # A short path: that of a socket has at most 107 characters.
    folder = Path(tempfile.mkdtemp(prefix="slurm-"))
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        configuration = _write_configuration(folder)
        surroundings = {**os.environ, "PATH": _SBIN, "SLURM_CONF": str(configuration)}
        for name, command in _commands(folder).items():
            process = _start(folder, name, command, surroundings)
            stack.callback(_end, process)
        _wait_for_nodes(surroundings, folder)
        stack.callback(_clear, surroundings)
        yield configuration


def _write_configuration(folder):
    for name in ("munge", "run", "log", "state", "spool.n1", "spool.n2"):
        (folder / name).mkdir()
    key = folder / "munge" / "munge.key"
    key.write_bytes(os.urandom(1024))
    key.chmod(0o400)
    # munged insists on a folder that others may enter, to reach its socket.
    folder.chmod(0o755)
    path = folder / "slurm.conf"
    path.write_text(
        _CONFIGURATION.format(
            host=platform.node(), user=getpass.getuser(), folder=folder, ports=_free_ports(3)
        )
    )
    return path


def _free_ports(number):
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(number)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


def _commands(folder):
    """Return the daemons in the foreground, so that each is our own child."""
    munge = folder / "munge"
    return {
        "munged": (
            *("munged", "--foreground", "--force", f"--key-file={munge}/munge.key"),
            *(f"--socket={munge}/munge.socket", f"--pid-file={folder}/run/munged.pid"),
            *(f"--log-file={folder}/log/munged.log", f"--seed-file={munge}/munge.seed"),
        ),
        "slurmctld": ("slurmctld", "-D", "-c"),
        "n1": ("slurmd", "-D", "-N", "n1"),
        "n2": ("slurmd", "-D", "-N", "n2"),
    }


def _start(folder, name, command, surroundings):
    with (folder / "log" / f"{name}.terminal").open("wb") as stream:
        process = subprocess.Popen(
            command,
            env=surroundings,
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    if name == "munged":
        _wait((folder / "munge" / "munge.socket").exists, folder)
    return process


def _end(process):
    process.terminate()
    try:
        process.wait(_DOWN_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _clear(surroundings):
    """End all jobs, which would outlive the daemons."""
    user = f"--user={os.getuid()}"
    deadline = time.monotonic() + _DOWN_S
    while time.monotonic() < deadline:
        for command in (("scancel", user), ("squeue", "--noheader", user)):
            done = subprocess.run(
                command, env=surroundings, capture_output=True, text=True, check=False
            )
        if not done.stdout:
            return
        time.sleep(0.2)


def _wait_for_nodes(surroundings, folder):
    command = ("sinfo", "--noheader", "--Node", "--format=%T")

    def idle():
        done = subprocess.run(
            command, env=surroundings, capture_output=True, text=True, check=False
        )
        return done.stdout.split() == ["idle", "idle"]

    _wait(idle, folder)


def _wait(condition, folder):
    deadline = time.monotonic() + _UP_S
    while not condition():
        if time.monotonic() > deadline:
            logs = "\n".join(path.read_text()[-2000:] for path in (folder / "log").iterdir())
            raise TimeoutError(f"Slurm did not come up:\n{logs}")
        time.sleep(0.1)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    if why := missing():
        sys.exit(why)
    with suppress(KeyboardInterrupt), daemons() as here:
        print(f"export SLURM_CONF={here}", flush=True)  # noqa: T201 - a command
        sys.stdin.read()
