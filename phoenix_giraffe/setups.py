"""The setups of GIRAFFE: nominal resolving power, and what every spectrum of one has in common."""

from __future__ import annotations

__all__ = ["FIBRE_DIAMETER", "RESOLVING_POWER", "slit_code"]

FIBRE_DIAMETER = 1.2 / 3600.0
"""Of a Medusa fibre on the sky in degrees (FLAMES user manual, 2.3)."""

RESOLVING_POWER = {
    "H379.0": 25000.0,
    "H395.8": 22000.0,
    "H412.4": 30000.0,
    "H429.7": 23000.0,
    "H447.1": 20000.0,
    "H447.1A": 20000.0,
    "H447.1B": 31000.0,
    "H465.6": 23000.0,
    "H484.5": 19000.0,
    "H484.5A": 19000.0,
    "H484.5B": 33000.0,
    "H504.8": 22000.0,
    "H525.8": 17000.0,
    "H525.8A": 17000.0,
    "H525.8B": 29000.0,
    "H548.8": 20000.0,
    "H572.8": 27000.0,
    "H599.3": 18000.0,
    "H627.3": 24000.0,
    "H651.5": 17000.0,
    "H651.5A": 17000.0,
    "H651.5B": 35000.0,
    "H665.0": 17000.0,
    "H679.7": 19000.0,
    "H710.5": 25000.0,
    "H737.0": 16000.0,
    "H737.0A": 16000.0,
    "H737.0B": 35000.0,
    "H769.1": 19000.0,
    "H805.3": 14000.0,
    "H805.3A": 14000.0,
    "H805.3B": 25000.0,
    "H836.6": 16000.0,
    "H836.6A": 16000.0,
    "H836.6B": 34000.0,
    "H875.7": 18000.0,
    "H920.5": 12000.0,
    "H920.5A": 12000.0,
    "H920.5B": 24000.0,
    "L385.7": 7500.0,
    "L427.2": 6300.0,
    "L479.7": 7500.0,
    "L543.1": 5800.0,
    "L614.2": 6600.0,
    "L682.2": 8100.0,
    "L773.4": 5400.0,
    "L881.7": 6600.0,
}
"""INS EXP MODE to the nominal resolving power of Medusa, as giscience 2.16.10 knows them."""


def slit_code(slit_name: str) -> str:
    """Shorten INS SLIT NAME for file names: ``Medusa1`` is ``Med1``."""
    return slit_name[:3] + slit_name.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
