"""Wavelengths of delivered spectra at epochs far apart: the pipeline's correction drifts away."""

from __future__ import annotations

import pytest
import uves_truth

from phoenix.model.dates import CivilDate

pytestmark = [pytest.mark.recipes, pytest.mark.slow]


@pytest.mark.parametrize("date", [CivilDate(2012, 8, 1), CivilDate(2025, 4, 1)], ids=str)
def test_velocities_are_those_of_the_stars(tmp_path, date):
    found = list(uves_truth.rows(*uves_truth.delivered(tmp_path, "580", date)))
    assert found
    for _, _, agreement, _ in found:
        assert abs(agreement.velocity) < 0.1
