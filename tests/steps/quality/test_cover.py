"""The coversheet of a group shows what has products, and lies beside the report of each AB."""

from __future__ import annotations

import threading
import time
from types import SimpleNamespace

import numpy as np
import pytest

from phoenix.hookspecs import hookimpl
from phoenix.instrument import from_module
from phoenix.model.ab import AssociationBlock
from phoenix.model.dates import CivilDate
from phoenix.model.frames import RawFrame, Role
from phoenix.model.panel import Curve, Plot
from phoenix.model.process import Process, RawType
from phoenix.model.recipe import Recipe, RecipeProduct
from phoenix.model.report import JobState
from phoenix.model.workspace import Workspace
from phoenix.steps.quality import cover
from phoenix.steps.quality.cover import CoverGroup, draw_cover
from phoenix.steps.shelf.manifest import Manifest, ProductFile, write_manifest
from phoenix.steps.shelf.places import Places, Record

DATE = CivilDate.parse("2020-01-01")
RECIPE = Recipe("scired", "toy", products=(RecipeProduct("SPECTRUM", Role.SCIENCE),))
PROCESS = Process("TOY_ECH", "toy", "TO", (RawType("SCIENCE", "scired"),), (RECIPE,))


def ab_of(number):
    name = f"TOY.2020-01-02T01:00:0{number}.000"
    raw = RawFrame(f"${{DFO_RAW_DIR}}/{DATE}/{name}.fits", "SCIENCE")
    return AssociationBlock(f"{name}.ab", "scired", (raw,), date=DATE, raw_type="SCIENCE")


ABS = tuple(ab_of(number) for number in range(3))
GROUP = CoverGroup("OB 7", "toy", "TOY_ECH", ABS)


@pytest.fixture
def workspace(tmp_path):
    return Workspace(tmp_path)


@pytest.fixture
def shown(monkeypatch):
    """Return the names of the ABs of every sheet that is drawn."""
    sheets = []

    def coversheet(blocks, products, qc):
        sheets.append([str(ab.name) for ab in blocks])
        assert set(products) == set(qc) == set(sheets[-1])
        return [Plot("arms", (Curve(np.arange(3.0), np.ones(3)),))]

    toy = from_module(
        "toy",
        SimpleNamespace(processes=hookimpl(lambda: [PROCESS]), coversheet=hookimpl(coversheet)),
    )
    monkeypatch.setattr(cover, "load_instrument", lambda _name: toy)
    return sheets


def publish(workspace, ab):
    folder = Places.of(workspace, ab).published
    folder.mkdir(parents=True)
    name = f"r.{ab.root}_0000.fits"
    (folder / name).write_bytes(b"SIMPLE")
    product = ProductFile(name, "SPECTRUM", Role.SCIENCE, 6, "cd" * 32)
    manifest = Manifest(
        ab_name=str(ab.name), job_key="k", ab_sha256="a", instrument="toy", process="TOY_ECH",
        recipe="scired", state=JobState.SUCCESSFUL, command=("esorex",), exit_code=0, host="h",
        versions=(), inputs=(), products=(product,),
    )  # fmt: skip
    write_manifest(manifest, folder / "manifest.json")


def sheets_of(workspace):
    return [Places.of(workspace, ab).finished(Record.COVER).is_file() for ab in ABS]


def test_one_ab_with_products_makes_no_sheet(workspace, shown):
    publish(workspace, ABS[0])
    draw_cover(workspace, GROUP)
    assert shown == []
    assert sheets_of(workspace) == [False, False, False]


def test_a_sheet_shows_those_with_products_and_lies_beside_each_of_them(workspace, shown):
    publish(workspace, ABS[0])
    publish(workspace, ABS[2])
    draw_cover(workspace, GROUP)
    assert shown == [[str(ABS[0].name), str(ABS[2].name)]]
    assert sheets_of(workspace) == [True, False, True]


def test_the_last_to_end_completes_it(workspace, shown):
    for ab in ABS:
        publish(workspace, ab)
        draw_cover(workspace, GROUP)
    assert shown[-1] == [str(ab.name) for ab in ABS]
    assert sheets_of(workspace) == [True, True, True]
    contents = {Places.of(workspace, ab).finished(Record.COVER).read_bytes() for ab in ABS}
    assert len(contents) == 1


def test_an_ab_alone_has_none(workspace, shown):
    publish(workspace, ABS[0])
    draw_cover(workspace, CoverGroup("", "toy", "TOY_ECH"))
    assert shown == []


def test_two_workers_draw_one_after_the_other(workspace):
    folder = Places.of(workspace, ABS[0]).finished(Record.COVER).parent
    held = []

    def hold():
        with cover._alone(folder):
            held.append("other")

    with cover._alone(folder):
        # A thread has a descriptor of its own, as another process has.
        other = threading.Thread(target=hold)
        other.start()
        time.sleep(0.2)
        held.append("first")
    other.join()
    assert held == ["first", "other"]
