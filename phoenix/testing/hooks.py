"""What the contract looks at in the module of a plugin: hooks, and what only looks like one."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from phoenix.instrument import Instrument

__all__ = ["NO_SIMULATOR", "has_simulator", "unmarked_hooks"]

# Attribute that pluggy's marker of this project gives a function.
_MARK = "phoenix_impl"

NO_SIMULATOR = (
    "the plugin has no hook simulate, so that the facts about nights cannot be looked at; see "
    "`phoenix.simulate`, and the simulators of other plugins"
)


def unmarked_hooks(instrument: Instrument) -> list[str]:
    """Return functions that are named like a hook and have no ``@hookimpl``: nobody calls them."""
    plugin = instrument.manager.get_plugin(instrument.name)
    names = sorted(set(vars(instrument.manager.hook)) & set(dir(plugin)))
    found = ((name, getattr(plugin, name)) for name in names)
    return [name for name, one in found if callable(one) and not hasattr(one, _MARK)]


def has_simulator(instrument: Instrument) -> bool:
    """Whether the plugin simulates nights."""
    return hasattr(instrument.manager.get_plugin(instrument.name), "simulate")
