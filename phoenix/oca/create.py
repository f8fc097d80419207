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
from phoenix.oca.associate import associate, levels_of
from phoenix.oca.candidates import Candidates
from phoenix.oca.cascade import INPUT, action_order
from phoenix.oca.classify import category_of
from phoenix.oca.compile import compile_rules
from phoenix.oca.organise import Organiser
from phoenix.oca.pool import Diagnostic, Prepared
from phoenix.oca.predict import Prediction

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from phoenix.oca.associate import Association, Level
    from phoenix.oca.candidates import Item
    from phoenix.oca.cascade import ActionOrder
    from phoenix.oca.compile import Compiled
    from phoenix.oca.frame import Frame
    from phoenix.oca.lookup import Lookup
    from phoenix.oca.organise import Group
    from phoenix.oca.pool import Pool
    from phoenix.oca.rules import RuleSet
    from phoenix.oca.syntax import Action, Value

__all__ = ["Associated", "Creation", "create"]


@frozen(eq=False)
class Associated:
    """A group with everything that it needs: an Association Block before it is written.

    Attributes
    ----------
    group : Group
        Its files.
    action : Action
        What is done with it.
    associations : tuple of Association
        One per select rule that is not disabled, in their order.
    products : tuple of Frame
        What it will make; empty where it is incomplete, since it may never run.
    tags : tuple of str
        Class of each file, its tag in the set of frames.
    rules : Compiled
        Where the words come from.
    """

    group: Group
    action: Action
    associations: tuple[Association, ...]
    tags: tuple[str, ...]
    rules: Compiled = field(repr=False)
    products: tuple[Frame, ...] = ()

    @property
    def name(self) -> str:
        """Name of the AB."""
        return self.group.name

    @property
    def raw_type(self) -> str:
        """RAW.TYPE of the primary file, else its class."""
        found = self.keyword("RAW.TYPE")
        return found if isinstance(found, str) else self.tags[0]

    def keyword(self, name: str) -> Value | None:
        """Return a keyword of the primary file, after classification; None where undefined."""
        place = self.rules.layout.places.get(name)
        primary = self.group.primary
        return primary.frame.header.get(name) if place is None else primary.row[place]

    @property
    def missing(self) -> tuple[str, ...]:
        """What keeps it from being complete, one line each."""
        lacking = [
            f"{found.name}: found {len(found.matches)}, expected at least {found.rule.wanted[0]}"
            for found in self.associations
            if not found.complete
        ]
        least = self.group.execute.min_files or 0
        if len(self.group.items) < least:
            lacking.insert(0, f"raw files: found {len(self.group.items)}, expected {least}")
        return tuple(lacking)

    @property
    def complete(self) -> bool:
        """Whether it has all that the rules require."""
        return not self.missing

    @property
    def parents(self) -> tuple[str, ...]:
        """Names of the ABs that must be done before, sorted."""
        inputs = [item.frame.parent for item in self.group.items]
        found = [m.frame.parent for entry in self.associations for m in entry.matches]
        return tuple(sorted({parent for parent in inputs + found if parent}))

    def association(self, name: str) -> Association:
        """Return the outcome of one select rule.

        Raises
        ------
        DataError
            If the action has no such rule, or it is disabled.
        """
        for found in self.associations:
            if found.name == name:
                return found
        known = ", ".join(found.name for found in self.associations) or "none"
        raise DataError(f"{self.name}: no calibration {name!r}, expected one of: {known}")


@frozen(eq=False)
class Creation:
    """The outcome of one call.

    Attributes
    ----------
    rules : RuleSet
        The rules used.
    blocks : tuple of Associated
        Parents before children; within an action by time.
    diagnostics : tuple of Diagnostic
        What was left out, and why.
    prepared : Prepared
        The classified pool.
    predicted : mapping of str to Candidates
        Action to the products predicted for its ABs.
    """

    rules: RuleSet
    blocks: tuple[Associated, ...]
    diagnostics: tuple[Diagnostic, ...]
    prepared: Prepared = field(repr=False)
    predicted: Mapping[str, Candidates] = field(repr=False)

    def block(self, name: str) -> Associated:
        """Return the block with this AB name.

        Raises
        ------
        DataError
            If there is none.
        """
        for block in self.blocks:
            if block.name == name:
                return block
        raise DataError(f"found no AB {name!r} among {len(self.blocks)}; see the diagnostics")


def create(
    rules: RuleSet,
    pool: Pool,
    *,
    wanted: Callable[[Group], bool] | None = None,
    levels: Mapping[str, Sequence[Level]] | None = None,
    tags: Mapping[str, str] | None = None,
) -> Creation:
    """Make Association Blocks from a pool of headers.

    Parameters
    ----------
    rules : RuleSet
        Which files belong together, and what they need.
    pool : Pool
        Raw files and calibrations.
    wanted : function of Group, optional
        Which groups become ABs (a night, a mode); all where not given.
    levels : mapping of str to sequence of Level, optional
        Association levels, an extension of ours: how far in time a match may lie. Off where not
        given.
    tags : mapping of str to str, optional
        Action to the ending of AB names (``muse_scipost`` to ``pst``), where the rules give none.

    Raises
    ------
    CascadeError
        If the rules need each other's products in a ring.
    DataError
        If the rules organise nothing or know no action: nothing could come of any pool.
    """
    ready = compile_rules(rules)
    _check(rules)
    return _Maker(ready, Prepared.of(pool, ready), action_order(ready), levels or {}).run(
        wanted, tags or {}
    )


def _check(rules: RuleSet) -> None:
    if not rules.executes or not rules.actions:
        raise DataError(
            f"{rules.name}: found {len(rules.executes)} 'select execute' rules and "
            f"{len(rules.actions)} actions, expected some of both; take the whole rule set"
        )


