"""The words of an exposure."""

from __future__ import annotations

import pytest

from phoenix.model.dates import CivilDate
from phoenix.simulate.exposure import observing_period


@pytest.mark.parametrize(
    ("month", "period"),
    [(3, 104), (4, 105), (9, 105), (10, 106)],
    ids=["Mar", "Apr", "Sep", "Oct"],
)
def test_periods_begin_in_april_and_october(month, period):
    assert observing_period(CivilDate(2020, month, 1)) == period
