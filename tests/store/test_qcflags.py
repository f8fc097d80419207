"""QCFLAG in the store: with the table of bits that was in force, each table once."""

from __future__ import annotations

import pytest
from attrs import evolve

from phoenix.model.qc import Measurement
from phoenix.model.score import ScoreBit
from phoenix.store.qc1.wide import Choice

SATURATED = ScoreBit(0, "numsat", "NUM_SAT", None, 999.0, "few saturated pixels")
SKY = ScoreBit(1, "nsky", "NSKY", 1.0, None, "a fibre on the sky")
BITS = (SATURATED, SKY)
LATER = (evolve(SATURATED, high=10.0), SKY)


@pytest.fixture
def names(night):
    return [block.name for block in night]


def numbers(store):
    return {block.name: block.id for block in store.wide.blocks()}


def test_flags_read_back_are_the_same_by_element(store, names):
    store.qcflags.replace(names[0], [(0, "00"), (7, "10")], BITS)
    assert store.qcflags.of(names[0]) == ((0, "00"), (7, "10"))
    number = numbers(store)[names[0]]
    assert store.qcflags.by_element([number]) == {(number, 0): "00", (number, 7): "10"}


def test_a_table_of_bits_is_stored_once_however_it_is_ordered(store, names):
    store.qcflags.replace(names[0], [(0, "00")], BITS)
    store.qcflags.replace(names[1], [(0, "11")], reversed(BITS))
    assert list(store.qcflags.tables().values()) == [BITS]


def test_what_was_flagged_before_the_bits_changed_keeps_its_meaning(store, names):
    store.qcflags.replace(names[0], [(0, "00")], BITS)
    store.qcflags.replace(names[1], [(0, "00")], LATER)
    assert store.qcflags.meanings() == {names[0]: BITS, names[1]: LATER}


def test_a_flag_of_another_length_has_no_meaning(store, names):
    store.qcflags.replace(names[0], [(0, "001")], BITS)
    assert store.qcflags.meanings() == {}
    assert store.qcflags.of(names[0]) == ((0, "001"),)


def test_new_flags_replace_the_old_ones_and_none_removes_them(store, names):
    store.qcflags.replace(names[0], [(0, "00"), (7, "10")], BITS)
    store.qcflags.replace(names[0], [(0, "01")], BITS)
    assert store.qcflags.of(names[0]) == ((0, "01"),)
    store.qcflags.replace(names[0], [], [])
    assert store.qcflags.of(names[0]) == ()


def test_flags_are_counted_ab_by_ab(store, names):
    store.qcflags.replace(names[0], [(0, "00"), (1, "10"), (2, "10"), (3, "00")], BITS)
    number = numbers(store)[names[0]]
    counted = store.qcflags.counted([number], elements=True)
    assert {(row.flag, row.number) for row in counted} == {("10", 2), ("00", 1)}
    (whole,) = store.qcflags.counted([number], elements=False)
    assert (whole.flag, whole.number) == ("00", 1)


def test_values_are_chosen_by_a_bit_in_the_table_of_each(store, names):
    for name, bits in ((names[0], BITS), (names[1], LATER)):
        store.qcflags.replace(name, [(0, "10")], bits)
        store.qc1.replace(name, [Measurement("SNR", 5.0)])
    by_name = numbers(store)
    first, second = store.qcflags.tables()
    every = tuple(by_name.values())

    def found(*places):
        choice = Choice(every, ("SNR",), bits=(places,))
        return {row[0] for row in store.wide.values(choice)}

    assert found((first, 0)) == {by_name[names[0]]}
    assert found((first, 0), (second, 0)) == {by_name[names[0]], by_name[names[1]]}
    assert found((first, 1), (second, 1)) == set()
