"""Predicted products: what an AB will make, as candidates for the ABs that come after it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import evolve, frozen

from phoenix.oca.association.candidates import Item
from phoenix.oca.language.condition import compile_value
from phoenix.oca.language.frame import Frame, Kind

if TYPE_CHECKING:
    from phoenix.oca.association.compile import Compiled
    from phoenix.oca.association.organise import Group
    from phoenix.oca.language import syntax as oca
    from phoenix.oca.language.condition import Evaluate, Row

__all__ = ["Prediction"]

# What a product does not inherit from its first raw file: a pipeline replaces DPR by PRO, and
# the class is found again.
_NOT_INHERITED = ("DPR.", "PRO.", "DO.", "RAW.TYPE", "CATG", "LF.")


@frozen(eq=False)
class Prediction:
    """The product rules of one action, ready to run."""

    rules: Compiled
    products: tuple[tuple[oca.ProductRule, tuple[tuple[int, Evaluate], ...]], ...]
    lost: tuple[int, ...]

    @classmethod
    def of(cls, action: oca.Action, rules: Compiled) -> Prediction:
        """Make the product rules of an action ready."""
        layout = rules.layout
        assignments = tuple(
            (
                product,
                tuple(
                    (layout.places[item.key], compile_value(item.expression, layout))
                    for item in product.assignments
                ),
            )
            for product in action.products
        )
        lost = tuple(
            place for name, place in layout.places.items() if name.startswith(_NOT_INHERITED)
        )
        return cls(rules, assignments, lost)

    def products_of(self, group: Group, *, doubtful: bool = False) -> tuple[Item, ...]:
        """Return the products of a group: they inherit the keywords of its first file.

        An expression in a product rule reads the classified keywords of that file. The time of a
        product is the mid exposure of the group.
        """
        root = group.name.removesuffix(".ab")
        primary = group.primary
        base = list(self.rules.row(primary.frame))
        for place in self.lost:
            base[place] = None
        found: dict[str, Item] = {}
        for number, (_, assignments) in enumerate(self.products):
            values = list(base)
            for place, evaluate in assignments:
                values[place] = evaluate(primary.row, primary.row)
            name = self._name(root, values, number)
            if name in found:
                name = f"r.{root}_{number:04d}.fits"
            found[name] = self._item(name, tuple(values), group)
        return tuple(evolve(item, doubtful=doubtful) for item in found.values())

    def _name(self, root: str, values: list[oca.Value | None], number: int) -> str:
        ending = values[self.rules.layout.places["PRO.EXT"]]
        return f"r.{root}_{ending if isinstance(ending, str) else f'{number:04d}.fits'}"

    def _item(self, name: str, row: Row, group: Group) -> Item:
        names = self.rules.layout.names
        header = {key: value for key, value in zip(names, row, strict=True) if value is not None}
        return Item(
            Frame(
                name,
                header,
                Kind.VIRTUAL,
                parent=group.name,
                origin=group.primary.frame.category,
            ),
            self.rules.classifier.classified(row),
            group.mjd_mid,
            group.primary.start,
        )
