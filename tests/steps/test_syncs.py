"""How often files are written to the disk for good: one call a delivered file, four an AB.

What ``benchmarks/syncs.py`` counts of a night of the true recipes is stated here of a small one,
so that a call too many is seen at once.
"""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path
from typing import NamedTuple

import pytest
from attrs import evolve
from syncs import PER_BLOCK, Counter

from phoenix.model.frames import Role
from phoenix.model.idp import Ancillary
from phoenix.model.report import JobState
from phoenix.steps.delivery.convert import convert_block
from phoenix.steps.delivery.ingest import ingest_idps, science_files
from phoenix.steps.finish import finish_blocks
from phoenix.steps.shelf.intact import DELIVERED
from phoenix.steps.shelf.places import Places

from .conftest import DATE, fake_instrument, fake_process

# The good products of the validator's own tests.
_spec = importlib.util.spec_from_file_location(
    "good_products", Path(__file__).parents[1] / "phase3" / "conftest.py"
)
good_products = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(good_products)

FIBRES = 5


def rename_product(ab, product):
    return f"FA_{product.pro_catg}_{ab.name.timestamp}.fits"


def convert_to_idps(ab, products):
    path = next(row.path for row in products if row.role is Role.ANCILLARY)
    shared = (Ancillary(f"FA_{ab.name.timestamp}.png", "ANCILLARY.PREVIEW", path),)
    plans = (good_products.giraffe_idp(fibre, shared) for fibre in range(FIBRES))
    return [evolve(one, name=f"FA_{ab.name.timestamp}_{i}.fits") for i, one in enumerate(plans)]


class Counted(NamedTuple):
    """Calls of fsync of a step of some ABs, what it delivered, and what of that was not synced."""

    calls: int
    delivered: int
    blocks: int
    left: list[str]


class Remembering(Counter):
    """Counts, and remembers which files it was."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: set[int] = set()

    def __call__(self, descriptor: int) -> None:
        self.seen.add(os.fstat(descriptor).st_ino)
        super().__call__(descriptor)

    def counted(self, paths, blocks):
        left = [path.name for path in paths if path.stat().st_ino not in self.seen]
        return Counted(sum(self.taken()), len(paths), len(blocks), left)


@pytest.fixture(params=[1, 3], ids=["an AB", "three ABs"])
def steps(request, night, monkeypatch):
    """What each step of a bias and some science ABs called."""
    counter = Remembering()
    monkeypatch.setattr(os, "fsync", counter)
    hooks = {"rename_product": rename_product, "convert_to_idps": convert_to_idps}
    night = evolve(night, instrument=fake_instrument(**hooks))
    bias = night.bias()
    science = [one_of(night, bias, hour) for hour in range(request.param)]
    blocks = (bias, *science)
    kept = []
    for ab in blocks:
        result, published = night.process(ab)
        assert result.state is JobState.SUCCESSFUL, result.reason
        rows = (row for row in published.manifest.products if row.role in DELIVERED)
        kept += [published.folder / row.name for row in rows]
    found = {"publish": counter.counted(kept, blocks)}
    done = finish_blocks(night.instrument, fake_process(), night.workspace, blocks)
    assert sum(done.products.values()) == len(kept)
    # The content of what is moved is on the disk.
    found["finish"] = counter.counted([], blocks)
    idps = []
    for ab in science:
        made = convert_block(night.instrument, fake_process(), night.workspace, ab)
        assert made.folder, made.reason
        idps += [path for path in made.folder.iterdir() if path.suffix != ".json"]
    found["convert"] = counter.counted(idps, science)
    archive = night.workspace.folder("archive")
    for ab in science:
        paths = science_files(Places.of(night.workspace, ab).idps)
        taken = ingest_idps(archive, DATE, paths, {})
        assert len(taken.taken) == FIBRES, taken.refused
    found["ingest"] = counter.counted(list(archive.glob("content/*/*")), science)
    return found


def one_of(night, bias, hour):
    root = f"FAKE.2020-01-02T0{hour}:00:00.000"
    return night.science(bias, name=f"{root}.ab", raw_files=(night.raw(f"{root}.fits"),))


@pytest.mark.parametrize("step", ["publish", "finish", "convert", "ingest"])
def test_files_are_synced_once_and_an_ab_at_most_four_times_more(steps, step):
    counted = steps[step]
    assert counted.calls <= counted.delivered + PER_BLOCK * counted.blocks


@pytest.mark.parametrize("step", ["publish", "convert", "ingest"])
def test_nothing_that_is_delivered_is_left_to_a_power_cut(steps, step):
    assert steps[step].delivered
    assert steps[step].left == []


def test_publishing_calls_twice_an_ab_and_finishing_once_and_for_each_folder_of_the_night(steps):
    published, finished = steps["publish"], steps["finish"]
    assert published.calls <= published.delivered + 2 * published.blocks
    assert finished.calls <= finished.blocks + len(("calib", "reduced", "logs"))
