"""Programs that are asked and end soon: esorex about its recipes, apt and dpkg about packages."""

from __future__ import annotations

import subprocess
import tempfile
from typing import TYPE_CHECKING

from phoenix.errors import SettingsError
from phoenix.pipelines.places import SYSTEM_PATH

if TYPE_CHECKING:
    from phoenix.pipelines.find import Pipeline

__all__ = ["ask_esorex", "run_program"]

_ESOREX_S = 60


def ask_esorex(pipeline: Pipeline, *words: str) -> str:
    """Return what esorex prints about the recipes of a pipeline; nobody's esorex.rc is read.

    Raises
    ------
    SettingsError
        If it is not there or does not end well; has esorex's own words.
    """
    command = [str(pipeline.esorex), f"--recipe-dir={pipeline.recipes}", *words]
    with tempfile.TemporaryDirectory() as home:
        environment = {"PATH": SYSTEM_PATH, "HOME": home, **dict(pipeline.environment)}
        return run_program(command, _ESOREX_S, environment, home)


def run_program(
    words: list[str],
    limit_s: float,
    environment: dict[str, str] | None = None,
    folder: str | None = None,
) -> str:
    """Run a program to its end; return what it printed.

    Raises
    ------
    SettingsError
        If it is not there, does not end well, or takes too long.
    """
    try:
        ran = subprocess.run(
            words,
            check=False,
            capture_output=True,
            stdin=subprocess.DEVNULL,
            timeout=limit_s,
            env=environment,
            cwd=folder,
        )
    except FileNotFoundError as error:
        raise SettingsError(f"{words[0]}: found no such program, expected one") from error
    except PermissionError as error:
        raise SettingsError(
            f"{words[0]}: found no program that may be run, expected one"
        ) from error
    except subprocess.TimeoutExpired as error:
        raise SettingsError(f"{' '.join(words[:3])}: took longer than {limit_s:g} s") from error
    told = (ran.stdout + ran.stderr).decode("utf-8", "replace")
    if ran.returncode:
        last = " ".join(told.split("\n")[-6:])[-400:]
        raise SettingsError(f"{' '.join(words[:3])} ended with {ran.returncode}: {last}")
    return ran.stdout.decode("utf-8", "replace")
