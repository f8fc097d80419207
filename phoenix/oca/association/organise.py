"""Organisation: which files form a group, and the action for it.

Rules of QC group by keywords (``group by TPL.START as (TPL_A,tpl)``). The rules delivered with the
pipelines speak of events of the Paranal stream instead: SIG.FRAME, every frame, and SIG.TEMPLATE,
the end of a template, with LF. for its last file; in an archive these are groups of one frame and
of one template.
"""

from __future__ import annotations

from collections import defaultdict
from enum import Enum
from operator import itemgetter
from typing import TYPE_CHECKING

from attrs import field, frozen

from phoenix.model.epoch import epoch_of
from phoenix.model.filename import root_name
from phoenix.oca.language import syntax as oca
from phoenix.oca.language.condition import compiled, keys

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from phoenix.model.epoch import InstrumentBreakpoint
    from phoenix.oca.association.candidates import Item
    from phoenix.oca.language.condition import Layout, Row, Test
    from phoenix.oca.language.frame import Frame

__all__ = ["Event", "Group", "Grouping", "Organiser"]

# Answers that are remembered; with more all are forgotten, so that memory has an end (ours).
_REMEMBERED = 65536


class Event(Enum):
    """What makes a group."""

    FRAME = "SINGLE"
    """Each frame alone."""
    TEMPLATE = "TPL"
    """All frames of a template."""
    KEYS = "KEYS"
    """All frames with equal keywords."""


@frozen(eq=False)
class Group:
    """Files that are processed together.

    Attributes
    ----------
    name : str
        Name of the AB.
    execute : Execute
        The rule that made it.
    items : tuple of Item
        By MJD-OBS and name; the first is the primary raw file.
    mjd_mid : float
        Mid exposure of the group (MJD, days, UTC): the time used for matching.
    event, tag : str
        AB_EVENT and the ending of the AB's name.
    setup : tuple of (str, value)
        Keywords that are equal within the group, as the rule names them.
    surplus : tuple of str
        Files beyond the rule's maxRet, left out.
    withheld : tuple of (str, str)
        Files that belong to it and must not be used, and why.
    """

    name: str
    execute: oca.Execute
    items: tuple[Item, ...]
    mjd_mid: float
    event: str
    tag: str
    setup: tuple[tuple[str, oca.Value | None], ...] = ()
    surplus: tuple[str, ...] = ()
    withheld: tuple[tuple[str, str], ...] = ()

    @property
    def action(self) -> str:
        """Name of the action."""
        return self.execute.action

    @property
    def frames(self) -> tuple[Frame, ...]:
        """The files."""
        return tuple(item.frame for item in self.items)

    @property
    def primary(self) -> Item:
        """The first file, whose keywords ``inputFile.`` means."""
        return self.items[0]

    def __str__(self) -> str:
        return self.name


@frozen(eq=False)
class Grouping:
    """An execute rule, ready to run."""

    rule: oca.Execute
    event: Event
    test: Test
    places: tuple[int, ...]

    @classmethod
    def of(cls, rule: oca.Execute, layout: Layout) -> Grouping:
        """Make a rule ready."""
        return cls(
            rule,
            _event(rule),
            compiled(rule.condition, layout),
            tuple(layout.places[name] for name in rule.group_by),
        )


def _event(rule: oca.Execute) -> Event:
    mentioned = tuple(keys(rule.condition))
    if any(key.name == "SIG.TEMPLATE" or key.scope is oca.Scope.LAST for key in mentioned):
        return Event.TEMPLATE
    if rule.group_by and not any(key.name == "SIG.FRAME" for key in mentioned):
        return Event.KEYS
    return Event.FRAME


