"""Panels of every instrument."""

from __future__ import annotations

import numpy as np
import pytest

from phoenix.model.qc import Measurement, QCParameter
from phoenix.toolkit.panels import by_element, edges, histogram, listing, picture, profile, thinned

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


def test_a_long_list_takes_a_row_of_its_own():
    qc = tuple(Measurement(f"P{n}", n) for n in range(30))
    declared = tuple(QCParameter(row.parameter, "", "a") for row in qc)
    assert listing(qc, declared).wide
    assert not listing(qc[:20], declared).wide


def test_a_picture_of_means_over_blocks_has_axes_in_pixels_of_the_frame():
    shown = picture("Bias", np.ones((8, 8)), (4, 2))
    assert shown.image.shape == (2, 4)
    assert (shown.x_label, shown.y_label) == ("column / px", "row / px")
    assert (shown.x_range, shown.y_range) == ((0.5, 8.5), (0.5, 8.5))


def test_the_edges_of_pixels_lie_half_a_pixel_beyond_their_middles():
    assert edges(np.array([500.0, 500.2, 500.4])) == pytest.approx((499.9, 500.5))
    assert edges(np.array([3.0])) == (3.0, 3.0)


def test_a_profile_counts_from_one_as_fits_does():
    (curve,) = profile("Cut", np.array([5.0, 6.0]), "row", "ADU").curves
    assert curve.x.tolist() == [1.0, 2.0]


@pytest.mark.parametrize("raws", [1, 3, 5])
def test_bins_hold_equally_many_steps_of_a_mean_of_integers(raws):
    noise = np.random.default_rng(2)
    frame = np.round(noise.normal(200.0, 4.0, (raws, 600, 600))).mean(axis=0)
    (bars,) = histogram("Levels", frame.astype(np.float32), "ADU").curves
    width = float(bars.x[1] - bars.x[0])
    assert width * raws == pytest.approx(round(width * raws), abs=1e-3)
    # A comb goes up and down from bin to bin; what is counted here rises once and falls once.
    turns = np.count_nonzero(np.diff(np.sign(np.diff(bars.y))))
    assert turns <= 2


def test_values_without_steps_have_twenty_bins():
    frame = np.random.default_rng(3).normal(0.0, 1.0, (400, 400))
    (bars,) = histogram("Levels", frame, "ADU").curves
    assert len(bars.x) == 20


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


def test_a_spectrum_with_few_points_stays_as_it_is():
    wave, values = np.arange(5.0), np.array([1.0, 2.0, 3.0, 4.0, 5.0])
    shorter, mean = thinned(wave, values, np.array([True, True, False, True, True]), 5)
    assert shorter.tolist() == wave.tolist()
    np.testing.assert_array_equal(mean, [1.0, 2.0, np.nan, 4.0, 5.0])


def test_means_over_blocks_are_of_good_points_alone():
    wave, values = np.arange(9.0), np.array([1.0, 3.0, 5.0, 7.0, 9.0, 9.0, 9.0, 9.0, 9.0])
    good = np.array([True, True, False, True, False, False, False, False, True])
    shorter, mean = thinned(wave, values, good, 4)
    assert shorter.tolist() == [0.5, 2.5, 4.5, 6.5]
    np.testing.assert_array_equal(mean, [2.0, 7.0, np.nan, np.nan])
