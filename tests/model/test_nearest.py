"""A name that there is not: the nearest is told, else all."""

from __future__ import annotations

import pytest

from phoenix.model.nearest import meant


@pytest.mark.parametrize(
    ("name", "known", "told"),
    [
        ("giscence", ["gimasterbias", "giscience"], "did you mean giscience?"),
        ("x", ["BIAS", "DARK"], "expected one of BIAS, DARK"),
        ("x", [], "expected none"),
    ],
)
def test_the_nearest_is_told_and_all_where_none_is_near(name, known, told):
    assert meant(name, known) == told
