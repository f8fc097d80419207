"""Functions of a plugin that only look like hooks."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pluggy

__all__ = ["unmarked_hooks"]

# Attribute that pluggy's marker of this project gives a function.
_MARK = "phoenix_impl"


def unmarked_hooks(manager: pluggy.PluginManager, plugin: object) -> tuple[str, ...]:
    """Return functions that are named like a hook and have no ``@hookimpl``: nobody calls them."""
    names = sorted(set(vars(manager.hook)) & set(dir(plugin)))
    found = ((name, getattr(plugin, name)) for name in names)
    return tuple(name for name, one in found if callable(one) and not hasattr(one, _MARK))
