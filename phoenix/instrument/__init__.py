"""Instruments: their plugins loaded, and asked by typed methods."""

from phoenix.instrument.hooks import Instrument
from phoenix.instrument.load import ENTRY_POINTS, from_module, installed, load_instrument

__all__ = ["ENTRY_POINTS", "Instrument", "from_module", "installed", "load_instrument"]
