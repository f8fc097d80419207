"""A simulated GIRAFFE night with known truth, made for the true recipes."""

from phoenix_giraffe.simulate.faults import FAULTS
from phoenix_giraffe.simulate.night import simulate_night
from phoenix_giraffe.simulate.truth import Comparison, compare_with_truth

__all__ = ["FAULTS", "Comparison", "compare_with_truth", "simulate_night"]
