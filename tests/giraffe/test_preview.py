"""Panels of the QC reports."""

from __future__ import annotations

import numpy as np
import pytest

from phoenix.model.panel import Listing, Map, Picture, Plot

pytestmark = pytest.mark.recipes


def panels(good, raw_type):
    one = next(one for one in good.blocks if one.ab.raw_type == raw_type)
    night = good.night
    return night.instrument.previews(night.process, one.ab, one.products, one.qc)


def titles(good, raw_type):
    return [panel.title for panel in panels(good, raw_type)]


@pytest.mark.parametrize("raw_type", ["BIAS", "DARK", "FIBER_FLAT", "ARC_SPECTRUM", "SCIENCE"])
def test_every_report_shows_an_image_or_a_plot_and_lists_its_qc_parameters(good, raw_type):
    *shown, last = panels(good, raw_type)
    assert any(isinstance(panel, Picture) for panel in shown)
    assert isinstance(last, Listing)
    assert last.rows[0][0] == "NUM_RAW"


@pytest.mark.parametrize("raw_type", ["BIAS", "DARK", "FIBER_FLAT", "ARC_SPECTRUM", "SCIENCE"])
def test_no_two_panels_of_a_report_have_the_same_title(good, raw_type):
    assert len(set(titles(good, raw_type))) == len(titles(good, raw_type))


@pytest.mark.parametrize("raw_type", ["BIAS", "DARK", "FIBER_FLAT", "ARC_SPECTRUM", "SCIENCE"])
def test_curves_have_as_many_x_as_y(good, raw_type):
    for panel in panels(good, raw_type):
        if isinstance(panel, Plot):
            assert panel.curves
            assert all(curve.x.shape == curve.y.shape for curve in panel.curves)


def test_science_shows_the_best_the_median_and_the_faintest_spectrum_with_errors(good):
    chosen = [p for p in panels(good, "SCIENCE") if p.title.startswith(("Best", "Med", "Faint"))]
    assert len(chosen) == 3
    levels = [np.median(panel.curves[0].y / panel.curves[0].error) for panel in chosen]
    assert levels == sorted(levels, reverse=True)


def test_snr_lies_below_the_square_root_law_and_near_it(good):
    plot = next(p for p in panels(good, "SCIENCE") if p.title.startswith("SNR against"))
    targets, law = plot.curves[0], plot.curves[-1]
    expected = np.interp(targets.x, law.x, law.y)
    assert np.all(targets.y <= expected * 1.01)
    assert np.median(targets.y / expected) > 0.8


def test_the_plate_shows_every_fibre_with_its_kind(good):
    plate = next(panel for panel in panels(good, "SCIENCE") if isinstance(panel, Map))
    assert set(plate.kinds) == {"target", "sky"}
    assert len(plate.kinds) == len(plate.x) == len(plate.value)


def test_units_stand_beside_the_values(good):
    listing = panels(good, "SCIENCE")[-1]
    assert dict(listing.rows)["DELTATEMP"] == "-0.3 K"
    assert dict(listing.rows)["SIMCAL_SHIFT"] == "not measured"
