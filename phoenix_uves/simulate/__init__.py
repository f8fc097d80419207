"""A simulated UVES night with known truth, made for the true recipes."""

from phoenix_uves.simulate.faults import FAULTS
from phoenix_uves.simulate.night import simulate_night
from phoenix_uves.simulate.truth import Comparison, compare_spectrum, compare_with_truth

__all__ = ["FAULTS", "Comparison", "compare_spectrum", "compare_with_truth", "simulate_night"]
