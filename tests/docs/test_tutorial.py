"""The tutorial can be followed to the letter."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

TUTORIAL = Path(__file__).parents[2] / "docs" / "tutorial" / "first-night.md"
FAILS = "   # leaves with 1"


def commands():
    blocks = re.findall(r"```console\n(.*?)```", TUTORIAL.read_text("utf-8"), re.DOTALL)
    lines = (line for block in blocks for line in block.splitlines())
    return [line[2:] for line in lines if line.startswith("$ ")]


def run(words, folder):
    program = [sys.executable, "-m", "phoenix"] if words[0] == "phoenix" else [words[0]]
    environment = {**os.environ, "USER": "you"}
    return subprocess.run(
        [*program, *words[1:]],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.recipes
@pytest.mark.slow
def test_every_command_of_the_tutorial_does_what_it_says(tmp_path):
    folder = tmp_path
    for command in commands():
        words = shlex.split(command.removesuffix(FAILS))
        if words[0] == "cd":
            folder /= words[1]
            continue
        done = run(words, folder)
        expected = 1 if command.endswith(FAILS) else 0
        assert done.returncode == expected, f"{command}\n{done.stdout}\n{done.stderr}"
