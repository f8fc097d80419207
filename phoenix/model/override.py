"""Thresholds that a person sets in place of those of the plugin: ``[scores.SNR] low = 5``."""

from __future__ import annotations

import math
from contextlib import contextmanager
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, Final

from attrs import evolve, fields, frozen

from phoenix.errors import DataError
from phoenix.model.plain import one_line, shortened
from phoenix.model.threshold import DynamicRule, ScoreRule

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

    Rule = ScoreRule | DynamicRule

__all__ = ["NO_LIMIT", "Override", "overrides_in", "with_overrides"]

NO_LIMIT: Final = "none"
"""Takes a limit away."""

EACH: Final = "each"
"""Every element of the product, one by one."""

_OFF: Final = "off"
_LONGEST_COMMENT = 200  # characters; it stands on pages (ours)
_FIXED = frozenset({"low", "high"})
_DYNAMIC = frozenset({"nsigma", "least_width", "least_history", "window_days"})
_SHARED = frozenset({"comment", "element", "spare"})


_MOST = 2**31  # of whole numbers: a database takes no more


def _is_number(value: object) -> bool:
    """Whether it is a number that a double can be."""
    if type(value) is int:
        return abs(value) < 2**53
    return type(value) is float and math.isfinite(value)


def _is_whole(least: int, most: int = _MOST - 1) -> Callable[[Any], bool]:
    return lambda value: type(value) is int and least <= value <= most


@frozen
class _Setting:
    """One setting of a threshold: what is good, how that is called, and what it means."""

    is_good: Callable[[Any], bool]
    expected: str
    meant: Callable[[Any], Any] = lambda value: value


_LIMIT = _Setting(
    lambda value: _is_number(value) or value == NO_LIMIT,
    f'a number, or "{NO_LIMIT}"',
    lambda value: None if value == NO_LIMIT else float(value),
)
_SETTINGS: Mapping[str, _Setting] = {
    "low": _LIMIT,
    "high": _LIMIT,
    "nsigma": _Setting(lambda value: _is_number(value) and value > 0, "a number above 0"),
    "least_width": _Setting(lambda value: _is_number(value) and value >= 0, "a number from 0"),
    "least_history": _Setting(_is_whole(1), "a whole number from 1"),
    "window_days": _Setting(_is_whole(0, 36_500), "a whole number from 0 to 36500"),
    "element": _Setting(
        lambda value: value == EACH or _is_whole(0)(value),
        f'a whole number from 0, or "{EACH}"',
        lambda value: None if value == EACH else value,
    ),
    "spare": _Setting(lambda value: _is_number(value) and value >= 0, "a number from 0"),
    "comment": _Setting(
        lambda value: isinstance(value, str),
        "a text",
        lambda value: shortened(one_line(value), _LONGEST_COMMENT),
    ),
    _OFF: _Setting(lambda value: isinstance(value, bool), "true or false"),
}


@frozen
class Override:
    """What is said of the thresholds of one parameter.

    Attributes
    ----------
    parameter : str
        QC parameter.
    raw_type : str
        The raw type it holds for; empty for all.
    changes : tuple of (str, object)
        Attributes of the rules, with their values.
    off : bool
        The parameter is not scored.
    """

    parameter: str
    raw_type: str
    changes: tuple[tuple[str, Any], ...]
    off: bool = False


# ---- reading -----------------------------------------------------------------------------------


def overrides_in(table: Mapping[str, Any]) -> tuple[Override, ...]:
    """Return what a table says: parameter to its settings, or to a table for each raw type.

    Raises
    ------
    DataError
        For what is no setting of a threshold: where, found, expected.
    """
    return tuple(one for name, inner in table.items() for one in _of_parameter(name, inner))


def _of_parameter(name: str, table: object) -> Iterator[Override]:
    if not isinstance(table, dict):
        raise DataError(f"scores.{name}: found {table!r}, expected the table [scores.{name}]")
    own = {key: value for key, value in table.items() if not isinstance(value, dict)}
    if own:
        yield _override(name, "", own)
    for raw_type, inner in table.items():
        if isinstance(inner, dict):
            yield _override(name, raw_type, inner)


def _override(name: str, raw_type: str, table: Mapping[str, Any]) -> Override:
    where = f"scores.{name}" + (f".{raw_type}" if raw_type else "")
    changes = {key: _value(f"{where}.{key}", key, value) for key, value in table.items()}
    off = bool(changes.pop(_OFF, False))
    if off and changes:
        raise DataError(f"{where}: found off = true and other settings, expected one or the other")
    _refuse_crossed(where, changes)
    return Override(name, raw_type, tuple(changes.items()), off)


def _refuse_crossed(where: str, changes: Mapping[str, Any]) -> None:
    low, high = changes.get("low"), changes.get("high")
    if low is not None and high is not None and low > high:
        raise DataError(f"{where}: found low {low:g} above high {high:g}, expected it below")


def _value(where: str, key: str, value: object) -> Any:  # noqa: ANN401 - attributes of a rule
    setting = _SETTINGS.get(key)
    if setting is None:
        near = get_close_matches(key, _SETTINGS, 1)
        expected = near[0] if near else f"one of {', '.join(sorted(_SETTINGS))}"
        raise DataError(f"{where}: found an unknown setting, expected {expected}")
    if not setting.is_good(value):
        raise DataError(f"{where}: found {value!r}, expected {setting.expected}")
    return setting.meant(value)


