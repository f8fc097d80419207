"""What every finished recipe must show, whatever the instrument: exit code 0 proves nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phoenix.model.gate import broken
from phoenix.steps.recipe.log import error_lines
from phoenix.steps.recipe.products import broken_files

if TYPE_CHECKING:
    from collections.abc import Iterable

    from phoenix.model.gate import Gate, RecipeOutcome
    from phoenix.model.recipe import Recipe

__all__ = ["check_outcome"]

_QUOTED = 2  # lines of a log in a reason; more are counted


def check_outcome(
    recipe: Recipe, gates: Iterable[Gate], outcome: RecipeOutcome
) -> tuple[str, ...]:
    """Return one sentence for everything that is wrong; empty if the products can be used.

    The plugin's gates read the products and so are asked only when all of these are there, whole.
    """
    sentences = (
        *_missing(recipe, outcome),
        *broken_files(outcome.products),
        *_errors(recipe, outcome),
    )
    return sentences or tuple(line for gate in gates for line in _ask(gate, outcome))


def _missing(recipe: Recipe, outcome: RecipeOutcome) -> tuple[str, ...]:
    made = {product.pro_catg for product in outcome.products}
    # Which arm or detector it is the recipe's row cannot tell, but the AB predicts its products.
    wanted = dict.fromkeys(row.pro_catg for row in recipe.products if row.required)
    wanted |= dict.fromkeys(row.pro_catg for row in outcome.ab.products)
    lost = [pro_catg for pro_catg in wanted if pro_catg not in made]
    if not lost:
        return ()
    have = ", ".join(sorted(made)) or "none"
    return (f"products {', '.join(lost)} are missing, found {have}; see the recipe's log",)


def _errors(recipe: Recipe, outcome: RecipeOutcome) -> tuple[str, ...]:
    lines = error_lines(outcome.log, recipe.harmless)
    if not lines:
        return ()
    more = f" and {len(lines) - _QUOTED} more" if len(lines) > _QUOTED else ""
    return (f"exit code 0, but the log has ERROR lines: {'; '.join(lines[:_QUOTED])}{more}",)


def _ask(gate: Gate, outcome: RecipeOutcome) -> tuple[str, ...]:
    try:
        return broken((gate,), outcome)
    except Exception as error:  # noqa: BLE001 - the plugin's own code meets a bad product here
        return (f"{gate.name} cannot be measured ({error!r}): {gate.meaning}",)
