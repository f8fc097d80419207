"""The notebook of the tutorial runs from top to bottom, and is stored without outputs."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

NOTEBOOK = Path(__file__).parents[2] / "docs" / "tutorial" / "exploration.ipynb"

# nbclient starts a kernel as a process of its own and talks to it through asyncio and zmq; what
# these say when a loop or a socket is closed is not about us.
pytestmark = pytest.mark.filterwarnings(
    "ignore::DeprecationWarning", "ignore::ResourceWarning", "ignore::RuntimeWarning:zmq.*"
)


@pytest.fixture(scope="module")
def notebook():
    return nbformat.read(NOTEBOOK, as_version=4)


def test_the_notebook_is_stored_without_outputs(notebook):
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [cell.outputs for cell in cells] == [[]] * len(cells)


@pytest.mark.recipes
@pytest.mark.slow
def test_the_notebook_runs_and_shows_tables_and_a_plot(notebook, tmp_path):
    client = NotebookClient(notebook, timeout=600, resources={"metadata": {"path": str(tmp_path)}})
    done = client.execute()
    shown = [
        kind for cell in done.cells for out in cell.get("outputs", ()) for kind in _kinds(out)
    ]
    assert shown.count("text/html") >= 5  # prepared, run, measurements, parameters, scores, IDPs
    assert "image/png" in shown


def _kinds(output):
    return output.get("data", {}).keys()
