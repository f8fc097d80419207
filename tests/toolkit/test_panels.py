"""Panels of every instrument."""

from __future__ import annotations

import numpy as np

from phoenix.model.qc import Measurement, QCParameter
from phoenix.toolkit.panels import by_element, histogram, listing, picture, profile

DECLARED = (QCParameter("SNR", "", "a"), QCParameter("LEVEL", "adu", "b"))


def test_the_list_has_declared_values_of_the_whole_ab_with_their_units():
    qc = (
        Measurement("SNR", 38.123456),
        Measurement("SNR", 41.0, 3),
        Measurement("LEVEL", None),
        Measurement("LEVEL", 12),
        Measurement("OTHER", 1.0),
    )
    assert listing(qc, DECLARED).rows == (
        ("SNR", "38.123"),
        ("LEVEL", "not measured"),
        ("LEVEL", "12 adu"),
    )


def test_a_picture_says_how_many_pixels_are_one_of_its_own():
    shown = picture("Bias", np.ones((8, 8)), (4, 2))
    assert shown.image.shape == (2, 4)
    assert (shown.x_label, shown.y_label) == ("column / 2 px", "row / 4 px")


def test_a_profile_counts_from_zero():
    (curve,) = profile("Cut", np.array([5.0, 6.0]), "row", "ADU").curves
    assert curve.x.tolist() == [0.0, 1.0]


def test_a_histogram_counts_every_pixel_that_is_not_wild():
    frame = np.random.default_rng(1).normal(100.0, 3.0, (400, 400))
    frame[0, 0] = 1e6
    (bars,) = histogram("Levels", frame, "ADU").curves
    assert bars.y.sum() >= 0.98 * 100 * 100
    assert bars.x.max() < 120.0


def test_a_flat_frame_has_a_histogram_too():
    (bars,) = histogram("Levels", np.ones((8, 8)), "ADU").curves
    assert bars.y.sum() == 4


def test_values_of_elements_rise_with_the_element():
    qc = (Measurement("SNR", 1.0, 9), Measurement("SNR", 2.0, 3), Measurement("SNR", 5.0))
    elements, values = by_element(qc, "SNR")
    assert elements.tolist() == [3.0, 9.0]
    assert values.tolist() == [2.0, 1.0]
    assert by_element(qc, "OTHER")[0].size == 0
