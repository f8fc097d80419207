"""Conditions of exposures."""

from __future__ import annotations

import pytest

from phoenix.model.qc import Measurement
from phoenix.toolkit.conditions import difference, first_number, inherited, measure_sky, middle


def test_the_middle_of_exposures_is_that_of_first_begin_and_last_end():
    headers = [{"MJD-OBS": 1.0, "EXPTIME": 864.0}, {"MJD-OBS": 1.5, "EXPTIME": 8640.0}]
    assert middle(headers) == pytest.approx(1.3)


def test_exposures_without_times_have_no_middle():
    assert middle([{"MJD-OBS": 1.0}]) is None
    assert middle([]) is None


def test_a_difference_at_the_limit_stands_on_it():
    assert difference(12.3, 13.8) == -1.5
    assert difference(None, 1.0) is None


def test_the_first_header_says_it():
    assert first_number([{"T": 1.0}, {"T": 2.0}], "T") == 1.0
    assert first_number([], "T") is None


def test_airmass_and_seeing_are_means_of_begin_and_end():
    header = {"ESO TEL AIRM START": 1.0, "ESO TEL AIRM END": 1.2, "ESO TEL AMBI FWHM START": -1.0}
    found = {row.parameter: row.value for row in measure_sky([header])}
    assert found == {"AIRMASS": pytest.approx(1.1), "SEEING": None}


def test_a_value_of_the_parents_is_that_of_a_whole_ab():
    parents = {
        "a.ab": (Measurement("POWER", None), Measurement("POWER", 1.0, 3)),
        "b.ab": (Measurement("POWER", 2.0),),
    }
    assert inherited(parents, "POWER") == 2.0
    assert inherited(parents, "OTHER") is None
