"""Moved to :mod:`phoenix_uves.process`.

A module called like a hook (``processes``, ``simulate``) hides the hook from pluggy once it is
imported; the contract test refuses it. Import from ``phoenix_uves.process`` instead, and call the
simulator's package ``phoenix_uves.simulation`` as GIRAFFE's is.
"""

from phoenix_uves.process import *  # noqa: F403 - until nobody imports this name
