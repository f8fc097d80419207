"""The marks of specified and of implemented hooks."""

from __future__ import annotations

import pluggy

__all__ = ["hookimpl", "hookspec"]

hookspec = pluggy.HookspecMarker("phoenix")
hookimpl = pluggy.HookimplMarker("phoenix")
