"""What every truth table says."""

from __future__ import annotations

import numpy as np

from phoenix.simulate.detector import Cosmics
from phoenix.simulate.night import SimulationOptions
from phoenix.simulate.truthfile import cosmics_columns, truth_cards


def test_the_truth_names_its_frame_seed_and_faults_and_what_was_put_in(exposure):
    options = SimulationOptions(seed=3, faults=("dark_arc",))
    cards = truth_cards(exposure, options, [("SIM SEEING", 0.8, "FWHM (arcsec)")])
    assert {card.keyword: card.value for card in cards} == {
        "ARCFILE": "GIRAF.2020-01-02T03:04:05.678.fits",
        "EXPTIME": 1800.0,
        "ESO SIM SEED": 3,
        "ESO SIM FAULTS": "dark_arc",
        "ESO SIM SEEING": 0.8,
    }


def test_every_cosmic_ray_has_a_place_and_a_charge():
    rays = Cosmics(np.array([1], np.int32), np.array([2], np.int32), np.array([300.0], np.float32))
    names = {name: values[0] for name, _, values, _ in cosmics_columns(rays)}
    assert names == {"COLUMN": 1, "ROW": 2, "ELECTRONS": 300.0}
