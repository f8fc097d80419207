"""The reference page of an instrument, made of the rows that its plugin declares.

``python -m phoenix.testing.instrument_page giraffe > docs/reference/giraffe.md`` writes it; a
test compares.
"""

from __future__ import annotations

import inspect
import sys
from typing import TYPE_CHECKING

from phoenix.instrument import load_instrument

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from phoenix.instrument import Instrument
    from phoenix.model.process import Process
    from phoenix.model.recipe import Recipe

__all__ = ["instrument_page"]

_MADE = "Made by `python -m phoenix.testing.instrument_page"


def instrument_page(instrument: Instrument) -> str:
    """Return the whole page: what the plugin says of itself, and its tables."""
    plugin = instrument.manager.get_plugin(instrument.name)
    story = (inspect.getdoc(plugin) or "").replace("``", "`")
    title, _, rest = story.partition("\n")
    lines = [
        f"# {title.rstrip('.')}",
        "",
        f"<!-- {_MADE} {instrument.name}`; edit the plugin instead. -->",
        "",
        rest.strip(),
        "",
    ]
    for process in instrument.processes():
        lines += _process(instrument, process)
    return "\n".join(lines).rstrip() + "\n"


def _process(instrument: Instrument, process: Process) -> Iterator[str]:
    yield from (f"## {process.name}", "", "### Raw types and recipes", "")
    raw_types = (
        (row.name, row.recipe, row.mode.value, ", ".join(process.setup_keys_of(row.name)))
        for row in process.raw_types
    )
    yield from _table(("raw type", "recipe", "mode", "setup"), raw_types)
    yield from ("### Products, in the order of their numbers", "")
    yield from _table(
        ("recipe", "no.", "PRO.CATG", "role", "required"), _products(process.recipes)
    )
    yield from ("### Gates", "", "What a finished recipe must show, exit code 0 or not.", "")
    gates = (
        (recipe.name, gate.name, _range(gate.low, gate.high), gate.meaning)
        for recipe in process.recipes
        for gate in instrument.gates(process, recipe)
    )
    yield from _table(("recipe", "gate", "within", "outside, it means"), gates)
    yield from _quality(instrument, process)


def _quality(instrument: Instrument, process: Process) -> Iterator[str]:
    yield from ("### QC parameters", "")
    parameters = (
        (
            row.name,
            row.unit,
            row.meaning,
            ", ".join(row.raw_types) or "all",
            "yes" if row.per_element else "",
        )
        for row in instrument.qc_parameters(process)
    )
    head = ("parameter", "unit", "meaning", "raw types", "per element")
    yield from _table(head, parameters)
    yield from ("### Scores", "", "Green within the limits, red outside, grey if unknown.", "")
    rules = (
        (row.parameter, _range(row.low, row.high), ", ".join(row.raw_types) or "all", row.comment)
        for row in instrument.score_rules(process)
    )
    yield from _table(("parameter", "within", "raw types", "outside"), rules)
    yield from ("### QCFLAG", "", "One character a bit, from the left; 0 is good.", "")
    bits = (
        (row.position, row.name, row.parameter, _range(row.low, row.high), row.meaning)
        for row in instrument.score_bits(process)
    )
    yield from _table(("bit", "name", "parameter", "0 within", "0 means"), bits)


def _products(recipes: Iterable[Recipe]) -> Iterator[tuple[object, ...]]:
    for recipe in recipes:
        for number, row in enumerate(recipe.products):
            required = "yes" if row.required else ""
            own = "-nn" if row.numbered else ""
            yield recipe.name, f"{number:04d}{own}", row.pro_catg, row.role.value, required


def _range(low: float | None, high: float | None) -> str:
    if low is None:
        return f"at most {high:g}"
    return f"at least {low:g}" if high is None else f"{low:g} to {high:g}"


def _table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    for row in rows:
        yield f"| {' | '.join(str(cell).replace('|', '/') for cell in row)} |"
    yield ""


if __name__ == "__main__":
    sys.stdout.write(instrument_page(load_instrument(sys.argv[1])))
