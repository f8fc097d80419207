"""The calibration map: the cascade of actions as a graph (the old createCalibMap)."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from attrs import asdict, frozen

from phoenix.oca.association.cascade import INPUT, action_order, edges
from phoenix.oca.association.compile import compile_rules

if TYPE_CHECKING:
    from phoenix.oca.association.cascade import Edge
    from phoenix.oca.language.rules import RuleSet
    from phoenix.oca.language.syntax import Action

__all__ = ["CalibrationMap", "Link", "Node", "calibration_map"]


@frozen
class Node:
    """An action, or a calibration that no action makes.

    Attributes
    ----------
    name : str
        Name of the action, or of the calibration.
    kind : str
        ``action``, or ``given`` for certified and static files.
    recipe : str
        Of an action.
    products : tuple of str
        What an action makes.
    """

    name: str
    kind: str
    recipe: str = ""
    products: tuple[str, ...] = ()


@frozen
class Link:
    """Something goes from one node into another.

    Attributes
    ----------
    source, target : str
        Names of nodes.
    calibration : str
        What goes.
    required : bool
        Whether the target is incomplete without.
    predicted : bool
        Whether predicted products serve; if not, only certified and static files do.
    """

    source: str
    target: str
    calibration: str
    required: bool
    predicted: bool = False


@frozen
class CalibrationMap:
    """The cascade as a graph: nodes with parents before children, and links."""

    rules: str
    nodes: tuple[Node, ...]
    links: tuple[Link, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return nodes and links as plain values, ready for JSON."""
        return asdict(self)

    def text(self) -> str:
        """Return the map in words: every action with what it makes and needs."""
        needs: dict[str, list[Link]] = defaultdict(list)
        for link in self.links:
            needs[link.target].append(link)
        lines = [f"calibration map of {self.rules}"]
        for node in self.nodes:
            if node.kind == "action":
                makes = ", ".join(node.products) or "nothing declared"
                lines.append(f"{node.name} ({node.recipe or 'no recipe'}) makes {makes}")
                lines += [f"  {_need(link)}" for link in needs[node.name]]
        return "\n".join(lines) + "\n"

    def dot(self) -> str:
        """Return the map in the DOT language of Graphviz."""
        lines = ["digraph calibration_map {", "  rankdir=LR;", "  node [fontname=Helvetica];"]
        for node in self.nodes:
            shape = "box" if node.kind == "action" else "ellipse"
            label = f"{node.name}\n{node.recipe}" if node.recipe else node.name
            lines.append(f"  {_quoted(node.name)} [shape={shape}, label={_quoted(label)}];")
        for link in self.links:
            style = "solid" if link.required else "dashed"
            lines.append(
                f"  {_quoted(link.source)} -> {_quoted(link.target)} "
                f"[label={_quoted(link.calibration)}, style={style}];"
            )
        return "\n".join([*lines, "}"]) + "\n"


def calibration_map(rules: RuleSet) -> CalibrationMap:
    """Return the cascade of the actions.

    Without declared products (see :func:`phoenix.oca.with_products`) no action feeds another one,
    and every calibration is a given one.

    Raises
    ------
    CascadeError
        If actions need each other's products in a ring.
    """
    ready = compile_rules(rules)
    order = action_order(ready)
    guesses = set(order.first_guesses)
    made = edges(ready)
    links = [_link(edge, edge not in guesses) for edge in made]
    served = {(edge.consumer, edge.select) for edge in made if edge not in guesses}
    given = [
        Link(select.name, name, select.name, select.wanted[0] > 0)
        for name, action in rules.actions.items()
        for select in action.selects
        if select.source == "calibFiles"
        and not select.disabled
        and (name, select.name) not in served
    ]
    nodes = [Node(name, "given") for name in dict.fromkeys(link.source for link in given)]
    nodes += [_node(rules.actions[name]) for name in order.names]
    return CalibrationMap(rules.name, tuple(nodes), (*links, *given))


def _link(edge: Edge, predicted: bool) -> Link:  # noqa: FBT001 - one of the fields
    calibration = edge.category if edge.select == INPUT else edge.select
    return Link(edge.producer, edge.consumer, calibration, edge.required, predicted)


def _node(action: Action) -> Node:
    products = tuple(product.name for product in action.products)
    return Node(action.name, "action", action.recipe.name if action.recipe else "", products)


def _need(link: Link) -> str:
    need = "needs" if link.required else "takes"
    source = "" if link.source == link.calibration else f" of {link.source}"
    return f"{need} {link.calibration}{source}"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
