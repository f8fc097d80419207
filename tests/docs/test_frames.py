"""ABs and files that documents name are in a simulated night: what is copied from there works."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from phoenix.model.dates import CivilDate, mjd_of
from phoenix.simulate.night import SimulationOptions
from phoenix_giraffe.simulation.history import repository
from phoenix_giraffe.simulation.plan import plan_night

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("**/*.md")])
# What happened is told with the names of its time, what a developer writes with names of its own.
LEFT_OUT = {"CHANGELOG.md", "write-a-plugin.md"}
PAGES = [page for page in PAGES if not {"_build", "api", *LEFT_OUT}.intersection(page.parts)]
NAME = re.compile(r"\bGIRAF\.(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3})(_[a-z]{3})?(\.ab|\.fits)?")


@cache
def names(night):
    """Return the names of the raw files and ABs of a night, of both sizes, without suffixes.

    A month of calibrations (``--calibrations``) has frames of its own in every night.
    """
    found = set()
    for size in ("small", "full"):
        whole = plan_night(night, SimulationOptions(size))
        found |= {frame.exposure.root for frame in whole.frames}
        found |= {name.removesuffix(".ab") for name in repository(whole)}
        month = plan_night(night, SimulationOptions(size, calibrations=True))
        templates = {}
        for frame in month.frames:
            templates.setdefault(frame.exposure.template, frame.exposure.root)
            found.add(frame.exposure.root)
        found |= {f"{first}_tpl" for first in templates.values()}
    return found


def _name(page):
    return str(page.relative_to(ROOT))


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_every_ab_and_file_that_a_document_names_is_in_a_simulated_night(page):
    unknown = set()
    for found in NAME.finditer(page.read_text("utf-8")):
        root = f"GIRAF.{found[1]}{found[2] or ''}"
        if root not in names(CivilDate.of(mjd_of(found[1]))):
            unknown.add(found[0])
    assert unknown == set()
