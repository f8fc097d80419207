"""Instrument plugins, found by their entry points and loaded.

Only the instrument's name travels to workers; :func:`load_instrument` builds the plugin manager
once in each process.
"""

from __future__ import annotations

from functools import cache
from importlib.metadata import entry_points
from traceback import extract_tb
from typing import TYPE_CHECKING

import pluggy

from phoenix import defaults, hookspecs
from phoenix.errors import PluginError, UnknownInstrumentError
from phoenix.hookspecs.unmarked import unmarked_hooks
from phoenix.instrument.hooks import Instrument

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import ModuleType

__all__ = ["ENTRY_POINTS", "from_module", "installed", "load_instrument"]

ENTRY_POINTS = "phoenix.instruments"


@cache
def installed() -> Mapping[str, str]:
    """Return the names of the installed instruments and the distribution each comes from."""
    # Asked for several times in a call, and looking through all packages takes milliseconds.
    return {
        point.name: f"{point.dist.name} {point.dist.version}" if point.dist else point.value
        for point in sorted(entry_points(group=ENTRY_POINTS), key=lambda point: point.name)
    }


@cache
def load_instrument(name: str) -> Instrument:
    """Load one instrument by the name of its entry point.

    Raises
    ------
    UnknownInstrumentError
        If no such plugin is installed.
    PluginError
        If the plugin cannot be imported, or has a hook that does not exist.
    """
    points = [point for point in entry_points(group=ENTRY_POINTS) if point.name == name]
    if not points:
        raise UnknownInstrumentError(
            f"no plugin for instrument {name!r}; installed: {', '.join(installed()) or 'none'}; "
            "install its package, or begin a plugin with `phoenix plugins new`"
        )
    try:
        module = points[0].load()
    except Exception as error:  # the plugin's own code runs here
        raise PluginError(f"plugin {name!r} cannot be imported: {_place(error)}") from error
    return from_module(name, module)


def _place(error: Exception) -> str:
    """Say what went wrong in a plugin's code, and in which line."""
    told = f"{type(error).__name__}: {error}"
    if isinstance(error, SyntaxError):
        return f"{told} in {error.filename}" if error.filename else told
    *_, last = extract_tb(error.__traceback__)
    return f"{told} in {last.filename}, line {last.lineno}"


def from_module(name: str, module: ModuleType | object) -> Instrument:
    """Make an instrument of a plugin module, as a test does with a small class.

    Raises
    ------
    PluginError
        If it has a hook that does not exist or takes an argument that the hook does not give, or
        a function with the name of a hook is not marked as one.
    """
    manager = pluggy.PluginManager("phoenix")
    manager.add_hookspecs(hookspecs)
    manager.register(defaults, "defaults")
    try:
        manager.register(module, name)
        manager.check_pending()
    except pluggy.PluginValidationError as error:
        raise PluginError(
            f"plugin {name!r}: {error}; compare with docs/reference/hooks.md"
        ) from error
    unmarked = unmarked_hooks(manager, module)
    if unmarked:
        raise PluginError(
            f"plugin {name!r}: found {', '.join(unmarked)} without @hookimpl, expected it at every"
            " function with the name of a hook, or nobody calls it; mark it (from phoenix import"
            " hookimpl), or call it otherwise"
        )
    return Instrument(name, manager)
