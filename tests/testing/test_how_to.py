"""The plugin of the how-to page works as it stands there."""

from __future__ import annotations

import re
import sys
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

from phoenix.instrument import from_module
from phoenix.model.ab import AssociationBlock
from phoenix.model.frames import RawFrame, SetOfFrames
from phoenix.testing import InstrumentContract

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "write-a-plugin.md"


def code(title):
    blocks = re.findall(r"```python\n# (\S+)\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    return dict(blocks)[title]


@pytest.fixture
def toy(tmp_path, monkeypatch):
    """The package of the page, as somebody would type it."""
    for place in ("phoenix_toy/process.py", "phoenix_toy/__init__.py"):
        (tmp_path / place).parent.mkdir(exist_ok=True)
        (tmp_path / place).write_text(code(place), "utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    yield from_module("toy", import_module("phoenix_toy"))
    for name in ("phoenix_toy.process", "phoenix_toy"):
        del sys.modules[name]


def test_it_offers_its_process(toy):
    assert [process.name for process in toy.processes()] == ["TOY_SLIT"]


def test_it_edits_old_abs_once(toy):
    raw = RawFrame("${DFO_RAW_DIR}/2020-01-01/TOY.2020-01-01T22:00:00.000.fits", "BIAS")
    old = AssociationBlock("TOY.2020-01-01T22:00:00.000.ab", "bias", (raw,))
    process = toy.process("TOY_SLIT")
    edited = toy.edit_ab(process, old)
    assert edited.recipe == "toy_bias"
    assert toy.edit_ab(process, edited) is edited


def test_it_measures_what_it_declares(toy, tmp_path):
    frame = np.zeros((10, 10), dtype=np.uint16)
    frame[0, :3] = 65535
    fits.PrimaryHDU(frame).writeto(tmp_path / "raw.fits")
    frames = SetOfFrames(((tmp_path / "raw.fits", "SCIENCE"),))
    raw = RawFrame("${DFO_RAW_DIR}/2020-01-01/TOY.2020-01-01T22:00:00.000.fits", "SCIENCE")
    ab = AssociationBlock("TOY.2020-01-01T22:00:00.000.ab", "toy_science", (raw,))
    (row,) = toy.measure_qc(toy.process("TOY_SLIT"), ab, frames, (), {})
    assert (row.parameter, row.value) == ("NUM_SAT", 3)


def test_its_declarations_hold_the_contract(toy):
    contract, process = InstrumentContract(), toy.process("TOY_SLIT")
    contract.test_every_unit_can_be_read_by_astropy(toy, process)
    contract.test_score_rules_speak_of_declared_parameters(toy, process)
    contract.test_score_bits_speak_of_declared_parameters(toy, process)
    contract.test_score_bits_are_numbered_in_order_and_no_two_are_alike(toy, process)
    contract.test_every_process_makes_science_products(toy)


def test_the_contract_of_the_page_is_an_empty_subclass():
    names: dict[str, object] = {}
    exec(code("tests/test_contract.py"), names)  # noqa: S102 - our own page
    assert issubclass(names["TestToy"], InstrumentContract)
    assert names["TestToy"].instrument == "toy"
