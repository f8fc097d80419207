"""Hooks that are answered by another module of the plugin, imported when first asked.

So a plugin's ``__init__`` is a table of contents, and loading it loads no numpy: `phoenix --help`,
and a worker that only runs recipes, need neither measurements nor the simulator.
"""

from __future__ import annotations

from functools import cache, wraps
from importlib import import_module
from inspect import signature
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from phoenix.errors import PluginError
from phoenix.hookspecs.marker import hookimpl

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["answer_of", "answered_by"]

_P = ParamSpec("_P")
_R = TypeVar("_R")

# Where an implementation keeps what finds its answer.
_FINDER = "answer"


def answered_by(hook: Callable[_P, _R], place: str) -> Callable[_P, _R]:
    """Implement a hook by what another module has.

    Parameters
    ----------
    hook : callable
        One of :mod:`phoenix.hookspecs`.
    place : str
        Module and name, as entry points are written. A function is called with those arguments of
        the hook that it takes, by their names; what is no function is the answer itself: rows.

    Returns
    -------
    callable
        The implementation, marked as such.

    Raises
    ------
    PluginError
        When it is called: if there is no such module or name, or the function takes an argument
        that the hook does not give.

    Examples
    --------
    >>> qc_parameters = answered_by(hookspecs.qc_parameters, "phoenix_toy.quality:PARAMETERS")
    >>> previews = answered_by(hookspecs.previews, "phoenix_toy.report:panels")
    """
    given = tuple(signature(hook).parameters)

    @cache
    def found() -> tuple[Any, tuple[str, ...]]:
        answer = _found(place)
        return answer, _wanted(answer, place, given) if callable(answer) else ()

    @wraps(hook)
    def implementation(*args: _P.args, **kwargs: _P.kwargs) -> Any:  # noqa: ANN401 - that of the hook, checked where it is called
        answer, wanted = found()
        if not callable(answer):
            return answer
        told = dict(zip(given, args, strict=False)) | kwargs
        return answer(**{name: told[name] for name in wanted})

    vars(implementation)[_FINDER] = found
    return hookimpl(implementation)


def answer_of(implementation: object) -> object:
    """Return what answers a hook: what :func:`answered_by` names, else the function itself.

    Raises
    ------
    PluginError
        As :func:`answered_by`.
    """
    finder = getattr(implementation, _FINDER, None)
    return implementation if finder is None else finder()[0]


def _found(place: str) -> Any:  # noqa: ANN401 - rows or a function
    module, _, name = place.partition(":")
    try:
        return getattr(import_module(module), name)
    except (ImportError, AttributeError) as error:
        raise PluginError(f"found no {place} ({error}), expected what answers the hook") from error


def _wanted(
    function: Callable[..., object], place: str, given: tuple[str, ...]
) -> tuple[str, ...]:
    wanted = tuple(signature(function).parameters)
    strangers = [name for name in wanted if name not in given]
    if strangers:
        raise PluginError(
            f"{place}: takes {', '.join(strangers)}, expected some of {', '.join(given)}: what "
            "the hook gives"
        )
    return wanted
