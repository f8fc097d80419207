from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from phoenix.model.recipe import Spent
from phoenix.model.report import JobState
from phoenix.toolkit.memory import learned_memory_mb, memory_per_file_mb


def took(peak, files=0):
    return Spent("AB", "combine", "", "", "process", JobState.SUCCESSFUL, 1.0, 1.0, peak, files)


def test_of_no_history_nothing_is_learned():
    assert (learned_memory_mb((), 5), memory_per_file_mb(())) == (0.0, 0.0)


def test_as_many_files_take_what_they_took():
    assert learned_memory_mb([took(900, 4), took(800, 4)], 4) == 900


def test_two_numbers_of_files_give_the_constant_and_the_share_of_each():
    history = [took(700, 2), took(1700, 7)]
    assert memory_per_file_mb(history) == pytest.approx(200)
    assert learned_memory_mb(history, 10) == pytest.approx(2300)
    assert learned_memory_mb(history, 5) == pytest.approx(1300)


def test_of_one_number_of_files_all_is_shared_among_them():
    assert memory_per_file_mb([took(900, 3)]) == 300
    assert learned_memory_mb([took(900, 3)], 6) == 1800


def test_where_the_number_was_not_kept_the_largest_counts():
    assert learned_memory_mb([took(900), took(300)], 6) == 900


@given(
    st.lists(st.tuples(st.floats(1, 1e5), st.integers(0, 50)), min_size=1, max_size=20),
    st.integers(0, 100),
)
def test_it_is_never_less_than_what_fewer_files_took(rows, files):
    history = [took(*row) for row in rows]
    fewer = [peak for peak, number in rows if number <= files]
    assert learned_memory_mb(history, files) >= max(fewer, default=0.0)
    assert learned_memory_mb(history, files + 1) >= max(fewer, default=0.0)
