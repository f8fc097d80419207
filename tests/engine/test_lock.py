from __future__ import annotations

import datetime as dt
import os
import signal
import subprocess
import sys

import pytest

from phoenix.engine import night_lock
from phoenix.engine.lock import is_held
from phoenix.errors import BusyError

STARTED = dt.datetime(2020, 1, 2, 12, tzinfo=dt.UTC)
HOLD = """
import datetime as dt, sys, time
from pathlib import Path
from phoenix.engine.lock import night_lock
with night_lock(Path(sys.argv[1]), dt.datetime(2020, 1, 2, 12, tzinfo=dt.UTC)):
    print("held", flush=True)
    time.sleep(100)
"""


@pytest.fixture
def holder(tmp_path):
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path / "lock")], stdout=subprocess.PIPE
    )
    with process:
        process.stdout.readline()
        yield process
        process.kill()


def test_a_night_is_held_once_at_a_time(tmp_path, holder):
    words = f"held by process {holder.pid} on .* since 2020-01-02 12:00:00"
    with pytest.raises(BusyError, match=words), night_lock(tmp_path / "lock", STARTED):
        pass


def test_a_killed_holder_holds_no_longer(tmp_path, holder):
    os.kill(holder.pid, signal.SIGKILL)
    holder.wait()
    with night_lock(tmp_path / "lock", STARTED):
        assert str(os.getpid()) in (tmp_path / "lock").read_text()


def test_a_night_can_be_held_again_after_it_was_let_go(tmp_path):
    for _ in range(2):
        with night_lock(tmp_path / "new" / "lock", STARTED):
            pass
    assert (tmp_path / "new" / "lock").read_text() == "{}"


def test_a_holder_that_has_not_said_who_it_is_is_told_as_another_run(tmp_path):
    with night_lock(tmp_path / "lock", STARTED):
        (tmp_path / "lock").write_text("")
        with (
            pytest.raises(BusyError, match="held by another run"),
            night_lock(tmp_path / "lock", STARTED),
        ):
            pass


def test_looking_whether_a_night_is_held_holds_nothing(tmp_path):
    assert not is_held(tmp_path / "lock")
    with night_lock(tmp_path / "lock", STARTED):
        assert is_held(tmp_path / "lock")
    assert not is_held(tmp_path / "lock")


def test_a_lock_that_is_a_link_is_refused_and_its_target_untouched(tmp_path):
    target = tmp_path / "precious"
    target.write_text("mine")
    (tmp_path / "lock").symlink_to(target)
    with (
        pytest.raises(BusyError, match="expected a lock file"),
        night_lock(tmp_path / "lock", STARTED),
    ):
        pass
    assert target.read_text() == "mine"
    assert not is_held(tmp_path / "lock")


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir])
def test_a_lock_that_is_no_file_is_refused_at_once(tmp_path, make):
    make(tmp_path / "lock")
    with (
        pytest.raises(BusyError, match="expected a lock file"),
        night_lock(tmp_path / "lock", STARTED),
    ):
        pass
    assert not is_held(tmp_path / "lock")
