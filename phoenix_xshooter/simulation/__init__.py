"""A simulated X-shooter night with known truth, made for the true recipes.

What light does here is invented where no source stands beside a number: enough like the instrument
that the recipes accept it, and known exactly.
"""

from phoenix_xshooter.simulation.faults import FAULTS
from phoenix_xshooter.simulation.night import simulate_night

__all__ = ["FAULTS", "simulate_night"]
