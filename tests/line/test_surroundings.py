"""What surrounds a call has no effect: configuration of other programs, folder, terminal."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest
from nightwork import DATE, data_sums, make_workspace

DASK = """\
distributed:
  scheduler: {allowed-failures: 0}
  comm: {default-scheme: tls, timeouts: {connect: 1ms, tcp: 1ms}}
temporary-directory: /nonexistent
"""
CONFIGURATIONS = {
    ".config/matplotlib/matplotlibrc": "font.size: 30\nbackend: TkAgg\naxes.facecolor: red\n",
    ".config/dask/own.yaml": DASK,
    ".astropy/config/astropy.cfg": "[io.fits]\nenable_uint = False\n",
    ".esorex/esorex.rc": "esorex.caller.suppress-prefix=TRUE\n",
    ".esorex/gimasterbias.rc": "giraffe.masterbias.stacking.method=median\n",
}
VARIABLES = {
    "ESOREX_RECIPE_DIR": "/nonexistent",
    "CPL_MSG_LEVEL": "off",
    "LD_LIBRARY_PATH": "/nonexistent",
    "OMP_NUM_THREADS": "7",
    "TMPDIR": "/nonexistent",
    "TZ": "Pacific/Auckland",
    "DASK_SCHEDULER_ADDRESS": "tcp://192.0.2.1:1",
    "MPLBACKEND": "TkAgg",
    "PYTHONIOENCODING": "ascii",
    "PYTHONOPTIMIZE": "2",
    "PYTHONHASHSEED": "7",
    "COLUMNS": "3",
}


def call(*words, folder, environment, wrap=()):
    command = [*wrap, sys.executable, "-m", "phoenix", *map(str, words)]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, cwd=folder, env=environment
    )
    assert done.returncode == 0, done.stdout + done.stderr


def pictures(folder):
    found = folder.rglob("*.png")
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}


def run_alone(found):
    """Return what a run makes, without IDPs and what the archive has."""
    later = ("archive/", "idp/")
    return {name: one for name, one in found.items() if not any(part in name for part in later)}


@pytest.fixture
def home(tmp_path):
    for name, text in CONFIGURATIONS.items():
        path = tmp_path / "home" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path / "home"


@pytest.fixture
def shadows(tmp_path):
    folder = tmp_path / "shadows"
    folder.mkdir()
    for name in ("numpy", "json", "typer", "fitsio", "logging", "phoenix_giraffe"):
        (folder / f"{name}.py").write_text("raise SystemExit('taken from the folder')\n")
    return folder


@pytest.mark.recipes
@pytest.mark.slow
@pytest.mark.parametrize("wrap", [(), ("sh", "-c", 'exec "$@" <&- >&- 2>&-', "closed")])
def test_a_night_is_the_same_whatever_surrounds_it(
    wrap, home, shadows, raw_night, undisturbed, tmp_path
):
    work = make_workspace(tmp_path / "work", raw_night)
    environment = {**os.environ, **VARIABLES, "HOME": str(home)}
    call("run", "-w", work, "-d", DATE, folder=shadows, environment=environment, wrap=wrap)
    assert data_sums(work) == run_alone(undisturbed.data)
    assert pictures(work) == run_alone(pictures(undisturbed.folder))


@pytest.mark.recipes
@pytest.mark.slow
def test_an_empty_environment_is_enough(raw_night, undisturbed, tmp_path):
    work = make_workspace(tmp_path / "work", raw_night)
    call("run", "-w", work, "-d", DATE, folder=tmp_path, environment={})
    assert data_sums(work) == run_alone(undisturbed.data)


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGTERM])
def test_a_signal_that_the_caller_has_ignored_stays_ignored(number):
    script = (
        "import os, signal; import phoenix.__main__ as program; "
        f"signal.signal({int(number)}, signal.SIG_IGN); "
        "program._on_signals(program._stop); "
        f"os.kill(os.getpid(), {int(number)}); print('still here')"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert done.stdout == "still here\n"


def test_letters_that_an_encoding_lacks_are_written_out(tmp_path):
    script = "import phoenix.__main__ as program; program._have_streams(); print('\\u00c5')"
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
    )
    assert done.stdout == "\\xc5\n"
