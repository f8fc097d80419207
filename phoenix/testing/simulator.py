"""What every simulator must hold: nights that can be had again, byte for byte, and found on disk.

As :mod:`phoenix.testing.contract`, by an empty subclass; no fact needs the true pipeline.
"""

# ruff: noqa: S101, D102 - a test kit asserts, and its names are sentences

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, ClassVar

import pytest

from phoenix.errors import PluginError
from phoenix.model.dates import CivilDate
from phoenix.simulate.night import SimulationOptions
from phoenix.testing.hooks import why_not_loaded
from phoenix.testing.subject import Subject
from phoenix.toolkit.headers import read_header, required_number

if TYPE_CHECKING:
    from pathlib import Path

    from phoenix.testing.night import PreparedNight

__all__ = ["SimulatorContract"]

SYMBOLS = {"${DFO_RAW_DIR}": "raw", "${DFO_CAL_DIR}": "calib"}
"""What stands in an AB to its folder in a simulated night."""


class SimulatorContract(Subject):
    """The conformance suite of a simulator.

    Attributes
    ----------
    setups : tuple of str
        Setups of the night that is simulated with another seed, where one is as good as all of
        them and costs less; all if empty.
    """

    setups: ClassVar[tuple[str, ...]] = ()

    def test_the_plugin_can_be_loaded(self) -> None:
        why = why_not_loaded(self.instrument)
        assert not why, why

    def test_the_same_date_and_seed_give_the_same_bytes(
        self, contract_night: PreparedNight, tmp_path: Path
    ) -> None:
        _simulate(contract_night, tmp_path)
        assert _digests(tmp_path) == _digests(contract_night.folder)

    def test_another_seed_changes_every_frame_and_no_static_table(
        self, contract_night: PreparedNight, tmp_path: Path
    ) -> None:
        _simulate(contract_night, tmp_path, seed=2, setups=self.setups)
        mine, theirs = _digests(contract_night.folder), _digests(tmp_path)
        same = {name for name in theirs if mine.get(name) == theirs[name]}
        frames = {name for name in theirs if name.startswith("raw/") and name.endswith(".fits")}
        assert frames
        assert not frames & same
        assert {name for name in mine if name.startswith("calib/")} <= same

    def test_no_temporary_file_is_left(self, contract_night: PreparedNight) -> None:
        names = [path.name for path in contract_night.folder.rglob("*")]
        assert not [name for name in names if name.startswith(".")]

    def test_an_unknown_fault_is_refused_before_anything_is_written(
        self, contract_night: PreparedNight, tmp_path: Path
    ) -> None:
        with pytest.raises(PluginError, match="'nonsense'"):
            _simulate(contract_night, tmp_path / "x", faults=("nonsense",))
        assert not (tmp_path / "x").exists()

    def test_every_frame_is_called_by_its_start_and_lies_in_its_night(
        self, contract_night: PreparedNight
    ) -> None:
        frames = list((contract_night.folder / "raw").glob("*/*.fits"))
        assert frames
        for path in frames:
            header = read_header(path)
            assert path.name == header["ARCFILE"]
            assert path.stem.endswith(str(header["DATE-OBS"]))
            assert path.parent.name == str(CivilDate.of(required_number(header, "MJD-OBS")))

    def test_every_static_table_has_a_human_name_and_a_category(
        self, contract_night: PreparedNight
    ) -> None:
        for path in (contract_night.folder / "calib" / "gen").iterdir():
            assert path.name.startswith(f"{contract_night.process.prefix}_G")
            assert read_header(path)["ESO PRO CATG"]

    def test_the_blocks_name_files_that_exist(self, contract_night: PreparedNight) -> None:
        for ab in contract_night.historical:
            raws = [raw.path for raw in (*ab.raw_files, *ab.associated_raws)]
            masters = [master.path for master in ab.calibrations]
            for path in (one for one in (*raws, *masters) if not one.startswith("${DFS")):
                symbol, _, below = path.partition("/")
                assert (contract_night.folder / SYMBOLS[symbol] / below).is_file()


def _simulate(
    night: PreparedNight,
    folder: Path,
    *,
    seed: int = 1,
    faults: tuple[str, ...] = (),
    setups: tuple[str, ...] = (),
) -> None:
    options = SimulationOptions(seed=seed, faults=faults, setups=setups)
    night.instrument.simulate(night.process, night.date, folder, options)


def _digests(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }
