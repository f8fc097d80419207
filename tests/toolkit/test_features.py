"""The table of spectral features."""

from __future__ import annotations

import pytest

from phoenix.errors import DataError
from phoenix.toolkit.features import FEATURES, features


def test_features_come_in_the_order_in_which_they_are_asked_for():
    assert [row.wavelength for row in features("H alpha", "H beta")] == [656.28, 486.13]


def test_an_unknown_feature_is_named():
    with pytest.raises(DataError, match="found no 'H omega'"):
        features("H omega")


def test_the_table_rises_in_wavelength_and_names_each_feature_once():
    wavelengths = [row.wavelength for row in FEATURES]
    assert wavelengths == sorted(wavelengths)
    assert len({row.name for row in FEATURES}) == len(FEATURES)
