"""What the contract looks at in the module of a plugin."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phoenix.errors import PluginError
from phoenix.hookspecs.answer import answer_of
from phoenix.instrument import load_instrument

if TYPE_CHECKING:
    from phoenix.instrument import Instrument

__all__ = ["NO_SIMULATOR", "has_simulator", "hooks_of", "unanswered", "why_not_loaded"]

NO_SIMULATOR = (
    "the plugin has no hook simulate, so that the facts about nights cannot be looked at; see "
    "`phoenix.simulate`, and the simulators of other plugins"
)


def why_not_loaded(name: str) -> str:
    """Return why a plugin cannot be loaded or offers no process; empty if it can."""
    try:
        load_instrument(name).processes()
    except PluginError as error:
        return str(error)
    return ""


def hooks_of(instrument: Instrument) -> tuple[str, ...]:
    """Return the names of the hooks that the plugin has."""
    manager = instrument.manager
    callers = manager.get_hookcallers(manager.get_plugin(instrument.name)) or []
    return tuple(call.name for call in callers)


def unanswered(instrument: Instrument) -> list[str]:
    """Return which hooks are answered by nothing, or by what they cannot ask, and why."""
    plugin = instrument.manager.get_plugin(instrument.name)
    told = []
    for name in hooks_of(instrument):
        try:
            answer_of(getattr(plugin, name))
        except PluginError as error:
            told.append(f"{name}: {error}")
    return told


def has_simulator(instrument: Instrument) -> bool:
    """Whether the plugin simulates nights."""
    return hasattr(instrument.manager.get_plugin(instrument.name), "simulate")
