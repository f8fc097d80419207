"""Association Blocks from headers: classify, organise, associate, predict.

The actions run in the order of the calibration cascade, so that the products that one AB will
make are candidates for the next ones (QC Handbook, 5.5.2).
"""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING

from attrs import evolve, field, frozen

from phoenix.errors import DataError
from phoenix.oca.association.associate import associate, epoch_for, levels_of
from phoenix.oca.association.candidates import Candidates
from phoenix.oca.association.cascade import INPUT, action_order
from phoenix.oca.association.classifier import category_of
from phoenix.oca.association.compile import compile_rules
from phoenix.oca.association.creation import Associated, Creation, merged, short, tiers
from phoenix.oca.association.diagnostics import (
    Diagnostic,
    missing_exposures,
    nothing_wanted,
    renamed,
    undefined_actions,
    unused_breakpoints,
    unwanted,
    withheld_masters,
)
from phoenix.oca.association.frames import Prepared
from phoenix.oca.association.organise import Organiser
from phoenix.oca.association.predict import Prediction
from phoenix.oca.association.withheld import withhold

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from phoenix.model.epoch import InstrumentBreakpoint
    from phoenix.oca.association.associate import Level
    from phoenix.oca.association.candidates import Item
    from phoenix.oca.association.cascade import ActionOrder
    from phoenix.oca.association.compile import Compiled
    from phoenix.oca.association.frames import Frames
    from phoenix.oca.association.lookup import Lookup
    from phoenix.oca.association.organise import Group
    from phoenix.oca.language.rules import RuleSet

__all__ = ["create"]


def create(
    rules: RuleSet,
    frames: Frames,
    *,
    wanted: Callable[[Group], bool] | None = None,
    levels: Mapping[str, Sequence[Level]] | None = None,
    tags: Mapping[str, str] | None = None,
    rejected: Collection[str] = (),
    doubtful: Collection[str] = (),
    breakpoints: Sequence[InstrumentBreakpoint] = (),
) -> Creation:
    """Make Association Blocks from headers.

    Parameters
    ----------
    rules : RuleSet
        Which files belong together, and what they need.
    frames : Frames
        Raw files and calibrations.
    wanted : function of Group, optional
        Which groups become ABs (a night, a mode); all where not given.
    levels : mapping of str to sequence of Level, optional
        Association levels, an extension of ours: how far in time a match may lie. Off where not
        given.
    tags : mapping of str to str, optional
        Action to the ending of AB names (``muse_scipost`` to ``pst``), where the rules give none.
    rejected : collection of str, optional
        Names of ABs whose products were rejected: others are associated in their place.
    doubtful : collection of str, optional
        Names of ABs that came to nothing before: others are associated first, where there are
        any. So are templates that were broken off.
    breakpoints : sequence of InstrumentBreakpoint, optional
        In order of time; nothing is associated across them, and no group has files of both sides.

    Raises
    ------
    CascadeError
        If the rules need each other's products in a ring.
    DataError
        If the rules organise nothing or know no action: nothing could come of any frame.
    """
    ready = compile_rules(rules)
    _check(rules)
    maker = _Maker(
        ready,
        Prepared.of(frames, ready),
        action_order(ready),
        levels or {},
        frozenset(rejected),
        set(doubtful),
        tuple(breakpoints),
    )
    return maker.run(wanted, tags or {})


def _check(rules: RuleSet) -> None:
    if not rules.executes or not rules.actions:
        raise DataError(
            f"{rules.name}: found {len(rules.executes)} 'select execute' rules and "
            f"{len(rules.actions)} actions, expected some of both; take the whole rule set"
        )


