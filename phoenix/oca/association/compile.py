"""A set of rules made ready for many frames: rows, tests, lookups and order of the actions."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from attrs import frozen

from phoenix.oca.association.candidates import Item
from phoenix.oca.association.classifier import Classifier
from phoenix.oca.association.lookup import Lookup
from phoenix.oca.association.organise import Grouping
from phoenix.oca.language import syntax as oca
from phoenix.oca.language.condition import Layout, keys

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from phoenix.oca.language.condition import Row
    from phoenix.oca.language.frame import Frame
    from phoenix.oca.language.rules import RuleSet

__all__ = ["Compiled", "compile_rules"]

# Needed whatever the rules mention: times, names, and what stands in an AB.
_ALWAYS = (
    "ARCFILE",
    "CATG",
    "DO.CATG",
    "DO.CLASS",
    "DPR.CATG",
    "DPR.TECH",
    "DPR.TYPE",
    "EXPTIME",
    "INSTRUME",
    "MJD-END",
    "MJD-OBS",
    "OBS.ID",
    "OBS.PROG.ID",
    "PRO.CATG",
    "PRO.EXT",
    "RAW.TYPE",
    "SIG.FRAME",
    "SIG.TEMPLATE",
    "TPL.START",
)


@frozen(eq=False)
class Compiled:
    """Rules ready to run.

    Attributes
    ----------
    rules : RuleSet
        Where they come from.
    layout : Layout
        Keywords of a row.
    classifier : Classifier
        From header to class.
    groupings : tuple of Grouping
        The execute rules.
    lookups : dict of str to tuple of Lookup
        Action to its select rules, those that are not disabled.
    match_keys : dict of str to tuple of str
        Action to the keywords of the input file that its select rules compare.
    """

    rules: RuleSet
    layout: Layout
    classifier: Classifier
    groupings: tuple[Grouping, ...]
    lookups: dict[str, tuple[Lookup, ...]]
    match_keys: dict[str, tuple[str, ...]]

    def row(self, frame: Frame) -> Row:
        """Return a frame's keywords, not yet classified.

        Every frame in an archive is complete, and its template over, so that the events SIG.FRAME
        and SIG.TEMPLATE are 1; ARCFILE is never undefined.
        """
        row = self.layout.row(frame.header)
        places = self.layout.places
        values = list(row)
        values[places["SIG.FRAME"]] = values[places["SIG.TEMPLATE"]] = 1
        if values[places["ARCFILE"]] is None:
            values[places["ARCFILE"]] = frame.arcfile
        return tuple(values)

    def item(self, frame: Frame) -> Item:
        """Return a frame with its classified keywords."""
        row = self.classifier.classified(self.row(frame))
        return Item(frame, row, frame.mjd_mid, frame.mjd_obs)


@lru_cache(maxsize=32)
def compile_rules(rules: RuleSet) -> Compiled:
    """Make rules ready to run; the same set is compiled once."""
    layout = Layout.of((*_ALWAYS, *_mentioned(rules)))
    lookups = {
        name: tuple(Lookup.of(select, layout) for select in action.selects if not select.disabled)
        for name, action in rules.actions.items()
    }
    return Compiled(
        rules,
        layout,
        Classifier.of(rules.classifications, layout),
        tuple(Grouping.of(execute, layout) for execute in rules.executes),
        lookups,
        {name: _match_keys(every, layout) for name, every in lookups.items()},
    )


def _match_keys(lookups: Iterable[Lookup], layout: Layout) -> tuple[str, ...]:
    places = (place for lookup in lookups for place in lookup.inputs)
    return tuple(dict.fromkeys(layout.names[place] for place in places))


def _mentioned(rules: RuleSet) -> Iterator[str]:
    for rule in rules.classifications:
        yield from _in(rule.condition, *rule.assignments)
    for execute in rules.executes:
        yield from _in(execute.condition)
        yield from execute.group_by
    for action in rules.actions.values():
        for select in action.selects:
            yield from _in(select.condition)
        for product in action.products:
            yield from _in(*product.assignments)


def _in(*parts: object) -> Iterator[str]:
    for part in parts:
        if isinstance(part, oca.Assignment):
            yield part.key
            yield from (key.name for key in keys(part.expression))
        else:
            yield from (key.name for key in keys(part))
