"""Association: the calibrations and companions of one group."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import evolve, field, frozen

from phoenix.oca.language.frame import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from phoenix.model.epoch import InstrumentBreakpoint
    from phoenix.oca.association.candidates import Bucket, Candidates, Item
    from phoenix.oca.association.lookup import Lookup
    from phoenix.oca.association.organise import Group
    from phoenix.oca.language.condition import Layout
    from phoenix.oca.language.frame import Frame
    from phoenix.oca.language.syntax import Select

__all__ = [
    "Association",
    "Epoch",
    "Level",
    "Levels",
    "Match",
    "associate",
    "epoch_for",
    "levels_of",
    "ranking",
]

_EVER = float("inf")


@frozen
class Level:
    """A graded range of validity: how far in time a match may lie.

    Attributes
    ----------
    number : int
        0 = calibration plan, 1 = sufficient, 2 = probably acceptable, 3 = risky.
    begin, end : float
        Days from the mid exposure of the group.
    """

    number: int
    begin: float
    end: float


Levels = "Mapping[str, Sequence[Level]]"
"""Name of a select rule to its levels, searched in order; ``*`` for all others."""

_UNLIMITED = (Level(-1, -_EVER, _EVER),)


@frozen(eq=False)
class Match:
    """A file that was chosen.

    Attributes
    ----------
    distance : float or None
        Its mid exposure minus the group's (days); None where it has no date.
    level : int or None
        Association level, None where levels are off.
    """

    item: Item = field(repr=False)
    distance: float | None
    level: int | None = None

    @property
    def frame(self) -> Frame:
        """The file."""
        return self.item.frame


@frozen(eq=False)
class Epoch:
    """The time between the instrument breakpoints around a group, as one rule has it.

    Attributes
    ----------
    begins, ends : InstrumentBreakpoint or None
        The last one before the group and the first one after it; None where there is none.
    """

    begins: InstrumentBreakpoint | None = None
    ends: InstrumentBreakpoint | None = None

    def barrier(self, item: Item) -> InstrumentBreakpoint | None:
        """Return the breakpoint between the group and a file, None where there is none.

        Static tables are made and not taken, and files without a date are of all times.
        """
        if item.mid is None or item.frame.kind is Kind.STATIC:
            return None
        if self.begins is not None and item.mid < self.begins.mjd:
            return self.begins
        if self.ends is not None and item.mid >= self.ends.mjd:
            return self.ends
        return None


UNBROKEN = Epoch()
"""No breakpoint anywhere."""


def epoch_for(
    lookup: Lookup, group: Group, layout: Layout, breakpoints: Sequence[InstrumentBreakpoint]
) -> Epoch:
    """Return the epoch in which a rule searches for a group.

    Of the breakpoints of single setups those count whose keywords the rule compares: a bias, which
    knows no slit, serves all slits on both sides of the day on which one of them was replaced.

    Parameters
    ----------
    lookup : Lookup
        The rule.
    group : Group
        For which it searches.
    layout : Layout
        Keywords of a row.
    breakpoints : sequence of InstrumentBreakpoint
        In order of time.
    """
    if not breakpoints or lookup.rule.source == "inputFiles":
        return UNBROKEN
    row = group.primary.row
    setup = {layout.names[place]: row[place] for place in lookup.inputs}
    setup |= {layout.names[place]: value for place, value in lookup.fixed}
    concerned = [one for one in breakpoints if one.concerns(setup)]
    before = [one for one in concerned if one.mjd <= group.mjd_mid]
    after = [one for one in concerned if one.mjd > group.mjd_mid]
    return Epoch(before[-1] if before else None, after[0] if after else None)


@frozen(eq=False)
class Association:
    """The outcome of one select rule for one group.

    Attributes
    ----------
    rule : Select
        The rule.
    matches : tuple of Match
        What was chosen, the best first.
    barrier : str
        Where the rule lacks files: the breakpoint across which it would have found one.
    """

    rule: Select
    matches: tuple[Match, ...]
    barrier: str = ""

    @property
    def name(self) -> str:
        """The tag under which the files go into the set of frames."""
        return self.rule.name

    @property
    def complete(self) -> bool:
        """Whether there are as many files as the rule wants."""
        return len(self.matches) >= self.rule.wanted[0]


def levels_of(lookup: Lookup, levels: Mapping[str, Sequence[Level]]) -> Sequence[Level]:
    """Return the ranges in which a rule searches: its own tryBetween, else the levels given."""
    rule = lookup.rule
    if rule.windows:
        return [Level(n, window.begin, window.end) for n, window in enumerate(rule.windows)]
    return levels.get(rule.name) or levels.get("*") or _UNLIMITED


def associate(
    lookup: Lookup,
    group: Group,
    tiers: Sequence[Candidates],
    levels: Sequence[Level] = _UNLIMITED,
    epoch: Epoch = UNBROKEN,
) -> Association:
    """Find the files of one select rule for a group.

    Parameters
    ----------
    lookup : Lookup
        The rule.
    group : Group
        Its primary file is what ``inputFile.`` means.
    tiers : sequence of Candidates
        Where to search, in this order: certified, virtual, static.
    levels : sequence of Level
        Ranges in time, searched in order; within one the tiers in their order, within a tier the
        closest in time first, of two equally far the earlier, then by name.
    epoch : Epoch
        What lies in another one is no candidate.
    """
    buckets = _buckets(lookup, group, tiers)
    if lookup.rule.wanted[1] == 1 and levels is _UNLIMITED and not lookup.tests:
        found = _closest(lookup, group, buckets, epoch)
    else:
        found = _searched(lookup, group, buckets, levels, epoch)
    if found.complete or epoch is UNBROKEN:
        return found
    across = (item for item, _ in _in_order(lookup, group, buckets, levels, UNBROKEN))
    barriers = (epoch.barrier(item) for item in across)
    return evolve(found, barrier=str(next(filter(None, barriers), "")))


def ranking(
    lookup: Lookup,
    group: Group,
    tiers: Sequence[Candidates],
    levels: Sequence[Level],
    epoch: Epoch = UNBROKEN,
) -> Iterator[Item]:
    """Yield every file that a rule would take for a group, the best first."""
    buckets = _buckets(lookup, group, tiers)
    if buckets:
        yield from (item for item, _ in _in_order(lookup, group, buckets, levels, epoch))


def _buckets(lookup: Lookup, group: Group, tiers: Sequence[Candidates]) -> list[Bucket]:
    """Look up the files that agree with the group; none where a keyword is undefined."""
    row = group.primary.row
    values = lookup.input_values(row)
    undefined = None in values if isinstance(values, tuple) else values is None
    if undefined or not all(guard(row, row) for guard in lookup.guards):
        return []
    return [tier.bucket(lookup.fixed, lookup.places, values, lookup.filters) for tier in tiers]


def _closest(lookup: Lookup, group: Group, buckets: Sequence[Bucket], epoch: Epoch) -> Association:
    """Take the common case: one file, no window, nothing left to try."""
    own = _own(lookup, group)
    for bucket in buckets:
        item = bucket.closest(group.mjd_mid)
        if item is not None and item.name not in own and epoch.barrier(item) is None:
            return Association(lookup.rule, (_match(item, group, None),))
        if item is not None:
            return _searched(lookup, group, buckets, _UNLIMITED, epoch)
    return Association(lookup.rule, ())


def _searched(
    lookup: Lookup,
    group: Group,
    buckets: Sequence[Bucket],
    levels: Sequence[Level],
    epoch: Epoch,
) -> Association:
    most = lookup.rule.wanted[1]
    chosen: dict[str, Match] = {}
    for item, level in _in_order(lookup, group, buckets, levels, epoch):
        if len(chosen) == most:
            break
        chosen.setdefault(item.name, _match(item, group, level))
    return Association(lookup.rule, tuple(chosen.values()))


def _in_order(
    lookup: Lookup,
    group: Group,
    buckets: Sequence[Bucket],
    levels: Sequence[Level],
    epoch: Epoch,
) -> Iterator[tuple[Item, int | None]]:
    row, moment = group.primary.row, group.mjd_mid
    own = _own(lookup, group)
    earliest, latest = lookup.window(row)
    for level in levels:
        for bucket in buckets:
            begin = max(earliest, moment + level.begin)
            end = min(latest + bucket.slack, moment + level.end)
            for item in bucket.outward(moment, begin, end):
                if item.name in own or epoch.barrier(item) is not None:
                    continue
                if all(test(item.row, row) for test in lookup.tests):
                    yield item, None if levels is _UNLIMITED else level.number


def _own(lookup: Lookup, group: Group) -> frozenset[str]:
    """Return the files that a rule must not choose: the group's, unless it asks for them."""
    if lookup.rule.source == "inputFiles":
        return frozenset()
    return frozenset(item.name for item in group.items)


def _match(item: Item, group: Group, level: int | None) -> Match:
    return Match(item, None if item.mid is None else item.mid - group.mjd_mid, level)
