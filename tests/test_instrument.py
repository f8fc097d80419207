"""A loaded instrument: found by name, refused when wrong, blamed by name."""

from __future__ import annotations

from importlib.metadata import EntryPoint
from pathlib import Path
from types import SimpleNamespace

import pytest

from phoenix import hookimpl
from phoenix.errors import DataError, PluginError, UnknownInstrumentError
from phoenix.instrument import ENTRY_POINTS, from_module, installed, load_instrument
from phoenix.model.ab import AssociationBlock
from phoenix.model.frames import Product, RawFrame, SetOfFrames
from phoenix.model.process import Process, RawType
from phoenix.model.qc import Measurement, QCParameter
from phoenix.model.recipe import Recipe

RAW = RawFrame("${DFO_RAW_DIR}/2020-01-01/TOY.2020-01-02T01:00:00.000.fits", "SCIENCE")
AB = AssociationBlock("TOY.2020-01-02T01:00:00.000.ab", "scired", (RAW,))
PROCESS = Process("TOY", "toy", "TO", (RawType("SCIENCE", "scired"),), (Recipe("scired", "toy"),))
NO_FRAMES = SetOfFrames(())


def toy(**hooks):
    marked = {name: hookimpl(function) for name, function in hooks.items()}
    return from_module("toy", SimpleNamespace(**marked))


def test_giraffe_is_installed_and_loads_by_name():
    assert "giraffe" in installed()
    assert load_instrument("giraffe").name == "giraffe"


def test_an_instrument_is_loaded_once():
    assert load_instrument("giraffe") is load_instrument("giraffe")


def test_an_unknown_instrument_names_the_installed_ones():
    with pytest.raises(UnknownInstrumentError, match=r"no plugin.*'hawki'.*installed: .*giraffe"):
        load_instrument("hawki")


def test_an_unknown_process_names_the_known_ones():
    with pytest.raises(UnknownInstrumentError, match="has no process 'X'; it has TOY"):
        toy(processes=lambda: [PROCESS]).process("X")


def test_a_misspelt_hook_is_refused():
    with pytest.raises(PluginError, match=r"plugin 'toy'.*unknown hook 'edit_abs'"):
        toy(edit_abs=lambda ab: ab)


def test_an_argument_that_the_hook_does_not_give_is_refused():
    with pytest.raises(PluginError, match=r"plugin 'toy'.*edit_ab"):
        toy(edit_ab=lambda block: block)


def test_a_function_that_looks_like_a_hook_and_has_no_marker_is_refused():
    with pytest.raises(PluginError, match="plugin 'toy': found gates without @hookimpl"):
        from_module("toy", SimpleNamespace(gates=list))


def test_a_plugin_without_a_process_is_told():
    with pytest.raises(PluginError, match="hook processes: found none, expected at least one"):
        toy(edit_ab=lambda ab: ab).processes()


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("import os\nfrom phoenix import nothing\n", r"ImportError: .*broken.py, line 2"),
        ("import os\ndef f(:\n", r"SyntaxError: .*line 2\) in .*broken.py"),
    ],
)
def test_a_plugin_that_cannot_be_imported_says_in_which_line(code, told, tmp_path, monkeypatch):
    (tmp_path / "broken.py").write_text(code)
    monkeypatch.syspath_prepend(tmp_path)
    point = EntryPoint("broken", "broken", ENTRY_POINTS)
    monkeypatch.setattr("phoenix.instrument.load.entry_points", lambda **_: [point])
    with pytest.raises(PluginError, match=told):
        load_instrument.__wrapped__("broken")


def test_an_error_in_a_hook_names_plugin_hook_and_ab():
    def edit_ab(ab):
        raise ZeroDivisionError("oh")

    with pytest.raises(PluginError) as caught:
        toy(edit_ab=edit_ab).edit_ab(PROCESS, AB)
    assert (
        str(caught.value) == f"plugin 'toy', hook edit_ab, AB {AB.name}: ZeroDivisionError('oh')"
    )
    assert isinstance(caught.value.__cause__, ZeroDivisionError)


def test_an_error_on_purpose_is_told_in_its_own_words():
    def edit_ab(ab):
        raise DataError("a.fits: found nothing, expected light")

    with pytest.raises(PluginError, match=r"a\.fits: found nothing, expected light$"):
        toy(edit_ab=edit_ab).edit_ab(PROCESS, AB)


def test_an_error_in_a_generator_is_blamed_too():
    def previews():
        yield from ()
        raise ValueError("late")

    with pytest.raises(PluginError, match="plugin 'toy', hook previews"):
        toy(previews=previews).previews(PROCESS, AB, (), ())


def test_an_answer_of_the_wrong_type_is_refused():
    with pytest.raises(PluginError, match=r"hook edit_ab.*returned 5, expected AssociationBlock"):
        toy(edit_ab=lambda: 5).edit_ab(PROCESS, AB)


def test_a_row_of_the_wrong_type_is_refused():
    with pytest.raises(PluginError, match="hook score_rules: returned 'SNR', expected ScoreRule"):
        toy(score_rules=lambda: ["SNR"]).score_rules(PROCESS)


def test_a_parameter_declared_twice_is_refused():
    snr = QCParameter("SNR", "", "signal to noise")
    with pytest.raises(PluginError, match="declared twice: SNR"):
        toy(qc_parameters=lambda: [snr, snr]).qc_parameters(PROCESS)


def test_a_measurement_that_was_not_declared_is_refused():
    plugin = toy(measure_qc=lambda: [Measurement("SNR", 1.0)])
    with pytest.raises(PluginError, match="measured but not declared: SNR; add rows"):
        plugin.measure_qc(PROCESS, AB, NO_FRAMES, (), {})


@pytest.mark.parametrize("name", ["../x.fits", "a/b.fits", ".hidden", "", "two\nlines"])
def test_a_name_that_is_no_plain_file_name_is_refused(name):
    plugin = toy(rename_product=lambda: name)
    with pytest.raises(PluginError, match="expected a file name"):
        plugin.rename_product(PROCESS, AB, Product(Path("/products/a.fits"), "SPECTRUM"))


def test_a_plugin_without_simulator_says_so(tmp_path):
    with pytest.raises(PluginError, match="has no simulated nights"):
        toy().simulate(PROCESS, None, tmp_path, None)