@frozen(eq=False)
class Organiser:
    """All execute rules over the same frames.

    Like the classifier it asks the rules once for each combination of the keywords they read. No
    group has files of both sides of an instrument breakpoint.
    """

    groupings: tuple[Grouping, ...]
    layout: Layout
    breakpoints: tuple[InstrumentBreakpoint, ...]
    _signature: Callable[[Row], object]
    _last_signature: Callable[[Row], object]
    _memory: dict[object, tuple[int, ...]] = field(factory=dict, repr=False)

    @classmethod
    def of(
        cls,
        groupings: Sequence[Grouping],
        layout: Layout,
        breakpoints: Sequence[InstrumentBreakpoint] = (),
    ) -> Organiser:
        """Take these rules."""
        every = tuple(groupings)
        mentioned = {key for grouping in every for key in keys(grouping.rule.condition)}

        def reader(*scopes: oca.Scope) -> Callable[[Row], object]:
            places = sorted(layout.places[key.name] for key in mentioned if key.scope in scopes)
            return itemgetter(*places) if places else lambda _row: ()

        return cls(
            every,
            layout,
            tuple(breakpoints),
            reader(oca.Scope.CANDIDATE),
            reader(oca.Scope.LAST),
        )

    def groups(
        self, items: Iterable[Item], *, tags: Mapping[str, str] | None = None
    ) -> tuple[list[Group], list[Item]]:
        """Put files into groups.

        Parameters
        ----------
        items : iterable of Item
            Classified files, all with a date.
        tags : mapping of str to str, optional
            Action to the ending of its ABs' names, where the rule gives none.

        Returns
        -------
        groups : list of Group
            In the order of the rules, then by time.
        left : list of Item
            Files that no rule wants.
        """
        every = sorted(items, key=_when)
        last = self._last_of_templates(every)
        members: dict[tuple[int, object], list[Item]] = defaultdict(list)
        left = []
        for item in every:
            template = self._template(item)
            wanted = self._matching(item.row, last[template])
            for number in wanted:
                members[number, self._key(self.groupings[number], item, template)].append(item)
            if not wanted:
                left.append(item)
        groups = [
            self._group(self.groupings[number], items, tags or {})
            for (number, _), items in sorted(
                members.items(), key=lambda entry: (entry[0][0], _when(entry[1][0]))
            )
        ]
        return groups, left

    def _last_of_templates(self, items: Sequence[Item]) -> dict[object, Row]:
        return {self._template(item): item.row for item in items}

    def _template(self, item: Item) -> object:
        row, places = item.row, self.layout.places
        start = row[places["TPL.START"]]
        return item.name if start is None else (row[places["INSTRUME"]], start)

    def _matching(self, row: Row, last: Row) -> tuple[int, ...]:
        signature = self._signature(row), self._last_signature(last)
        found = self._memory.get(signature)
        if found is None:
            if len(self._memory) >= _REMEMBERED:
                self._memory.clear()
            found = self._memory[signature] = tuple(
                number
                for number, grouping in enumerate(self.groupings)
                if grouping.test(row, last)
            )
        return found

    def _key(self, grouping: Grouping, item: Item, template: object) -> object:
        if grouping.event is Event.FRAME:
            return item.name
        values = (self._epoch(item), *(item.row[place] for place in grouping.places))
        if grouping.event is Event.TEMPLATE or "TPL.START" in grouping.rule.group_by:
            return template, values
        return values

    def _epoch(self, item: Item) -> int:
        if not self.breakpoints:
            return 0
        mentioned = {key for one in self.breakpoints for key, _ in one.setup}
        places = self.layout.places
        values = {key: item.row[places[key]] for key in mentioned if key in places}
        setup = {key: value for key, value in values.items() if value is not None}
        return epoch_of(self.breakpoints, item.mid or 0.0, setup)

    def _group(self, grouping: Grouping, items: list[Item], tags: Mapping[str, str]) -> Group:
        rule = grouping.rule
        kept = items if rule.max_files is None else items[: max(1, rule.max_files)]
        single = grouping.event is Event.FRAME or "ARCFILE" in rule.group_by
        tag = rule.tag or tags.get(rule.action, "" if single else "tpl")
        primary = kept[0]
        return Group(
            _ab_name(str(primary.row[self.layout.places["ARCFILE"]]), tag),
            rule,
            tuple(kept),
            _mid(kept),
            rule.event or (Event.FRAME if single else Event.TEMPLATE).value,
            tag,
            tuple(
                (name, primary.row[place])
                for name, place in zip(rule.group_by, grouping.places, strict=True)
            ),
            tuple(item.name for item in items[len(kept) :]),
        )


def _ab_name(arcfile: str, tag: str) -> str:
    return f"{root_name(arcfile)}{'_' if tag else ''}{tag}.ab"


def _when(item: Item) -> tuple[float, str]:
    return item.start or 0.0, item.name


def _mid(items: Sequence[Item]) -> float:
    """Return the middle between the begin of the first and the end of the last exposure."""
    starts = [item.start or 0.0 for item in items]
    ends = [2.0 * (item.mid or 0.0) - (item.start or 0.0) for item in items]
    return (min(starts) + max(ends)) / 2.0
