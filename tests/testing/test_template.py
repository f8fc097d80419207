"""A new plugin passes the contract as it is written, in an environment of its own."""

from __future__ import annotations

import signal
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from phoenix.errors import SettingsError
from phoenix.template import new_plugin
from phoenix.testing.night import has_esorex

ROOT = Path(__file__).parents[2]


def run(*words, **more):
    ran = subprocess.run(
        [str(word) for word in words], capture_output=True, text=True, check=False, **more
    )
    assert ran.returncode == 0, f"{ran.stdout}\n{ran.stderr}"
    return ran.stdout


@pytest.fixture(scope="session")
def plugin(tmp_path_factory):
    return new_plugin("sky_box", "SKYBOX", tmp_path_factory.mktemp("plugins"))


@pytest.fixture(scope="session")
def python(plugin, tmp_path_factory):
    """Return the Python of an environment that has what this one has, and the plugin."""
    folder = tmp_path_factory.mktemp("environment")
    run(sys.executable, "-m", "venv", "--without-pip", folder)
    own = next(folder.glob("lib/python*/site-packages"))
    beside = [sysconfig.get_path("purelib"), str(ROOT)]
    (own / "beside.pth").write_text(
        "".join(f"import site; site.addsitedir({path!r})\n" for path in beside)
    )
    new = folder / "bin" / "python"
    # The caller's pip builds with the caller's hatchling: nothing is downloaded.
    options = ("--quiet", "--no-deps", "--no-build-isolation", "--no-index")
    run(sys.executable, "-m", "pip", "--python", new, "install", *options, plugin)
    return new


def test_every_file_has_the_names_put_in(plugin):
    texts = [path.read_text() for path in plugin.rglob("*") if path.is_file()]
    assert not [text for text in texts if "toy" in text.lower()]
    assert (plugin / "phoenix_sky_box" / "process.py").is_file()


def test_it_keeps_the_rules_of_style(plugin):
    ruff, settings = (sys.executable, "-m", "ruff"), ("--config", ROOT / "pyproject.toml")
    # Which imports are its own, ruff tells by the folder that it is called in.
    run(*ruff, "check", *settings, "--ignore", "I001", plugin / "phoenix_sky_box")
    run(*ruff, "format", "--check", *settings, plugin)


def test_it_is_typed(plugin, tmp_path):
    run(sys.executable, "-m", "mypy", "--config-file", ROOT / "pyproject.toml",
        "--cache-dir", tmp_path, "-p", "phoenix_sky_box", cwd=ROOT,
        env={"MYPYPATH": f"{plugin}:{ROOT}", "PATH": "/usr/bin"})  # fmt: skip


def test_it_passes_the_contract(plugin, python):
    words = ("-q", "-p", "no:cacheprovider", "-m", "not recipes", plugin / "tests")
    assert "failed" not in run(python, "-m", "pytest", *words, cwd=plugin)


@pytest.mark.recipes
@pytest.mark.skipif(not has_esorex(), reason="no esorex: no recipe is run")
def test_its_night_gives_valid_idps_with_the_true_counts(plugin, python):
    words = ("-q", "-p", "no:cacheprovider", "-m", "recipes", plugin / "tests")
    assert "skipped" not in run(python, "-m", "pytest", *words, cwd=plugin)


@pytest.mark.parametrize(
    ("name", "instrument"),
    [("Kmos", "KMOS"), ("../kmos", "KMOS"), ("kmos", "kmos"), ("", "KMOS"), ("kmos", "")],
)
def test_names_that_cannot_be_a_package_are_refused(name, instrument, tmp_path):
    with pytest.raises(SettingsError, match="expected"):
        new_plugin(name, instrument, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_what_is_there_stays(tmp_path):
    (tmp_path / "phoenix_kmos").mkdir()
    with pytest.raises(SettingsError, match="expected a new folder"):
        new_plugin("kmos", "KMOS", tmp_path)
    assert list((tmp_path / "phoenix_kmos").iterdir()) == []


KILLED = """
import os, pathlib, signal, sys
from phoenix.template import new_plugin
write, left = pathlib.Path.write_text, int(sys.argv[2])
def dying(self, *words, **more):
    global left
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    left -= 1
    return write(self, *words, **more)
pathlib.Path.write_text = dying
new_plugin("kmos", "KMOS", pathlib.Path(sys.argv[1]))
"""


@pytest.mark.parametrize("written", [0, 1, 5])
def test_a_killed_call_leaves_no_half_made_plugin_and_the_next_makes_it(tmp_path, written):
    call = [sys.executable, "-c", KILLED, str(tmp_path), str(written)]
    assert subprocess.run(call, check=False).returncode == -signal.SIGKILL
    assert not (tmp_path / "phoenix_kmos").exists()
    folder = new_plugin("kmos", "KMOS", tmp_path)
    assert (folder / "pyproject.toml").exists()


def test_a_folder_that_somebody_makes_meanwhile_is_not_written_into(tmp_path, monkeypatch):
    rename = Path.rename

    def later(self, target):
        target.mkdir()
        (target / "mine").write_text("x")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", later)
    with pytest.raises(SettingsError, match="expected a new folder"):
        new_plugin("kmos", "KMOS", tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["phoenix_kmos"]
    assert [path.name for path in (tmp_path / "phoenix_kmos").iterdir()] == ["mine"]
