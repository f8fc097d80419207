"""The tutorial can be followed to the letter, and shows what is seen."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest

TOOLS = Path(__file__).parents[2] / "tools"


@pytest.fixture
def tutorial(monkeypatch):
    monkeypatch.syspath_prepend(str(TOOLS))
    return importlib.import_module("make_tutorial")


def test_what_stands_below_a_command_is_that_of_the_command(tutorial):
    one, two = tutorial.parts("$ ls\na\nb\n$ phoenix qc list\nNAME\n...\n")
    assert (one.command, one.lines) == ("ls", ("a", "b"))
    assert tutorial.shown(two, "NAME\nother").lines == ("NAME", "...")
    assert tutorial.shown(one, "a\nc").lines == ("a", "c")


def test_times_and_the_order_of_the_end_make_no_difference_and_words_do(tutorial):
    first, second, third = (
        tutorial.Shown("phoenix run", (f"  GIRAF.1.ab {end}", f"BIAS   {state} {wall}"))
        for end, state, wall in (
            ("successful in 0.3 s", "successful", 0.3),
            ("successful in 12 s", "successful", 12.25),
            ("successful in 12 s", "failed", 12.25),
        )
    )
    assert tutorial.alike(first) == tutorial.alike(second) != tutorial.alike(third)


def test_a_folder_whose_name_is_folded_makes_no_difference(tutorial):
    there = tutorial.Shown("ls", ("/far/away/of/me/pyt", "est-1/night"))
    here = tutorial.Shown("ls", ("~/first-night/night",))
    assert tutorial.alike(there, "/far/away/of/me/pytest-1") == tutorial.alike(here)


@pytest.mark.recipes
@pytest.mark.slow
def test_every_command_of_the_tutorial_does_and_shows_what_it_says(tutorial, tmp_path):
    text = tutorial.PAGE.read_text("utf-8")
    for part, screen, code in tutorial.follow(text, tmp_path):
        assert code == (1 if part.command.endswith(tutorial.FAILS) else 0), f"{part}\n{screen}"
        now = tutorial.shown(part, screen)
        assert tutorial.alike(now, str(tmp_path)) == tutorial.alike(part)
