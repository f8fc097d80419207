"""Pixel tables that lack their end, through the true recipes.

They are cut where they lie, with a manifest that says so: a file that another size is expected of
would be found before any recipe starts.
"""

from __future__ import annotations

import os
import shutil

import pytest
from astropy.io import fits
from attrs import evolve

from phoenix.model.frames import MasterCalibration, SetOfFrames
from phoenix.model.gate import RecipeOutcome
from phoenix.model.report import JobState
from phoenix.model.workspace import Workspace
from phoenix.steps.process_ab import process_ab
from phoenix.steps.recipe.runner import RunnerSettings
from phoenix.steps.shelf.manifest import read_manifest, write_manifest
from phoenix.steps.shelf.places import Places, Record
from phoenix.steps.task import ProcessTask
from phoenix_muse.recipe.gate import tables_left_out

pytestmark = [pytest.mark.recipes, pytest.mark.slow]

LAST, OTHER = "MUSE.2020-01-02T01:34:31.367", "MUSE.2020-01-02T02:13:00.950"
FLAT_SPECTRUM = 4000
"""Bytes at the end of a table that belong to the spectrum of the flat."""


class Copy:
    """A copy of the good night, whose files are its own only where they are changed."""

    def __init__(self, good, folder):
        self.night, self.root = good.night, folder
        self.cascade = {str(ab.name): ab for ab in good.night.prepared.cascade}
        shutil.copytree(good.workspace, folder, copy_function=os.link)

    def place(self, name):
        return Places.of(Workspace(self.root), self.cascade[name])

    def product(self, name, pro_catg):
        place = self.place(name)
        rows = read_manifest(place.now(Record.MANIFEST)).products
        return place.published / next(row.name for row in rows if row.pro_catg == pro_catg)

    def put(self, name, pro_catg, content):
        """Put other content in the place of a product, as if the recipe had written it."""
        path, place = self.product(name, pro_catg), self.place(name)
        path.unlink()
        path.write_bytes(content)
        record = place.now(Record.MANIFEST)
        manifest = read_manifest(record)
        rows = (
            evolve(row, size=len(content)) if row.name == path.name else row
            for row in manifest.products
        )
        record.unlink()
        write_manifest(evolve(manifest, products=tuple(rows)), record)

    def run(self, ab):
        """Run one AB, whatever was done of it before."""
        record = self.place(str(ab.name)).now(Record.MANIFEST)
        if record.exists():
            manifest = read_manifest(record)
            record.unlink()
            write_manifest(evolve(manifest, job_key=""), record)
        night = self.night
        task = ProcessTask(
            ab=ab,
            instrument="muse",
            process=night.process.name,
            workspace=self.root,
            sources=(),
            resources=night.instrument.resources(night.process, ab),
            runner=RunnerSettings(),
        )
        return process_ab(task, night.instrument)[0]

    def log(self, name):
        (path,) = self.root.glob(f"products/*/{name}.gated/*.log")
        return path.read_text("utf-8")


@pytest.fixture
def copy(good, tmp_path):
    return Copy(good, tmp_path / "work")


def cut(path, share):
    return path.read_bytes()[: int(share * path.stat().st_size)]


def test_an_exposure_is_not_reduced_of_a_cut_table(copy):
    path = copy.product(f"{LAST}.ab", "PIXTABLE_OBJECT")
    copy.put(f"{LAST}.ab", "PIXTABLE_OBJECT", cut(path, 0.5))
    end = copy.run(copy.cascade[f"{LAST}_pst.ab"])
    assert end.state is JobState.FAILED
    assert "could not load extension 4 of pixel table" in end.reason


def test_an_exposure_whose_table_lacks_the_spectrum_of_the_flat_is_gated(copy):
    path = copy.product(f"{LAST}.ab", "PIXTABLE_OBJECT")
    copy.put(f"{LAST}.ab", "PIXTABLE_OBJECT", path.read_bytes()[:-FLAT_SPECTRUM])
    end = copy.run(copy.cascade[f"{LAST}_pst.ab"])
    assert end.state is JobState.GATED
    assert "exit code 0" in end.reason


def test_a_cut_table_that_a_combination_passes_over_gates_it(copy, tmp_path):
    whole = copy.product(f"{LAST}_pst.ab", "PIXTABLE_REDUCED")
    third = tmp_path / "third.fits"
    shutil.copyfile(whole, third)
    with fits.open(third, mode="update") as hdus:
        hdus[0].header["DATE-OBS"] = "2020-01-02T01:55:00.000"
        hdus[0].header["MJD-OBS"] += 0.014
    copy.put(f"{OTHER}_pst.ab", "PIXTABLE_REDUCED", cut(third, 0.5))
    (combined,) = (ab for ab in copy.cascade.values() if ab.raw_type == "PIXTABLE_REDUCED")
    row = next(one for one in combined.calibrations if LAST in one.path)
    more = MasterCalibration(row.path.replace(LAST, OTHER), row.pro_catg, virtual=True)
    ab = evolve(combined, calibrations=(*combined.calibrations, more))
    end = copy.run(ab)
    assert end.state is JobState.GATED
    assert "exit code 0, but the log has ERROR lines: Failed to load table part" in end.reason
    # The gate of the plugin sees it too, should a recipe of another day log no error.
    frames = SetOfFrames(tuple((whole, "PIXTABLE_REDUCED") for _ in range(3)))
    outcome = RecipeOutcome(ab, (), copy.log(ab.name.root), frames)
    assert tables_left_out(outcome) == 1
