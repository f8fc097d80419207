"""Static calibration tables."""

from __future__ import annotations

from phoenix.simulate.static import static_cards, static_path


def test_a_static_table_says_whose_it_is_and_since_when():
    rows = [("INS MODE", "MED", "Mode.")]
    cards = {card.keyword: card.value for card in static_cards("X", "LINES", "2003-04-01", rows)}
    assert cards == {
        "ORIGIN": "ESO",
        "INSTRUME": "X",
        "MJD-OBS": 52730.0,
        "ESO PRO CATG": "LINES",
        "ESO INS MODE": "MED",
    }


def test_in_an_ab_its_path_is_symbolic():
    assert static_path("GI_GLIN.fits") == "${DFO_CAL_DIR}/gen/GI_GLIN.fits"
