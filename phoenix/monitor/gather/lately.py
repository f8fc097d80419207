"""How a setup was lately: the trends of an AB's parameters, and the AB before it. Reads only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import field, frozen

from phoenix.model.dates import CivilDate
from phoenix.monitor.record import Before
from phoenix.steps.shelf.places import Places, Record

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from phoenix.model.workspace import Workspace
    from phoenix.monitor.record import ABRecord
    from phoenix.store import Store
    from phoenix.store.rows.qc1 import TrendPoint

__all__ = ["Lately", "before_of", "lately_of", "trends_of"]

# Values of a trend, the newest (ours).
_TREND = 60


@frozen
class Lately:
    """How the raw types and setups of a night were scored in the nights around it."""

    points: Mapping[tuple[str, str, str], tuple[TrendPoint, ...]] = field(factory=dict)
    best: Mapping[tuple[str, str], tuple[str, str, int, int]] = field(factory=dict)


def lately_of(store: Store, date: str, rows: Sequence[ABRecord], days: int) -> Lately:
    """Return how the raw types and setups of those ABs of a night were that were scored."""
    scored = [row for row in rows if row.scores]
    if not scored:
        return Lately()
    night = CivilDate.parse(date)
    kinds = {(row.block.raw_type, row.block.setup) for row in scored}
    parameters = {score.parameter for row in scored for score in row.scores}
    nights = {"since": night.plus(-days), "until": night.plus(days)}
    return Lately(
        store.trends.points(parameters, kinds, **nights, last=_TREND),
        store.trends.best(kinds, **nights),
    )


def trends_of(
    record: ABRecord, points: Mapping[tuple[str, str, str], tuple[TrendPoint, ...]]
) -> dict[str, tuple[TrendPoint, ...]]:
    """Return the trends of the parameters that an AB is scored by as a whole."""
    kind = record.block.raw_type, record.block.setup
    names = {score.parameter for score in record.scores if score.element == 0}
    return {name: points[*kind, name] for name in names if (*kind, name) in points}


def before_of(
    workspace: Workspace, record: ABRecord, trends: Mapping[str, tuple[TrendPoint, ...]]
) -> Before | None:
    """Return the AB that was observed before another one in the same setup, and was measured."""
    own = record.block
    earlier = {
        (point.mjd_obs, point.ab_name): point.date
        for points in trends.values()
        for point in points
        if point.mjd_obs < own.mjd_obs
    }
    if not earlier:
        return None
    (_, name), date = max(earlier.items())
    places = Places(workspace, date, name.removesuffix(".ab"))
    return Before(
        name,
        date,
        {
            parameter: point.value
            for parameter, points in trends.items()
            for point in points
            if point.ab_name == name
        },
        _reports(workspace, places),
    )


def _reports(workspace: Workspace, places: Places) -> tuple[str, str]:
    here = places.now(Record.REPORT)
    (other,) = (place for place in places.both(Record.REPORT) if place != here)
    below = [path.relative_to(workspace.root).as_posix() for path in (here, other)]
    return below[0], below[1]
