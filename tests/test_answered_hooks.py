"""Hooks that name what answers them: found when asked, refused when wrong."""

from __future__ import annotations

import subprocess
import sys
from inspect import signature
from types import SimpleNamespace

import pytest

from phoenix import hookspecs
from phoenix.errors import PluginError
from phoenix.hookspecs import answered_by
from phoenix.hookspecs.answer import answer_of
from phoenix.instrument import from_module, load_instrument
from phoenix.model.ab import AssociationBlock
from phoenix.model.frames import Product, RawFrame
from phoenix.model.process import Process, RawType
from phoenix.model.qc import QCParameter
from phoenix.model.recipe import Recipe
from phoenix.testing.hooks import hooks_of, unanswered

RAW = RawFrame("${DFO_RAW_DIR}/2020-01-01/TOY.2020-01-02T01:00:00.000.fits", "SCIENCE")
AB = AssociationBlock("TOY.2020-01-02T01:00:00.000.ab", "scired", (RAW,))
PROCESS = Process("TOY", "toy", "TO", (RawType("SCIENCE", "scired"),), (Recipe("scired", "toy"),))
PRODUCT = Product("/products/r.TOY_0000.fits", "SPECTRUM")

ROOM = '''
from phoenix.model.qc import QCParameter

PARAMETERS = (QCParameter("SNR", "", "signal to noise"),)

def final_name(product):
    """Name it by its category."""
    return f"{product.pro_catg}.fits"

def edit(block):
    return block
'''


@pytest.fixture
def room(tmp_path, monkeypatch):
    (tmp_path / "toyroom.py").write_text(ROOM)
    monkeypatch.syspath_prepend(tmp_path)
    yield "toyroom"
    sys.modules.pop("toyroom", None)


def toy(**places):
    hooks = {name: answered_by(getattr(hookspecs, name), one) for name, one in places.items()}
    return from_module("toy", SimpleNamespace(**hooks))


def test_rows_are_the_answer(room):
    rows = toy(qc_parameters=f"{room}:PARAMETERS").qc_parameters(PROCESS)
    assert rows == (QCParameter("SNR", "", "signal to noise"),)


def test_a_function_gets_the_arguments_that_it_takes(room):
    named = toy(rename_product=f"{room}:final_name").rename_product(PROCESS, AB, PRODUCT)
    assert named == "SPECTRUM.fits"


def test_a_hook_of_a_plugin_can_be_called_as_it_is_specified(room):
    implementation = answered_by(hookspecs.rename_product, f"{room}:final_name")
    assert implementation(PROCESS, AB, product=PRODUCT) == "SPECTRUM.fits"


def test_the_module_is_imported_when_the_hook_is_asked(room):
    plugin = toy(qc_parameters=f"{room}:PARAMETERS")
    assert room not in sys.modules
    plugin.qc_parameters(PROCESS)
    assert room in sys.modules


@pytest.mark.parametrize("place", ["nowhere:PARAMETERS", "toyroom:NOTHING", "toyroom"])
def test_a_place_where_there_is_nothing_is_told_with_hook_and_plugin(room, place):
    plugin = toy(qc_parameters=place)
    with pytest.raises(
        PluginError, match=rf"'toy', hook qc_parameters: found no {place} \(.*\), ex"
    ):
        plugin.qc_parameters(PROCESS)


def test_an_argument_that_the_hook_does_not_give_is_told(room):
    plugin = toy(edit_ab=f"{room}:edit")
    with pytest.raises(PluginError, match="takes block, expected some of process, ab: what"):
        plugin.edit_ab(PROCESS, AB)


def test_what_cannot_answer_is_found_without_asking(room):
    plugin = toy(edit_ab=f"{room}:edit", qc_parameters=f"{room}:PARAMETERS")
    assert unanswered(plugin) == [
        "edit_ab: toyroom:edit: takes block, expected some of process, ab: what the hook gives"
    ]


def test_what_answers_says_what_it_does(room):
    implementation = answered_by(hookspecs.rename_product, f"{room}:final_name")
    assert answer_of(implementation).__doc__ == "Name it by its category."


def test_a_hook_that_is_written_out_answers_itself():
    assert answer_of(list) is list


def test_loading_an_instrument_loads_no_numpy():
    code = (
        "import sys; from phoenix.instrument import load_instrument; "
        "load_instrument('uves').processes(); print('numpy' in sys.modules)"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout == "False\n"


@pytest.mark.parametrize("name", ["giraffe", "muse", "uves", "xshooter"])
def test_arguments_of_an_answer_have_the_types_of_the_hook(name):
    """As the type checker sees to where hooks are written out."""
    plugin = load_instrument(name)
    module = plugin.manager.get_plugin(name)
    strange = []
    for hook in hooks_of(plugin):
        answer = answer_of(getattr(module, hook))
        given = signature(getattr(hookspecs, hook)).parameters
        taken = signature(answer).parameters if callable(answer) else {}
        strange += [
            f"{hook}: {one}"
            for one in taken.values()
            if one.annotation != given[one.name].annotation
        ]
    assert strange == []