@frozen(eq=False)
class _Maker:
    """One run over one pool."""

    rules: Compiled
    prepared: Prepared
    order: ActionOrder
    levels: Mapping[str, Sequence[Level]]
    predicted: dict[str, Candidates] = field(factory=dict)
    _merged: dict[tuple[str, ...], Candidates] = field(factory=dict)

    def run(self, wanted: Callable[[Group], bool] | None, tags: Mapping[str, str]) -> Creation:
        raw, left = Organiser.of(self.rules.groupings, self.rules.layout).groups(
            self.prepared.raw.items, tags=tags
        )
        by_action: dict[str, list[Group]] = defaultdict(list)
        for group in raw:
            by_action[group.action].append(group)
        diagnostics = [*self.prepared.diagnostics, *self._left(left), *self._undefined(by_action)]
        names: set[str] = set()
        blocks: list[Associated] = []
        for name in self.order.names:
            groups = [*by_action[name], *self._of_products(name, tags)]
            groups = [group for group in groups if wanted is None or wanted(group)]
            groups = [_renamed(group, names, diagnostics) for group in groups]
            made = [self._associated(group) for group in groups]
            diagnostics += _short(made)
            blocks += self._with_products(name, made)
        return Creation(
            self.rules.rules, tuple(blocks), tuple(diagnostics), self.prepared, self.predicted
        )

    def _of_products(self, action: str, tags: Mapping[str, str]) -> list[Group]:
        """Return the groups of predicted products that an action works on."""
        makers = self.order.producers.get((action, INPUT), ())
        groupings = [group for group in self.rules.groupings if group.rule.action == action]
        items = [item for maker in makers for item in self._of(maker).items]
        if not items:
            return []
        return Organiser.of(groupings, self.rules.layout).groups(items, tags=tags)[0]

    def _of(self, action: str) -> Candidates:
        return self.predicted.get(action, _NONE)

    def _associated(self, group: Group) -> Associated:
        action = self.rules.rules.actions[group.action]
        return Associated(
            group,
            action,
            tuple(
                associate(
                    lookup, group, self._tiers(lookup, group), levels_of(lookup, self.levels)
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

    def _virtual(self, action: str, select: str) -> Candidates:
        """Return the predicted products that may serve a select rule, those given included."""
        makers = self.order.producers.get((action, select), ())
        found = self._merged.get(makers)
        if found is None:
            items = [item for maker in makers for item in self._of(maker).items]
            found = self._merged[makers] = Candidates([*self.prepared.virtual.items, *items])
        return found

    def _with_products(self, action: str, made: list[Associated]) -> list[Associated]:
        """Predict the products of an action's ABs, now that all of them are associated."""
        prediction = Prediction.of(self.rules.rules.actions[action], self.rules)
        every: list[Item] = []
        blocks = []
        for block in made:
            items = prediction.products_of(block.group) if block.complete else ()
            every += items
            blocks.append(evolve(block, products=tuple(item.frame for item in items)))
        self.predicted[action] = Candidates(every)
        return blocks

    def _left(self, left: Iterable[Item]) -> list[Diagnostic]:
        """Report the raw files that no rule wants, one line per class."""
        classes: dict[str, list[str]] = defaultdict(list)
        for item in left:
            classes[category_of(item.row, self.rules.layout)].append(item.name)
        found = [
            Diagnostic("unwanted", category, _unwanted(names))
            for category, names in sorted(classes.items())
        ]
        every = len(self.prepared.raw.items)
        if every and sum(map(len, classes.values())) == every:
            found.append(Diagnostic("nothing", self.rules.rules.name, _nothing(every)))
        return found

    def _undefined(self, groups: Mapping[str, list[Group]]) -> list[Diagnostic]:
        return [
            Diagnostic(
                "undefined-action",
                name,
                f"found 'select execute({name})' in line {entries[0].execute.line} for "
                f"{len(entries)} groups ({entries[0]} ...), expected an action of this name; they "
                "were left out: add the action or remove the rule",
            )
            for name, entries in sorted(groups.items())
            if entries and name not in self.rules.rules.actions
        ]


_NONE = Candidates(())


def tiers(source: str, group: Group, prepared: Prepared, virtual: Candidates) -> list[Candidates]:
    """Return where a select rule searches, in this order."""
    if source == "inputFiles":
        return [Candidates(group.items)]
    if source == "rawFiles":
        return [prepared.raw]
    return [prepared.certified, virtual, prepared.static]


def _unwanted(names: Sequence[str]) -> str:
    return (
        f"found {len(names)} files that no 'select execute' rule wants ({names[0]}"
        f"{' ...' if len(names) > 1 else ''}); expected for test and acquisition files, "
        "else mend the rules"
    )


def _nothing(every: int) -> str:
    return (
        f"found no rule that wants any of the {every} raw files; expected some: are these the "
        "rules of this instrument?"
    )


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
    diagnostics.append(
        Diagnostic(
            "same-name",
            group.name,
            f"found two groups of this name, expected one; that of action {group.action} is "
            f"called {new}: give the action a tag",
        )
    )
    return evolve(group, name=new, tag=new.removesuffix(".ab").rpartition("_")[2])


def _short(made: Iterable[Associated]) -> list[Diagnostic]:
    found = []
    for block in made:
        least = block.group.execute.min_files or 0
        if len(block.group.items) < least:
            message = f"found {len(block.group.items)} raw files, expected at least {least}"
            found.append(Diagnostic("too-few", block.name, message))
        if block.group.surplus:
            most = block.group.execute.max_files
            message = (
                f"found {len(block.group.surplus)} raw files more than the rule takes ({most}); "
                f"left out: {', '.join(block.group.surplus)}"
            )
            found.append(Diagnostic("surplus", block.name, message))
    return found
