"""The contract of simulators sees what it should see: each broken promise fails its fact."""

from __future__ import annotations

from itertools import count
from types import SimpleNamespace

import pytest

from phoenix import hookimpl
from phoenix.instrument import from_module
from phoenix.model.ab import ABName, AssociationBlock
from phoenix.model.dates import CivilDate
from phoenix.model.frames import RawFrame
from phoenix.model.idp import Card
from phoenix.model.process import Process
from phoenix.simulate.night import SimulatedNight
from phoenix.simulate.raw import folder, image_hdu, write_fits
from phoenix.testing import SimulatorContract

CONTRACT = SimulatorContract()
NAME = "TOY.2020-01-02T01:00:00.000"
FRAME = (
    Card("ARCFILE", f"{NAME}.fits"),
    Card("DATE-OBS", "2020-01-02T01:00:00.000"),
    Card("MJD-OBS", 58850.0416666667),
)
RUNS = count()


def careless(out):
    """Simulate a night whose bytes nothing fixes, without a look at faults."""
    for path in (folder(out, "raw", "2020-01-01") / "a.fits", folder(out, "calib", "gen") / "b"):
        path.write_text(str(next(RUNS)))
    return SimulatedNight((), (), (), out)


@pytest.fixture
def night(tmp_path):
    process = Process("TOY", "toy", "TO", (), ())
    hooks = {"processes": hookimpl(lambda: [process]), "simulate": hookimpl(careless)}
    plugin = from_module("toy", SimpleNamespace(**hooks))
    raw = RawFrame(f"${{DFO_RAW_DIR}}/2020-01-01/{NAME}.fits", "SCIENCE")
    ab = AssociationBlock(ABName(f"{NAME}.ab"), "scired", (raw,))
    careless(tmp_path / "night")
    return SimpleNamespace(
        instrument=plugin,
        process=process,
        date=CivilDate(2020, 1, 1),
        folder=tmp_path / "night",
        historical=(ab,),
    )


def frame(night, date="2020-01-01", name=NAME):
    (night.folder / "raw" / "2020-01-01" / "a.fits").unlink()
    return write_fits(folder(night.folder, "raw", date) / f"{name}.fits", [image_hdu(FRAME)])


def test_bytes_that_nothing_fixes_are_seen(night, tmp_path):
    with pytest.raises(AssertionError):
        CONTRACT.test_the_same_date_and_seed_give_the_same_bytes(night, tmp_path / "again")


def test_a_static_table_that_changes_with_the_seed_is_seen(night, tmp_path):
    with pytest.raises(AssertionError):
        CONTRACT.test_another_seed_changes_every_frame_and_no_static_table(night, tmp_path / "2")


def test_a_temporary_file_is_seen(night):
    CONTRACT.test_no_temporary_file_is_left(night)
    (night.folder / ".a.part").touch()
    with pytest.raises(AssertionError):
        CONTRACT.test_no_temporary_file_is_left(night)


def test_a_fault_that_is_passed_over_is_seen(night, tmp_path):
    with pytest.raises(pytest.fail.Exception, match="DID NOT RAISE"):
        CONTRACT.test_an_unknown_fault_is_refused_before_anything_is_written(night, tmp_path)


@pytest.mark.parametrize("change", [{"date": "2020-01-02"}, {"name": "other"}])
def test_a_frame_in_a_wrong_place_is_seen(night, change):
    path = frame(night)
    CONTRACT.test_every_frame_is_called_by_its_start_and_lies_in_its_night(night)
    path.rename(night.folder / "raw" / "2020-01-01" / "a.fits")
    frame(night, **change)
    with pytest.raises(AssertionError):
        CONTRACT.test_every_frame_is_called_by_its_start_and_lies_in_its_night(night)


def test_a_static_table_of_another_instrument_is_seen(night):
    with pytest.raises(AssertionError):
        CONTRACT.test_every_static_table_has_a_human_name_and_a_category(night)


def test_a_block_over_a_file_that_is_not_there_is_seen(night):
    with pytest.raises(AssertionError):
        CONTRACT.test_the_blocks_name_files_that_exist(night)
    frame(night)
    CONTRACT.test_the_blocks_name_files_that_exist(night)
