"""The one place where hooks are called: what they return is checked, who raises is named."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import field, frozen

from phoenix.errors import PhoenixError, PluginError

if TYPE_CHECKING:
    import pluggy

    from phoenix.model.ab import AssociationBlock

__all__ = ["Caller"]

_T = TypeVar("_T")


@frozen
class Caller:
    """The hooks of one plugin and the defaults.

    Attributes
    ----------
    name : str
        Of the plugin.
    manager : PluginManager
        In which it is registered.
    """

    name: str
    manager: pluggy.PluginManager = field(repr=False, eq=False)

    def _all(
        self,
        hook: str,
        kind: type[_T] | tuple[type[Any], ...],
        ab: AssociationBlock | None = None,
        **arguments: object,
    ) -> tuple[_T, ...]:
        answers = self._ask(hook, ab, **arguments)
        rows = [row for answer in answers if answer is not None for row in answer]
        return self._checked(hook, kind, rows, ab)

    def _one(
        self, hook: str, kind: type[_T], ab: AssociationBlock | None = None, **arguments: object
    ) -> _T | None:
        answer = self._ask(hook, ab, **arguments)
        if answer is None:
            return None
        return self._checked(hook, kind, (answer,), ab)[0]

    def _checked(
        self,
        hook: str,
        kind: type[_T] | tuple[type[Any], ...],
        rows: Iterable[Any],
        ab: AssociationBlock | None = None,
    ) -> tuple[_T, ...]:
        checked = tuple(rows)
        for row in checked:
            if not isinstance(row, kind):
                wanted = kind if isinstance(kind, tuple) else (kind,)
                names = " or ".join(one.__name__ for one in wanted)
                raise PluginError(f"{self._blame(hook, ab)}: returned {row!r}, expected {names}")
        return checked

    def _ask(self, hook: str, ab: AssociationBlock | None = None, **arguments: object) -> Any:  # noqa: ANN401 - each hook has its own type, checked by the callers
        if ab is not None:
            arguments["ab"] = ab
        try:
            answer = getattr(self.manager.hook, hook)(**arguments)
            # A hook may be a generator; its code runs here, under our blame.
            return _unrolled(answer)
        except Exception as error:  # the plugin's own code runs here: add its name
            raise PluginError(f"{self._blame(hook, ab)}: {_story(error)}") from error

    def _blame(self, hook: str, ab: AssociationBlock | None = None) -> str:
        return f"plugin {self.name!r}, hook {hook}" + (f", AB {ab.name}" if ab else "")


def _unrolled(answer: Any) -> Any:  # noqa: ANN401 - each hook has its own type
    if isinstance(answer, list):  # of a hook that adds answers up
        return [_unrolled(one) if isinstance(one, Iterator) else one for one in answer]
    return list(answer) if isinstance(answer, Iterator) else answer


def _story(error: Exception) -> str:
    return str(error) if isinstance(error, PhoenixError) else repr(error)
