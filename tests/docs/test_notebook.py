"""The notebooks of the tutorial run from top to bottom, and are stored without outputs."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

TUTORIAL = Path(__file__).parents[2] / "docs" / "tutorial"

# nbclient starts a kernel as a process of its own and talks to it through asyncio and zmq; what
# these say when a loop or a socket is closed is not about us.
pytestmark = pytest.mark.filterwarnings(
    "ignore::DeprecationWarning", "ignore::ResourceWarning", "ignore::RuntimeWarning:zmq.*"
)


def read(name):
    return nbformat.read(TUTORIAL / f"{name}.ipynb", as_version=4)


def executed(name, folder):
    client = NotebookClient(
        read(name), timeout=1800, resources={"metadata": {"path": str(folder)}}
    )
    return client.execute()


def shown(notebook):
    return [
        kind for cell in notebook.cells for out in cell.get("outputs", ()) for kind in _kinds(out)
    ]


@pytest.mark.parametrize("name", ["exploration", "year"])
def test_a_notebook_is_stored_without_outputs(name):
    cells = [cell for cell in read(name).cells if cell.cell_type == "code"]
    assert [cell.outputs for cell in cells] == [[]] * len(cells)


@pytest.mark.recipes
@pytest.mark.slow
def test_the_night_runs_and_shows_tables_and_a_plot(tmp_path):
    done = shown(executed("exploration", tmp_path))
    # Tables of the night, of one AB, of the month and of UVES, and the bars of what ran.
    assert done.count("text/html") >= 14
    # Two plots, and a QC report of each instrument.
    assert done.count("image/png") == 4


@pytest.mark.slow
def test_the_year_finds_what_was_built_in(tmp_path):
    notebook = executed("year", tmp_path)
    answers = [
        out["data"]["text/plain"]
        for cell in notebook.cells
        for out in cell.get("outputs", ())
        if out.output_type == "execute_result"
    ]
    assert "[('LAMP_EFFIC', 'dynamic'), ('OUT1_RON_RAW', 'dynamic')]" in answers
    (lamp,) = [answer for answer in answers if answer.endswith(", 0)")]
    assert int(lamp[1:].partition(",")[0]) > 0
    assert answers[-1] == "74"  # every fifth of 366 nights
    assert shown(notebook).count("image/png") >= 3


def _kinds(output):
    return output.get("data", {}).keys()
