"""Whoever stops a call gets 130, whenever it comes, and never a traceback."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

# Where nohup runs the tests they ignore SIGHUP, and so would a call of theirs.
HEARS = "import signal; signal.signal(signal.SIGHUP, signal.SIG_DFL)\n"

SLOW = """
import sys, time
sys.argv = ["phoenix", "--help"]
import phoenix.__main__ as entry
import phoenix.cli
def run(words):
    print("running", flush=True)
    time.sleep(100)
phoenix.cli.run = run
entry.main()
"""

LOADING = """
import sys, time
class Slow:
    def find_spec(self, name, path=None, target=None):
        if name == "phoenix.cli":
            print("loading", flush=True)
            time.sleep(100)
sys.argv = ["phoenix", "--help"]
import phoenix.__main__ as entry
sys.meta_path.insert(0, Slow())
entry.main()
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_call_that_is_stopped_leaves_with_130(number):
    with subprocess.Popen(
        [sys.executable, "-c", HEARS + SLOW],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        process.stdout.readline()
        process.send_signal(number)
        _, told = process.communicate()
    assert process.returncode == 130
    assert told == "phoenix: stopped; give the same command again to go on\n"


def test_a_call_that_is_stopped_while_it_loads_has_no_traceback():
    with subprocess.Popen(
        [sys.executable, "-c", LOADING], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        process.stdout.readline()
        process.send_signal(signal.SIGTERM)
        _, told = process.communicate()
    assert process.returncode == 130
    assert told == "phoenix: stopped; give the same command again to go on\n"
