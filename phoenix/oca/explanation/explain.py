"""Why this calibration, and why not that one: every rule, every candidate, every reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

from phoenix.errors import DataError
from phoenix.oca.association.associate import epoch_for, levels_of, ranking
from phoenix.oca.association.cascade import action_order
from phoenix.oca.association.classify import classify
from phoenix.oca.association.compile import compile_rules
from phoenix.oca.association.creation import predicted_for, tiers
from phoenix.oca.association.lookup import Lookup, conjuncts
from phoenix.oca.explanation.explanation import CandidateReport, Explanation, Rejection, RuleReport
from phoenix.oca.explanation.reasons import why_it_won
from phoenix.oca.language import syntax as oca
from phoenix.oca.language.condition import compile_value, compiled, keys
from phoenix.oca.language.frame import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from phoenix.oca.association.associate import Epoch, Level
    from phoenix.oca.association.candidates import Item, WithheldItem
    from phoenix.oca.association.compile import Compiled
    from phoenix.oca.association.creation import Associated, Creation
    from phoenix.oca.language.condition import Row, Test

__all__ = ["explain"]

_CLASSES = ("DO.CATG", "DO.CLASS", "PRO.CATG", "RAW.TYPE")


def explain(
    creation: Creation,
    ab: str,
    calib: str | None = None,
) -> Explanation:
    """Explain one AB.

    Parameters
    ----------
    creation : Creation
        What :func:`phoenix.oca.association.create` gave.
    ab : str
        Name of the AB.
    calib : str, optional
        One select rule only, by its name; all where not given.

    Raises
    ------
    DataError
        If there is no such AB, or its action no such rule.
    """
    block = creation.block(ab)
    rules = compile_rules(creation.rules)
    selects = [rule for rule in block.action.selects if calib in (None, rule.name)]
    if calib is not None and not selects:
        known = ", ".join(rule.name for rule in block.action.selects) or "none"
        raise DataError(f"{ab}: action {block.action.name} selects no {calib!r}, only: {known}")
    frame = block.group.primary.frame
    return Explanation(
        ab,
        creation.rules.name,
        block.action.name,
        block.action.recipe.name if block.action.recipe else "none",
        tuple(file.name for file in block.group.frames),
        tuple(map(str, classify(creation.rules, [frame])[0].applied)),
        _grouped(block),
        tuple(_Reporter.of(creation, block, rule, rules).report() for rule in selects),
        withheld=tuple(f"{name} {why}" for name, why in block.group.withheld),
        overlaid=tuple(
            f"{file.name}: {told}" for file in block.group.frames for told in file.overlaid
        ),
    )


def _grouped(block: Associated) -> str:
    rule = block.group.execute
    by = f", group by {', '.join(rule.group_by)}" if rule.group_by else ""
    return f"line {rule.line}: execute({rule.action}) where {rule.condition or 'anything'}{by}"


@frozen(eq=False)
class _Reporter:
    """One select rule and one group.

    ``guesses`` are predicted products that would close a ring, ``tests`` the conditions one by
    one, ``ranks`` the places of the files that the rule would take, ``withheld`` files that must
    not be used.
    """

    block: Associated
    rule: oca.Select
    rules: Compiled
    levels: Sequence[Level]
    searched: Sequence[Item]
    guesses: Sequence[Item]
    tests: Sequence[tuple[oca.Expression, Test]]
    ranks: Mapping[str, int]
    epoch: Epoch
    withheld: Sequence[WithheldItem]

    @classmethod
    def of(
        cls, creation: Creation, block: Associated, rule: oca.Select, rules: Compiled
    ) -> _Reporter:
        group = block.group
        lookup = Lookup.of(rule, rules.layout)
        levels = levels_of(lookup, creation.levels)
        virtual = predicted_for(creation, rules, group.action, rule.name)
        places = tiers(rule.source, group, creation.prepared, virtual)
        ranks: dict[str, int] = {}
        epoch = epoch_for(lookup, group, rules.layout, creation.breakpoints)
        for rank, item in enumerate(ranking(lookup, group, places, levels, epoch), 1):
            ranks.setdefault(item.name, rank)
        return cls(
            block,
            rule,
            rules,
            levels,
            [item for place in places for item in place.items],
            _first_guesses(creation, rules, group.action, rule.name),
            [(part, compiled(part, rules.layout)) for part in conjuncts(rule.condition)],
            ranks,
            epoch,
            _withheld(creation, rule.source),
        )

    def report(self) -> RuleReport:
        found = [] if self.rule.disabled else list(self._candidates())
        every = 0 if self.rule.disabled else len(self.items)
        return RuleReport(
            self.rule.name,
            self.rule.source,
            str(self.rule.condition or ""),
            self.rule.line,
            self.rule.wanted,
            why_it_won(found, self.rule),
            tuple(sorted(found, key=_standing)),
            every - len(found),
        )

    def _candidates(self) -> Iterator[CandidateReport]:
        row, middle = self.block.group.primary.row, self.block.group.mjd_mid
        matches = self.block.association(self.rule.name).matches
        chosen = {match.frame.name for match in matches}
        for item in self.items:
            failed = [part for part, test in self.tests if not test(item.row, row)]
            if any(_about_class(part) for part in failed):
                continue
            rejection = self._rejection(failed, item, row)
            yield CandidateReport(
                item.name,
                item.frame.kind.value,
                None if item.mid is None else item.mid - middle,
                rejection,
                0 if rejection else self.ranks[item.name],
                rejection is None and item.name in chosen,
                item.frame.parent,
                item.frame.overlaid,
            )

    @property
    def items(self) -> Sequence[Item]:
        """All files that the rule might look at."""
        return [*self.searched, *self.guesses, *(entry.item for entry in self.withheld)]

    def _rejection(
        self, failed: Sequence[oca.Expression], item: Item, row: Row
    ) -> Rejection | None:
        if failed:
            values = tuple(
                (str(side), oca.written(compile_value(side, self.rules.layout)(item.row, row)))
                for side in _sides(failed[0])
            )
            return Rejection(str(failed[0]), values)
        obstacle = self._obstacle(item)
        return None if obstacle is None else Rejection(obstacle)

    def _obstacle(self, item: Item) -> str | None:
        """Return what keeps a file away that fulfils all conditions."""
        why = next((entry.why for entry in self.withheld if entry.item is item), None)
        if why is not None:
            return why
        if any(item is guess for guess in self.guesses):
            return _FIRST_GUESS
        if item.name in self.ranks:
            return None
        if any(item is member for member in self.block.group.items):
            return "it is a file of the group itself"
        barrier = self.epoch.barrier(item)
        if barrier is not None:
            return f"the {barrier}"
        ranges = ", ".join(f"{level.begin:g} to {level.end:g} d" for level in self.levels)
        return f"it lies outside the ranges in time ({ranges})"


_FIRST_GUESS = (
    "it will be made by this action, or by one that waits for it: first guesses are certified or "
    "static files"
)


def _withheld(creation: Creation, source: str) -> Sequence[WithheldItem]:
    """Return the files that must not be used and stand where a rule searches."""
    if source == "inputFiles":
        return ()
    return [
        entry
        for entry in creation.prepared.withheld
        if (entry.item.frame.kind is Kind.RAW) == (source == "rawFiles")
    ]


def _first_guesses(
    creation: Creation, rules: Compiled, action: str, select: str
) -> Sequence[Item]:
    makers = {
        edge.producer
        for edge in action_order(rules).first_guesses
        if (edge.consumer, edge.select) == (action, select)
    }
    return [item for maker in sorted(makers) for item in creation.predicted[maker].items]


def _standing(report: CandidateReport) -> tuple[bool, bool, int, float, str]:
    far = float("inf") if report.distance is None else abs(report.distance)
    return not report.chosen, report.rejection is not None, report.rank, far, report.name


def _about_class(part: oca.Expression) -> bool:
    mentioned = list(keys(part))
    return bool(mentioned) and all(
        key.name in _CLASSES and key.scope is oca.Scope.CANDIDATE for key in mentioned
    )


def _sides(part: oca.Expression) -> Iterator[oca.Expression]:
    """Yield what a reader wants to see the value of."""
    if isinstance(part, oca.Compare):
        yield from (side for side in (part.left, part.right) if not isinstance(side, oca.Literal))
    else:
        yield from dict.fromkeys(keys(part))
