"""Gates: what a finished recipe must show, because exit code 0 proves nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import field, frozen

from phoenix.model.frames import SetOfFrames

if TYPE_CHECKING:
    from collections.abc import Callable

    from phoenix.model.ab import AssociationBlock
    from phoenix.model.frames import Product

__all__ = ["Gate", "RecipeOutcome", "broken"]


@frozen
class RecipeOutcome:
    """What a recipe left behind.

    Attributes
    ----------
    ab : AssociationBlock
        What was asked for.
    products : tuple of Product
        What was made, still in the scratch folder.
    log : str
        What the recipe logged.
    frames : SetOfFrames
        What it read: a gate may hold products against them.
    """

    ab: AssociationBlock
    products: tuple[Product, ...]
    log: str = field(default="", repr=False)
    frames: SetOfFrames = field(default=SetOfFrames(()), repr=False)

    def product(self, pro_catg: str) -> Product | None:
        """Return the first product of that PRO.CATG."""
        for product in self.products:
            if product.pro_catg == pro_catg:
                return product
        return None


@frozen
class Gate:
    """One row: a number that a finished recipe must show.

    Attributes
    ----------
    name : str
        Short, as the reason of a gated AB names it.
    measure : callable
        Module-level function from the outcome to the number, None where it does not apply.
    low, high : float or None
        Limits, both allowed.
    meaning : str
        What is wrong when it is broken, and what to do.
    """

    name: str
    measure: Callable[[RecipeOutcome], float | None]
    low: float | None
    high: float | None
    meaning: str


def broken(gates: tuple[Gate, ...], outcome: RecipeOutcome) -> tuple[str, ...]:
    """Return one sentence for every gate that the outcome does not pass."""
    sentences = []
    for gate in gates:
        value = gate.measure(outcome)
        if value is None:
            continue
        if (gate.low is not None and value < gate.low) or (
            gate.high is not None and value > gate.high
        ):
            sentences.append(
                f"{gate.name} is {value:.6g}, expected {_range(gate.low, gate.high)}: "
                f"{gate.meaning}"
            )
    return tuple(sentences)


def _range(low: float | None, high: float | None) -> str:
    if low is None:
        return f"at most {high:g}"
    if high is None:
        return f"at least {low:g}"
    return f"{low:g} to {high:g}"
