"""A simulated GIRAFFE night with known truth, made for the true recipes.

What light does here is invented where no source stands beside a number: enough like the instrument
that the recipes accept it, and known exactly.
"""

from phoenix_giraffe.simulation.faults import FAULTS
from phoenix_giraffe.simulation.night import simulate_night
from phoenix_giraffe.simulation.truth import Comparison, compare_with_truth

__all__ = ["FAULTS", "Comparison", "compare_with_truth", "simulate_night"]
