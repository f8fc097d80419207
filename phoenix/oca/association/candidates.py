"""The files among which calibrations are sought, in buckets sorted by time.

An association rule compares most keywords for equality. The files that agree in them share a
bucket, found by one dictionary lookup; within it the closest in time is found by bisection.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from operator import attrgetter, itemgetter
from typing import TYPE_CHECKING

from attrs import field, frozen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from phoenix.oca.language.condition import Row, Test
    from phoenix.oca.language.frame import Frame
    from phoenix.oca.language.syntax import Value

__all__ = ["Bucket", "Candidates", "Item"]


@frozen(eq=False)
class Item:
    """A frame with its row of classified keywords.

    Attributes
    ----------
    mid : float or None
        Mid exposure (MJD, days, UTC); None for a static table without a date.
    start : float or None
        MJD-OBS (days, UTC).
    doubtful : bool
        Whether it is predicted of a template that was broken off, or of an AB that came to nothing
        before: others come first.
    """

    frame: Frame
    row: Row = field(repr=False)
    mid: float | None
    start: float | None
    doubtful: bool = False

    @property
    def name(self) -> str:
        """The file's name."""
        return self.frame.name


@frozen(eq=False)
class WithheldItem:
    """A file that must not be used, and why."""

    item: Item
    why: str


@frozen(eq=False)
class Bucket:
    """Files that agree in everything a rule compares, sorted by mid exposure and name.

    Attributes
    ----------
    mids : list of float
        Mid exposures (MJD, days, UTC), ascending.
    items : list of Item
        Beside them.
    undated : list of Item
        Files without a date, by name; further away than any other.
    slack : float
        The largest difference of mid exposure and MJD-OBS (days).
    """

    mids: list[float]
    items: list[Item]
    undated: list[Item]
    slack: float

    @classmethod
    def of(cls, items: Iterable[Item]) -> Bucket:
        """Sort files into a bucket."""
        every = list(items)
        dated = sorted(
            ((item.mid, item.name, item) for item in every if item.mid is not None),
            key=itemgetter(0, 1),
        )
        undated = sorted((item for item in every if item.mid is None), key=attrgetter("name"))
        slack = max((mid - (item.start or mid) for mid, _, item in dated), default=0.0)
        return cls([mid for mid, _, _ in dated], [item for *_, item in dated], undated, slack)

    def closest(self, moment: float) -> Item | None:
        """Return the file closest to a moment (MJD): of two equally far, the earlier."""
        mids = self.mids
        after = bisect_left(mids, moment)
        if after == 0:
            return self.items[0] if mids else next(iter(self.undated), None)
        before = mids[after - 1]
        if after < len(mids) and mids[after] - moment < moment - before:
            return self.items[after]
        return self.items[bisect_left(mids, before)]

    def outward(self, moment: float, begin: float, end: float) -> Iterator[Item]:
        """Yield the files with mid exposures from begin to end (MJD), the closest first.

        Ties: the earlier one, then by name. Files without a date come last, and only where no
        window limits the search.
        """
        mids, items = self.mids, self.items
        first, stop = bisect_left(mids, begin), bisect_right(mids, end)
        after = bisect_left(mids, moment, first, stop)
        before = after - 1
        while before >= first or after < stop:
            if before < first or (after < stop and mids[after] - moment < moment - mids[before]):
                yield items[after]
                after += 1
                continue
            same = max(first, bisect_left(mids, mids[before]))
            yield from items[same : before + 1]
            before = same - 1
        if begin == -_EVER and end == _EVER:
            yield from self.undated


_EVER = float("inf")
_EMPTY = Bucket([], [], [], 0.0)


@frozen(eq=False)
class Candidates:
    """All files of one kind, with their buckets made as they are asked for."""

    items: Sequence[Item]
    _by_value: dict[int, dict[object, list[Item]]] = field(factory=dict, repr=False)
    _buckets: dict[object, dict[object, Bucket]] = field(factory=dict, repr=False)

    def with_value(self, place: int, value: Value) -> Sequence[Item]:
        """Return the files with this value at this place of their rows."""
        lists = self._by_value.get(place)
        if lists is None:
            lists = self._by_value[place] = defaultdict(list)
            for item in self.items:
                lists[item.row[place]].append(item)
        return lists.get(value, ())

    def bucket(
        self,
        fixed: tuple[tuple[int, Value], ...],
        places: tuple[int, ...],
        values: object,
        filters: tuple[Test, ...] = (),
    ) -> Bucket:
        """Return the files that a rule lets through.

        Parameters
        ----------
        fixed : tuple of (int, value)
            Places of the row with the values they must have.
        places : tuple of int
            Places that must equal `values`.
        values : value or tuple of values
            As ``operator.itemgetter(*places)`` gives them; none is None.
        filters : tuple of test
            Further conditions on the candidate alone; the same objects at every call.
        """
        kind = (fixed, places, filters)
        buckets = self._buckets.get(kind)
        if buckets is None:
            buckets = self._buckets[kind] = self._sorted(fixed, places, filters)
        return buckets.get(values, _EMPTY)

    def _sorted(
        self,
        fixed: tuple[tuple[int, Value], ...],
        places: tuple[int, ...],
        filters: tuple[Test, ...],
    ) -> dict[object, Bucket]:
        lists: dict[object, list[Item]] = defaultdict(list)
        key = _key(places)
        for item in self.with_value(*fixed[0]) if fixed else self.items:
            row = item.row
            if all(row[place] == value for place, value in fixed[1:]) and all(
                test(row, row) for test in filters
            ):
                lists[key(row)].append(item)
        return {values: Bucket.of(items) for values, items in lists.items()}


def _key(places: tuple[int, ...]) -> Callable[[Row], object]:
    return itemgetter(*places) if places else lambda _row: ()
