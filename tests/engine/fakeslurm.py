"""sbatch, squeue and scancel as scripts: jobs are processes of this machine.

What a test wants of them it writes into files: ``refuse`` holds what sbatch says instead of taking
a job, ``hold`` the reason for which jobs wait, ``dead`` what all three say of a dead controller.
"""

from __future__ import annotations

import os
import signal
from contextlib import suppress

_SBATCH = """\
#!/bin/sh
cd "{home}" || exit 1
[ -s dead ] && {{ cat dead >&2; exit 1; }}
[ -s refuse ] && {{ cat refuse >&2; exit 1; }}
echo job >> jobs
number=$(wc -l < jobs)
sed -n 's/^#SBATCH -J //p' "$1" > $number.name
log=$(sed -n 's/^#SBATCH -e //p' "$1" | sed "s/%J/$number/")
cp "$1" $number.sh
if [ -s hold ]; then
    echo "PENDING|$(cat hold)" > $number.state
else
    echo "RUNNING|None" > $number.state
    setsid sh $number.sh > "${{log:-$number.log}}" 2>&1 < /dev/null &
    echo $! > $number.pid
fi
echo "Submitted batch job $number"
"""
_SQUEUE = """\
#!/bin/sh
cd "{home}" || exit 1
[ -s dead ] && {{ cat dead >&2; exit 1; }}
for word; do case $word in --name=*) name=${{word#--name=}};; esac; done
for file in *.name; do
    number=${{file%.name}}
    [ "$(cat $file 2>/dev/null)" = "$name" ] || continue
    state=$(cat $number.state)
    if [ "${{state%%|*}}" = RUNNING ] && ! kill -0 $(cat $number.pid) 2>/dev/null; then
        state="FAILED|NonZeroExitCode"
    fi
    echo "$number|$state"
done
"""
_SCANCEL = """\
#!/bin/sh
cd "{home}" || exit 1
[ -s dead ] && {{ cat dead >&2; exit 1; }}
for word; do case $word in
    --name=*) name=${{word#--name=}};;
    [0-9]*) name=$(cat $word.name); only=$word;;
esac; done
for file in *.name; do
    number=${{file%.name}}
    [ "$(cat $file 2>/dev/null)" = "$name" ] && [ "${{only:-$number}}" = $number ] || continue
    [ -f $number.pid ] && kill -TERM -$(cat $number.pid) 2>/dev/null
    echo "CANCELLED|None" > $number.state
done
exit 0
"""


class FakeSlurm:
    """The three commands in a folder, and what they remember."""

    def __init__(self, home):
        self.home = home
        self.bin = home / "bin"
        self.bin.mkdir(parents=True)
        for name, text in (("sbatch", _SBATCH), ("squeue", _SQUEUE), ("scancel", _SCANCEL)):
            script = self.bin / name
            script.write_text(text.format(home=home))
            script.chmod(0o755)

    def say(self, name, text):
        """Write one of the files that say what to do."""
        (self.home / name).write_text(text)

    def unsay(self, name):
        (self.home / name).unlink()

    @property
    def states(self):
        """States by the number of the job."""
        paths = sorted(self.home.glob("*.state"), key=lambda path: int(path.stem))
        return {int(path.stem): path.read_text().partition("|")[0] for path in paths}

    def script(self, number):
        """Return what was submitted."""
        return (self.home / f"{number}.sh").read_text()

    def pid(self, number):
        """Return the process that a job began with."""
        return int((self.home / f"{number}.pid").read_text())

    def lose(self, number, state="TIMEOUT|TimeLimit"):
        """Kill a job, as the batch system does."""
        (self.home / f"{number}.state").write_text(state)
        self._kill(number)

    def close(self):
        """End whatever runs."""
        for number in self.states:
            self._kill(number)

    def _kill(self, number):
        with suppress(FileNotFoundError, ProcessLookupError):
            os.killpg(self.pid(number), signal.SIGKILL)
