"""The calibration cascade: which action makes what another one needs, and in which order.

This is read from the rules alone, before any file is looked at. A product's class follows from
its PRO.CATG and the classification rules; what a product inherits from its raw files is not known
yet, so that conditions on it count as possible.
"""

from __future__ import annotations

from collections import defaultdict
from functools import lru_cache
from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING

from attrs import field, frozen

from phoenix.errors import CascadeError
from phoenix.oca.language import syntax as oca
from phoenix.oca.language.condition import Layout, compiled, keys

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from phoenix.oca.association.compile import Compiled
    from phoenix.oca.language.condition import Test

__all__ = ["ActionOrder", "Edge", "action_order", "edges"]

_CLASSES = ("DO.CATG", "DO.CLASS", "PRO.CATG", "RAW.TYPE")
_RAW_ONLY = ("DPR.CATG", "DPR.TYPE", "DPR.TECH")
_Known = dict[str, set[oca.Value]]
INPUT = ""
"""Stands for the select rule where an action works on the products of another one."""


@frozen
class Edge:
    """One action needs a product of another one.

    Attributes
    ----------
    producer, consumer : str
        Names of the actions.
    category : str
        PRO.CATG of the product.
    select : str
        The consumer's select rule; empty where the product is its input.
    required : bool
        Whether the consumer is incomplete without.
    """

    producer: str
    consumer: str
    category: str
    select: str
    required: bool = True


@frozen(eq=False)
class ActionOrder:
    """The actions, parents first.

    Attributes
    ----------
    names : tuple of str
        Every action once, each after the actions whose products it needs.
    producers : mapping of (str, str) to tuple of str
        Action and select rule to the actions whose predicted products are candidates.
    first_guesses : tuple of Edge
        Needs that predicted products do not serve: an action that needs its own product, and
        optional needs that would close a ring. Certified and static files serve them.
    """

    names: tuple[str, ...]
    producers: Mapping[tuple[str, str], tuple[str, ...]] = field(repr=False)
    first_guesses: tuple[Edge, ...] = ()


@lru_cache(maxsize=32)
def edges(rules: Compiled) -> tuple[Edge, ...]:
    """Return every need of an action that another action's products can serve."""
    products = {
        name: [(_category(product), _classes(product, rules)) for product in action.products]
        for name, action in rules.rules.actions.items()
    }
    found = []
    for consumer, needs in _needs(rules).items():
        for select, condition, required in needs:
            for producer, made in products.items():
                found += [
                    Edge(producer, consumer, category, select, required)
                    for category, classes in made
                    if _possible(condition, classes)
                ]
    return tuple(dict.fromkeys(found))


@lru_cache(maxsize=32)
def action_order(rules: Compiled) -> ActionOrder:
    """Return the actions in the order in which their ABs can be made.

    Raises
    ------
    CascadeError
        If actions need each other's products in a ring; names the ring.
    """
    kept = [edge for edge in edges(rules) if edge.producer != edge.consumer]
    guesses = [edge for edge in edges(rules) if edge.producer == edge.consumer]
    while True:
        try:
            names = _sorted(rules.rules.actions, kept)
        except CycleError as error:
            ring = list(reversed(error.args[1]))
            optional = _optional(ring, kept)
            if not optional:
                raise CascadeError(_ring_message(rules, ring, kept)) from None
            guesses += optional
            kept = [edge for edge in kept if edge not in optional]
        else:
            break
    producers: dict[tuple[str, str], list[str]] = defaultdict(list)
    for edge in kept:
        producers[edge.consumer, edge.select].append(edge.producer)
    unique = {need: tuple(dict.fromkeys(makers)) for need, makers in producers.items()}
    return ActionOrder(names, unique, tuple(guesses))


