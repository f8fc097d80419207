"""Processes: what their raw types are told apart by."""

from __future__ import annotations

from phoenix.model.process import Process, RawType
from phoenix.model.recipe import Recipe

PROCESS = Process(
    "TOY_ECH",
    "toy",
    "TO",
    (
        RawType("BIAS", "r", setup_keys=("ESO DET BINX",)),
        RawType("FLAT", "r"),
        RawType("X", "r", setup_keys=()),
    ),
    (Recipe("r", "toy"),),
    setup_keys=("ESO INS SLIT", "ESO DET BINX"),
)


def test_a_raw_type_has_the_setup_of_its_process_unless_it_has_its_own():
    assert PROCESS.setup_keys_of("FLAT") == ("ESO INS SLIT", "ESO DET BINX")
    assert PROCESS.setup_keys_of("BIAS") == ("ESO DET BINX",)


def test_a_raw_type_may_depend_on_nothing():
    assert PROCESS.setup_keys_of("X") == ()


def test_what_the_process_does_not_know_has_its_setup():
    assert PROCESS.setup_keys_of("DOME") == PROCESS.setup_keys
