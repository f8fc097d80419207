"""Trends: how QC parameters and scores of a setup were lately, for the score report of an AB."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from phoenix.model.score import Outcome
from phoenix.store.noun import Noun, rows_in_nights
from phoenix.store.qc1.measurements import newest_judgement
from phoenix.store.rows.qc1 import TrendPoint
from phoenix.store.schema import ab, judgement, measurement, score

if TYPE_CHECKING:
    from collections.abc import Collection

__all__ = ["Trends"]

_Kind = tuple[str, str]


class Trends(Noun):
    """What was measured of the same raw types and setups, and how it was scored."""

    def points(
        self,
        parameters: Collection[str],
        kinds: Collection[_Kind],
        *,
        since: object,
        until: object,
        last: int,
    ) -> dict[tuple[str, str, str], tuple[TrendPoint, ...]]:
        """Return what was measured of whole ABs, in order of observation.

        Parameters
        ----------
        parameters : collection of str
            QC parameters.
        kinds : collection of (str, str)
            Raw types and setups.
        since, until : CivilDate or str
            First and last night.
        last : int
            At most so many of each, the newest.

        Returns
        -------
        dict
            Raw type, setup and parameter to points.
        """
        rank = sa.func.row_number().over(
            partition_by=(ab.c.raw_type, ab.c.setup, measurement.c.parameter),
            order_by=(ab.c.mjd_obs.desc(), ab.c.name),
        )
        inner = (
            sa.select(
                ab.c.name,
                ab.c.date,
                ab.c.mjd_obs,
                ab.c.raw_type,
                ab.c.setup,
                measurement.c.parameter,
                measurement.c.number,
                rank.label("rank"),
            )
            .join_from(ab, measurement, measurement.c.ab_id == ab.c.id)
            .where(ab.c.process == self.process, *rows_in_nights(since, until))
            .where(*_of(kinds))
            .where(measurement.c.element == 0, measurement.c.number.is_not(None))
            .where(measurement.c.parameter.in_(list(parameters)))
            .subquery()
        )
        query = (
            sa.select(inner).where(inner.c.rank <= last).order_by(inner.c.mjd_obs, inner.c.name)
        )
        found: dict[tuple[str, str, str], list[TrendPoint]] = defaultdict(list)
        with self.transactions.reading() as connection:
            for row in connection.execute(query):
                point = TrendPoint(row.name, row.date, row.mjd_obs, row.number)
                found[row.raw_type, row.setup, row.parameter].append(point)
        return {key: tuple(points) for key, points in found.items()}

    def best(
        self, kinds: Collection[_Kind], *, since: object, until: object
    ) -> dict[_Kind, tuple[str, str, int, int]]:
        """Return the AB with the fewest red scores of each raw type and setup, the newest of them.

        Parameters
        ----------
        kinds, since, until
            As of :meth:`points`.

        Returns
        -------
        dict
            Raw type and setup to name and night of the AB, its red scores and all of them.
        """
        red = sa.func.sum(sa.case((score.c.outcome == Outcome.RED.value, 1), else_=0))
        query = (
            sa.select(
                ab.c.name,
                ab.c.date,
                ab.c.raw_type,
                ab.c.setup,
                red.label("red"),
                sa.func.count().label("scores"),
            )
            .join_from(ab, judgement, judgement.c.ab_id == ab.c.id)
            .join(score, score.c.judgement_id == judgement.c.id)
            .where(ab.c.process == self.process, *rows_in_nights(since, until))
            .where(*_of(kinds))
            .where(score.c.part == 0, judgement.c.id == newest_judgement(judgement.c.ab_id))
            .group_by(ab.c.id, ab.c.name, ab.c.date, ab.c.raw_type, ab.c.setup, ab.c.mjd_obs)
            .order_by(red, ab.c.mjd_obs.desc())
        )
        found: dict[_Kind, tuple[str, str, int, int]] = {}
        with self.transactions.reading() as connection:
            for row in connection.execute(query):
                kind = row.raw_type, row.setup
                found.setdefault(kind, (row.name, row.date, row.red, row.scores))
        return found


def _of(kinds: Collection[_Kind]) -> list[Any]:
    raw_types, setups = {kind[0] for kind in kinds}, {kind[1] for kind in kinds}
    return [ab.c.raw_type.in_(raw_types), ab.c.setup.in_(setups)]
