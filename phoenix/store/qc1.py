"""QC1: measurements and scores of every AB, for pages, trends and certification."""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from phoenix.errors import DataError
from phoenix.model.qc import Measurement
from phoenix.model.score import Outcome
from phoenix.store.noun import Noun, as_columns, as_value, rows_in_nights
from phoenix.store.rows import QC1Row, ScoreRow
from phoenix.store.schema import ab, measurement, score

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import ColumnElement, Row, Select

    from phoenix.model.score import Score

    NumberLimit = tuple[str, str, float]

__all__ = ["QC1", "SIGNS"]

SIGNS = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "=": operator.eq,
}
"""Comparisons of numbers that the database makes."""


class QC1(Noun):
    """Measurements and scores of the process."""

    def replace(self, ab_name: str, measurements: Iterable[Measurement]) -> None:
        """Remember the measurements of an AB instead of those it had.

        Raises
        ------
        DataError
            For a parameter that has two values for the same element.
        """
        rows = list(measurements)
        _check_unique(ab_name, rows)
        with self.transactions.writing() as connection:
            of_ab = self.ids(connection, [ab_name])[ab_name]
            connection.execute(sa.delete(measurement).where(measurement.c.ab_id == of_ab))
            if rows:
                connection.execute(
                    sa.insert(measurement),
                    [
                        {"ab_id": of_ab, "parameter": row.parameter, "element": row.element}
                        | as_columns(row.value)
                        for row in rows
                    ],
                )

    def replace_scores(self, ab_name: str, scores: Iterable[Score]) -> None:
        """Remember the scores of an AB instead of those it had."""
        rows = [_score_columns(place, row) for place, row in enumerate(scores)]
        with self.transactions.writing() as connection:
            of_ab = self.ids(connection, [ab_name])[ab_name]
            connection.execute(sa.delete(score).where(score.c.ab_id == of_ab))
            if rows:
                connection.execute(sa.insert(score), [row | {"ab_id": of_ab} for row in rows])

    def measurements(
        self,
        *,
        parameters: Iterable[str] | None = None,
        since: object = None,
        until: object = None,
        raw_type: str | None = None,
        ab_name: str | None = None,
        whole_ab: bool = False,
        numbers: Iterable[NumberLimit] = (),
    ) -> tuple[QC1Row, ...]:
        """Return measurements in order of observation, parameter and element.

        Parameters
        ----------
        parameters : iterable of str, optional
            These only.
        since, until : CivilDate or str, optional
            First and last night.
        raw_type, ab_name : str, optional
            Of this raw type, of this AB only.
        whole_ab : bool, optional
            Leave out the values of single fibres, orders and IFUs.
        numbers : iterable of tuple of (str, str, float)
            Parameter, one of ``< <= > >= =``, and a number: only what was measured of an AB, or
            of its element, that has such a number, or a text, in that parameter.
        """
        query = (
            self.of_blocks(*measurement.c, ab.c.date, ab.c.mjd_obs, ab.c.raw_type, ab.c.setup)
            .where(*rows_in_nights(since, until))
            .order_by(ab.c.mjd_obs, ab.c.name, measurement.c.parameter, measurement.c.element)
        )
        query = _of(query, raw_type, ab_name)
        if parameters is not None:
            query = query.where(measurement.c.parameter.in_(list(parameters)))
        if whole_ab:
            query = query.where(measurement.c.element == 0)
        for limit in numbers:
            query = query.where(_of_those_with(limit))
        with self.transactions.reading() as connection:
            return tuple(_qc1(row) for row in connection.execute(query))

    def of(self, ab_name: str) -> tuple[Measurement, ...]:
        """Return the measurements of one AB as they were measured."""
        return tuple(
            Measurement(row.parameter, row.value, row.element)
            for row in self.measurements(ab_name=ab_name)
        )

    def scores(
        self,
        *,
        since: object = None,
        until: object = None,
        raw_type: str | None = None,
        ab_name: str | None = None,
    ) -> tuple[ScoreRow, ...]:
        """Return scores in order of observation and of the rules; see :meth:`measurements`."""
        query = (
            self.of_blocks(*score.c)
            .where(*rows_in_nights(since, until))
            .order_by(ab.c.mjd_obs, ab.c.name, score.c.place)
        )
        with self.transactions.reading() as connection:
            return tuple(_score(row) for row in connection.execute(_of(query, raw_type, ab_name)))


def _of(query: Select[Any], raw_type: str | None, ab_name: str | None) -> Select[Any]:
    if raw_type is not None:
        query = query.where(ab.c.raw_type == raw_type)
    if ab_name is not None:
        query = query.where(ab.c.name == ab_name)
    return query


def _of_those_with(limit: NumberLimit) -> ColumnElement[bool]:
    """Choose by another parameter of the same AB and element."""
    parameter, sign, number = limit
    other = measurement.alias()
    fulfilled = SIGNS[sign](other.c.number, number) | other.c.number.is_(None)
    return sa.exists().where(
        other.c.ab_id == measurement.c.ab_id,
        other.c.parameter == parameter,
        other.c.element == measurement.c.element,
        fulfilled,
    )


def _check_unique(ab_name: str, rows: list[Measurement]) -> None:
    seen = set()
    for row in rows:
        if (row.parameter, row.element) in seen:
            raise DataError(
                f"{ab_name}: found two values of {row.parameter} for element {row.element}, "
                "expected one; the instrument measures it twice"
            )
        seen.add((row.parameter, row.element))


def _score_columns(place: int, row: Score) -> dict[str, Any]:
    return {
        "place": place,
        "parameter": row.rule.parameter,
        "low": row.rule.low,
        "high": row.rule.high,
        "outcome": row.outcome.value,
        "comment": row.rule.comment,
    } | as_columns(row.value)


def _qc1(row: Row[Any]) -> QC1Row:
    return QC1Row(
        ab_name=row.ab_name,
        date=row.date,
        mjd_obs=row.mjd_obs,
        raw_type=row.raw_type,
        setup=row.setup,
        parameter=row.parameter,
        element=row.element,
        value=as_value(row),
    )


def _score(row: Row[Any]) -> ScoreRow:
    return ScoreRow(
        ab_name=row.ab_name,
        parameter=row.parameter,
        value=as_value(row),
        low=row.low,
        high=row.high,
        outcome=Outcome(row.outcome),
        comment=row.comment,
    )
