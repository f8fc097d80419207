from __future__ import annotations

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from phoenix.errors import CascadeError, DataError
from phoenix.model.ab import AssociationBlock
from phoenix.model.cascade import Cascade, sort_out
from phoenix.model.frames import RawFrame


def name(number: int) -> str:
    return f"GIRAF.2020-01-02T00:{number // 60:02d}:{number % 60:02d}.000.ab"


def block(number: int, *parents: int) -> AssociationBlock:
    return AssociationBlock(
        name(number),
        "giscience",
        (RawFrame("x.fits", "SCIENCE"),),
        waits_for=tuple(name(parent) for parent in parents),
        mjd_obs=58850 + number,
    )


@st.composite
def acyclic(draw):
    size = draw(st.integers(1, 12))
    edges = [draw(st.sets(st.integers(0, i - 1))) if i else set() for i in range(size)]
    blocks = [block(i, *edges[i]) for i in range(size)]
    return draw(st.permutations(blocks))


@given(acyclic())
def test_every_ab_comes_after_its_parents(blocks):
    seen: set[str] = set()
    for ab in Cascade(blocks):
        assert set(ab.waits_for) <= seen
        seen.add(str(ab.name))


@given(acyclic(), st.randoms())
def test_the_order_does_not_depend_on_the_order_given(blocks, random):
    shuffled = list(blocks)
    random.shuffle(shuffled)
    assert Cascade(blocks) == Cascade(shuffled)


@given(acyclic())
def test_descendants_are_the_children_of_children(blocks):
    cascade = Cascade(blocks)
    for ab in cascade:
        found = set(cascade.children(str(ab.name)))
        for child in tuple(found):
            found.update(cascade.descendants(child))
        assert set(cascade.descendants(str(ab.name))) == found


def test_equal_names_are_refused():
    with pytest.raises(CascadeError, match="equal names"):
        Cascade([block(1), block(1)])


def test_a_ring_is_refused_by_name():
    with pytest.raises(CascadeError, match="waits in a ring"):
        Cascade([block(1, 2), block(2, 1)])


def test_a_missing_parent_is_refused_by_name():
    with pytest.raises(CascadeError, match=r"waits for .*which is not in the cascade"):
        Cascade([block(1, 9)])


def test_an_ab_cannot_wait_for_itself():
    with pytest.raises(DataError, match="waits for itself"):
        block(1, 1)


def test_a_night_goes_on_without_the_abs_that_cannot_run():
    runnable, refused = sort_out(
        [block(1), block(2, 1), block(3, 9), block(4, 3), block(5, 6), block(6, 5)]
    )
    assert [str(ab.name) for ab in runnable] == [name(1), name(2)]
    assert refused.keys() == {name(3), name(4), name(5), name(6)}


def test_a_child_of_an_orphan_says_which_parent_cannot_run():
    _, refused = sort_out([block(3, 9), block(4, 3)])
    assert refused[name(4)] == f"waits for {name(3)}, which cannot run"


def test_one_ab_takes_its_parents_along():
    cascade = Cascade([block(1), block(2, 1), block(3, 2), block(4)])
    assert [str(ab.name) for ab in cascade.with_parents([name(3)])] == [name(1), name(2), name(3)]


@given(acyclic())
def test_a_cascade_travels_to_a_worker(blocks):
    cascade = Cascade(blocks)
    assert pickle.loads(pickle.dumps(cascade)) == cascade