# ---- applying ----------------------------------------------------------------------------------


def with_overrides(
    rules: Iterable[Rule],
    overrides: Iterable[Override],
    raw_types: Collection[str],
    source: str,
    parameters: Mapping[str, tuple[str, ...]],
    version: str = "",
) -> tuple[Rule, ...]:
    """Return the rules with what a person set in place of what the plugin says.

    Parameters
    ----------
    rules : iterable of ScoreRule and DynamicRule
        The plugin's.
    overrides : iterable of Override
        In the order of the file.
    raw_types : collection of str
        Those of the process.
    source : str
        Where the overrides stand.
    parameters : mapping of str to tuple of str
        Declared parameters and the raw types that they are measured for, empty for all.
    version : str, optional
        Of that place; scores remember both.

    Raises
    ------
    DataError
        For a parameter or a raw type that there is none of, whose nearest is named; and for
        limits that contradict each other, or are none.
    """
    now = tuple(rules)
    known = {rule.parameter for rule in now} | {*parameters}
    for one in overrides:
        where = f"{source}: scores.{shortened(one_line(one.parameter), 80)}"
        _refuse_unknown(where, "QC parameter", one.parameter, known)
        if one.raw_type:
            _refuse_unknown(where, "raw type", one.raw_type, raw_types)
        changed = tuple(_changed(now, one, raw_types, source, parameters.get(one.parameter, ())))
        now = tuple(
            evolve(rule, source=f"{source} {version}".strip()) if rule.source == source else rule
            for rule in changed
        )
    return now


def _refuse_unknown(where: str, what: str, name: str, known: Collection[str]) -> None:
    if name not in known:
        near = get_close_matches(name, sorted(known), 1)
        expected = near[0] if near else f"one of {', '.join(sorted(known))}"
        told = shortened(one_line(name), 80)
        raise DataError(f"{where}: found no {what} {told}, expected {expected}")


def _changed(
    rules: Iterable[Rule],
    override: Override,
    raw_types: Collection[str],
    source: str,
    measured_for: tuple[str, ...],
) -> Iterator[Rule]:
    left = {name for name, _ in override.changes} & {*_FIXED, *_DYNAMIC}
    met = False
    for rule in rules:
        if rule.parameter != override.parameter or not _meets(rule, override):
            yield rule
            continue
        met = True
        others = _without(rule, override, raw_types)
        if others is not None:
            yield others
        if not override.off:
            own = _own(rule, override)
            left -= own.keys()
            yield _evolved(rule, own, override, source)
    if not met and not left:
        where = ".".join(("scores", override.parameter, *filter(None, (override.raw_type,))))
        raise DataError(
            f"{source}: {where}: found "
            + (
                "off, expected something that is scored: no rule scores this; take the table out"
                if override.off
                else "no limit, expected low, high or nsigma: the plugin does not score it"
            )
        )
    yield from _new(override, left, source, measured_for)


def _own(rule: Rule, override: Override) -> dict[str, Any]:
    """Return what the override says of a rule of this kind."""
    known = {row.name for row in fields(type(rule))}
    return {name: value for name, value in override.changes if name in known}


def _meets(rule: Rule, override: Override) -> bool:
    return not override.raw_type or rule.is_for(override.raw_type)


def _without(rule: Rule, override: Override, raw_types: Collection[str]) -> Rule | None:
    """Return the rule for the raw types of which the override does not speak."""
    if not override.raw_type:
        return None
    others = tuple(name for name in rule.raw_types or raw_types if name != override.raw_type)
    return evolve(rule, raw_types=others) if others else None


def _evolved(rule: Rule, own: Mapping[str, Any], override: Override, source: str) -> Rule:
    narrowed = (override.raw_type,) if override.raw_type else rule.raw_types
    if not own:
        return evolve(rule, raw_types=narrowed)
    if own.get("element") is not None:
        # One element has nothing to spare.
        own = {"spare": 0.0, **own}
    with _told(source):
        return evolve(rule, raw_types=narrowed, source=source, **own)


def _new(
    override: Override, left: Collection[str], source: str, measured_for: tuple[str, ...]
) -> Iterator[Rule]:
    """Yield rules for a parameter that the plugin does not score, or not in this way."""
    told = dict(override.changes)
    shared = {
        "comment": f"{override.parameter} beyond the limits of {source}",
        "raw_types": (override.raw_type,) if override.raw_type else measured_for,
        "source": source,
    } | {name: value for name, value in told.items() if name in _SHARED}
    fixed = {name: told[name] for name in left if name in _FIXED}
    dynamic = {name: told[name] for name in left if name in _DYNAMIC}
    with _told(source):
        if fixed:
            yield ScoreRule(override.parameter, **fixed, **shared)
        if dynamic and "nsigma" not in dynamic:
            raise DataError(
                f"dynamic rule {override.parameter}: found {', '.join(sorted(dynamic))}, "
                "expected nsigma too"
            )
        if dynamic:
            yield DynamicRule(override.parameter, **{"least_width": 0.0} | dynamic, **shared)


@contextmanager
def _told(source: str) -> Iterator[None]:
    """Say where a rule stands that cannot be."""
    try:
        yield
    except DataError as error:
        raise DataError(f"{source}: {error}") from None
