"""Detector and sky models, ESO headers and faults, shared by the simulated nights."""

from phoenix.simulate.detector import Cosmics, Detector, add_cosmics, draw_cosmics, read_out
from phoenix.simulate.exposure import Exposure, ObservationBlock, Template
from phoenix.simulate.fault import Fault, with_faults
from phoenix.simulate.night import SimulatedNight, SimulationOptions, night_rng, night_time

__all__ = [
    "Cosmics",
    "Detector",
    "Exposure",
    "Fault",
    "ObservationBlock",
    "SimulatedNight",
    "SimulationOptions",
    "Template",
    "add_cosmics",
    "draw_cosmics",
    "night_rng",
    "night_time",
    "read_out",
    "with_faults",
]