def _needs(
    rules: Compiled,
) -> dict[str, list[tuple[str, oca.Expression | None, bool]]]:
    """Return per action its inputs and calibrations: select rule, condition, required."""
    needs: dict[str, list[tuple[str, oca.Expression | None, bool]]] = defaultdict(list)
    for execute in rules.rules.executes:
        if execute.action in rules.rules.actions:
            needs[execute.action].append((INPUT, execute.condition, True))
    for name, action in rules.rules.actions.items():
        for select in action.selects:
            if select.source == "calibFiles" and not select.disabled:
                needs[name].append((select.name, select.condition, select.wanted[0] > 0))
    return needs


def _sorted(actions: Iterable[str], kept: Iterable[Edge]) -> tuple[str, ...]:
    graph: dict[str, set[str]] = {name: set() for name in actions}
    for edge in kept:
        graph[edge.consumer].add(edge.producer)
    return tuple(TopologicalSorter(graph).static_order())


def _optional(ring: list[str], kept: Iterable[Edge]) -> list[Edge]:
    """Return the needs to give up: of the first pair in the ring with none that is required."""
    for producer, consumer in zip(ring[1:], ring, strict=False):
        between = [edge for edge in kept if (edge.producer, edge.consumer) == (producer, consumer)]
        if between and not any(edge.required for edge in between):
            return between
    return []


def _ring_message(rules: Compiled, ring: list[str], kept: Iterable[Edge]) -> str:
    steps = [
        f"{consumer} needs {edge.category} of {producer}"
        for producer, consumer in zip(ring[1:], ring, strict=False)
        for edge in kept
        if (edge.producer, edge.consumer) == (producer, consumer) and edge.required
    ]
    return (
        f"{rules.rules.name}: found actions that need each other's products: "
        f"{'; '.join(dict.fromkeys(steps))}; expected a cascade without rings: "
        "set minRet = 0 where a certified or static file will do"
    )


def _category(product: oca.ProductRule) -> str:
    values = [
        item.expression.value
        for item in product.assignments
        if item.key == "PRO.CATG" and isinstance(item.expression, oca.Literal)
    ]
    return str(values[-1]) if values else product.name


def _classes(product: oca.ProductRule, rules: Compiled) -> _Known:
    """Return which classes a product may get from its PRO.CATG and the classification rules."""
    known: _Known = {name: set() for name in (*_CLASSES, *_RAW_ONLY)}
    known["PRO.CATG"].add(_category(product))
    _assign(product.assignments, known)
    for rule in rules.rules.classifications:
        if _possible(rule.condition, known):
            _assign(rule.assignments, known)
    return known


def _assign(assignments: Iterable[oca.Assignment], known: _Known) -> None:
    for item in assignments:
        if item.key in _CLASSES and isinstance(item.expression, oca.Literal):
            known[item.key].add(item.expression.value)


def _possible(condition: oca.Expression | None, known: _Known) -> bool:
    """Whether a file with one of these classes could fulfil a condition."""
    match condition:
        case oca.Both():
            return all(_possible(part, known) for part in condition.parts)
        case oca.Either():
            return any(_possible(part, known) for part in condition.parts)
        case oca.Compare() | oca.Like() | oca.Regexp():
            return _could_hold(condition, known)
        case _:
            return True


def _could_hold(condition: oca.Compare | oca.Like | oca.Regexp, known: _Known) -> bool:
    name, test = _on_one_keyword(condition)
    if name not in known:
        return True
    return any(test((value,), (value,)) for value in known[name])


@lru_cache(maxsize=16384)
def _on_one_keyword(condition: oca.Compare | oca.Like | oca.Regexp) -> tuple[str, Test]:
    """Return the only keyword of a condition on a file itself, and the test of its value.

    An empty name stands for conditions on several keywords or on the input file.
    """
    mentioned = set(keys(condition))
    key = next(iter(mentioned), None)
    if len(mentioned) != 1 or key is None or key.scope is oca.Scope.INPUT:
        return "", compiled(None, _NOTHING)
    return key.name, compiled(condition, Layout.of([key.name]))


_NOTHING = Layout.of([])