@frozen(eq=False)
class _Maker:
    """One pass over all frames."""

    rules: Compiled
    prepared: Prepared
    order: ActionOrder
    levels: Mapping[str, Sequence[Level]]
    rejected: frozenset[str]
    doubtful: set[str]
    breakpoints: tuple[InstrumentBreakpoint, ...] = ()
    predicted: dict[str, Candidates] = field(factory=dict)
    _merged: dict[tuple[str, ...], Sequence[Candidates]] = field(factory=dict)

    def run(self, wanted: Callable[[Group], bool] | None, tags: Mapping[str, str]) -> Creation:
        organiser = Organiser.of(self.rules.groupings, self.rules.layout, self.breakpoints)
        raw, left = organiser.groups(self.prepared.raw.items, tags=tags)
        raw, lost, hidden = withhold(organiser, raw, self.prepared, wanted, tags)
        by_action: dict[str, list[Group]] = defaultdict(list)
        for group in raw:
            by_action[group.action].append(group)
        # What was taken and then withheld was not broken off.
        missing = missing_exposures(raw, [*self.prepared.raw.items, *hidden])
        self.doubtful.update(missing)
        diagnostics = [
            *self.prepared.diagnostics,
            *(Diagnostic("aborted", name, why) for name, why in missing.items()),
            *self._without_group(left),
            *undefined_actions(by_action, self.rules.rules),
            *lost,
            *withheld_masters(self.prepared.withheld),
            *unused_breakpoints(self.breakpoints, self._compared(), self.rules.rules.name),
        ]
        names: set[str] = set()
        blocks: list[Associated] = []
        for name in self.order.names:
            groups = [*by_action[name], *self._of_products(name, tags)]
            groups = [group for group in groups if wanted is None or wanted(group)]
            groups = [_renamed(group, names, diagnostics) for group in groups]
            made = [self._associated(group) for group in groups]
            diagnostics += short(made)
            blocks += self._with_products(name, made)
        return Creation(
            self.rules.rules,
            tuple(blocks),
            tuple(diagnostics),
            self.prepared,
            self.predicted,
            self.levels,
            self.breakpoints,
        )

    def _compared(self) -> set[str]:
        names = self.rules.layout.names
        every = [lookup for lookups in self.rules.lookups.values() for lookup in lookups]
        places = {place for lookup in every for place in lookup.inputs}
        return {names[place] for place in places} | {
            names[place] for lookup in every for place, _ in lookup.fixed
        }

    def _of_products(self, action: str, tags: Mapping[str, str]) -> list[Group]:
        """Return the groups of predicted products that an action works on."""
        makers = self.order.producers.get((action, INPUT), ())
        groupings = [group for group in self.rules.groupings if group.rule.action == action]
        items = [item for maker in makers for item in self._of(maker).items]
        if not items:
            return []
        organiser = Organiser.of(groupings, self.rules.layout, self.breakpoints)
        return organiser.groups(items, tags=tags)[0]

    def _of(self, action: str) -> Candidates:
        return self.predicted.get(action, _NONE)

    def _associated(self, group: Group) -> Associated:
        action = self.rules.rules.actions[group.action]
        return Associated(
            group,
            action,
            tuple(
                associate(
                    lookup,
                    group,
                    self._tiers(lookup, group),
                    levels_of(lookup, self.levels),
                    epoch_for(lookup, group, self.rules.layout, self.breakpoints),
                )
                for lookup in self.rules.lookups[group.action]
            ),
            tuple(category_of(item.row, self.rules.layout) for item in group.items),
            self.rules,
        )

    def _tiers(self, lookup: Lookup, group: Group) -> list[Candidates]:
        return tiers(
            lookup.rule.source, group, self.prepared, self._virtual(group.action, lookup.rule.name)
        )

    def _virtual(self, action: str, select: str) -> Sequence[Candidates]:
        """Return the predicted products that may serve a select rule, those given included."""
        makers = self.order.producers.get((action, select), ())
        found = self._merged.get(makers)
        if found is None:
            found = self._merged[makers] = merged(makers, self.prepared, self.predicted)
        return found

    def _with_products(self, action: str, made: list[Associated]) -> list[Associated]:
        """Predict the products of an action's ABs, now that all of them are associated."""
        prediction = Prediction.of(self.rules.rules.actions[action], self.rules)
        every: list[Item] = []
        blocks = []
        for block in made:
            sound = block.complete and block.name not in self.rejected
            doubtful = block.name in self.doubtful
            items = prediction.products_of(block.group, doubtful=doubtful) if sound else ()
            every += items
            blocks.append(evolve(block, products=tuple(item.frame for item in items)))
        self.predicted[action] = Candidates(every)
        return blocks

    def _without_group(self, left: list[Item]) -> list[Diagnostic]:
        raw = [
            lookup
            for lookups in self.rules.lookups.values()
            for lookup in lookups
            if lookup.rule.source == "rawFiles"
        ]
        nobodys = [item for item in left if not any(lookup.names(item.row) for lookup in raw)]
        found = unwanted(nobodys, self.rules.layout)
        if left and len(left) == len(self.prepared.raw.items):
            found.append(nothing_wanted(self.rules.rules, len(left)))
        return found


_NONE = Candidates(())


def _renamed(group: Group, names: set[str], diagnostics: list[Diagnostic]) -> Group:
    """Give each group a name of its own: a second one of a name gets the action into its tag."""
    if group.name not in names:
        names.add(group.name)
        return group
    root = group.name.removesuffix(".ab")
    action = re.sub(r"[^A-Za-z0-9]", "", group.action).lower()
    tag = f"{group.tag}{action}"
    root = root.removesuffix(f"_{group.tag}") if group.tag else root
    new, number = f"{root}_{tag}.ab", 2
    while new in names:
        new, number = f"{root}_{tag}{number}.ab", number + 1
    names.add(new)
    diagnostics.append(renamed(group, new))
    return evolve(group, name=new, tag=new.removesuffix(".ab").rpartition("_")[2])
