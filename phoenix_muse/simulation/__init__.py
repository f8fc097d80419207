"""A simulated MUSE night with known truth, made for the true recipes.

What light does here is invented where no source stands beside a number: enough like the instrument
that the recipes accept it, and known exactly.
"""

from phoenix_muse.simulation.faults import FAULTS
from phoenix_muse.simulation.night import simulate_night

__all__ = ["FAULTS", "simulate_night"]
