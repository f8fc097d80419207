"""Progress is seen from the first second: how many are done, what is running, for how long."""

from __future__ import annotations

import datetime as dt
import io
import sys
from types import SimpleNamespace

import pytest
from rich.console import Console

from phoenix.cli.board import Board
from phoenix.line.jobs.progress import NotebookBar, bar_here

NOON = dt.datetime(2020, 1, 2, 12, tzinfo=dt.UTC)
NAME = "GIRAF.2020-01-02T10:06:20.003_tpl.ab"


class Clock:
    """A clock that is put forward by hand."""

    def __init__(self):
        self.now = NOON

    def __call__(self):
        return self.now

    def passes(self, seconds):
        self.now += dt.timedelta(seconds=seconds)


def drawn(board, width):
    stream = io.StringIO()
    Console(file=stream, width=width).print(board)
    return stream.getvalue().splitlines()


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def board(clock):
    return Board("recipes", clock)


def test_before_the_number_is_known_it_says_that_it_gets_ready(board, clock):
    clock.passes(2)
    assert "getting ready 0:00:02" in drawn(board, 80)[0]
    assert board.is_empty


@pytest.mark.parametrize("width", [40, 60, 80, 200])
def test_number_time_and_what_is_running_are_there_at_any_width(board, clock, width):
    board(2, 7, "")
    board.runs({NAME: clock.now})
    clock.passes(75)
    head, running = drawn(board, width)
    assert "2/7 0:01:15" in head
    assert running.strip()[: width - 3].startswith(NAME[: width - 3])
    assert all(len(line) <= width for line in (head, running))


def test_an_ab_name_and_its_time_are_whole_at_60_columns(board, clock):
    board(0, 7, "")
    board.runs({NAME: clock.now})
    clock.passes(3)
    assert drawn(board, 60)[1].strip() == f"{NAME} 0:00:03"


def test_of_many_that_are_running_the_number_of_the_others_is_told(board, clock):
    board(0, 90, "")
    board.runs({f"{number}.ab": clock.now for number in range(40)})
    assert drawn(board, 80)[-1].strip() == "and 34 more"


def test_what_happened_last_stays_until_something_else_does(board):
    board(1, 7, "a.ab successful")
    board(1, 9, "")
    assert drawn(board, 80)[1].strip() == "a.ab successful"


# ---- notebooks -------------------------------------------------------------------------------


class Output:
    """An output of a notebook: what it shows now, and how many there are."""

    def __init__(self):
        self.number, self.html = 0, ""

    def __call__(self, shown, *, display_id):
        assert display_id
        self.number += 1
        self.update(shown)
        return self

    def update(self, shown):
        self.html = shown._repr_html_()


def test_a_bar_in_a_notebook_is_one_output_written_over_and_over():
    output = Output()
    bar = NotebookBar("recipes", output)
    bar(0, 7, "")
    bar.runs({NAME: NOON})
    assert f"{NAME} since 12:00:00 UT" in output.html
    bar.runs({})
    bar(1, 7, "<b>done</b>")
    assert output.number == 1
    assert "value='1' max='7'" in output.html
    assert "&lt;b&gt;done" in output.html


def test_a_script_has_no_bar():
    assert bar_here("recipes") is None


def test_a_notebook_has_one(monkeypatch):
    shown = SimpleNamespace(display=Output())
    shell = SimpleNamespace(kernel=object())
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: shell))
    monkeypatch.setitem(sys.modules, "IPython.display", shown)
    assert repr(bar_here("recipes")) == "recipes 0/0"
