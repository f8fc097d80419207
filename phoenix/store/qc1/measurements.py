"""QC1: measurements and scores of every AB, for pages, trends and certification."""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from attrs import evolve

from phoenix.errors import DataError
from phoenix.model.qc import Measurement
from phoenix.model.score import Outcome
from phoenix.model.threshold import Kind
from phoenix.store.noun import Noun, as_columns, as_value, rows_in_nights
from phoenix.store.rows.qc1 import QC1Row, ScoreRow
from phoenix.store.schema import ab, judgement, measurement, score

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Iterator

    from sqlalchemy import ColumnElement, Connection, Row, Select

    from phoenix.model.score import Score

    NumberLimit = tuple[str, str, float]

__all__ = ["QC1", "SIGNS", "newest_judgement", "score_rows"]

SIGNS = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "=": operator.eq,
}
"""Comparisons of numbers that the database makes."""

# Put together once: to build a statement takes longer than to execute it.
_FORGET = sa.delete(measurement).where(measurement.c.ab_id == sa.bindparam("of_ab"))
_MEASURED, _JUDGED, _SCORED = sa.insert(measurement), sa.insert(judgement), sa.insert(score)
_LAST_JUDGEMENT = sa.select(sa.func.max(judgement.c.id)).where(
    judgement.c.ab_id == sa.bindparam("of_ab")
)
_SCORES_OF = (
    sa.select(*(column for column in score.c if column.name != "judgement_id"))
    .where(score.c.judgement_id == sa.bindparam("of_judgement"))
    .order_by(score.c.place, score.c.part)
)


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
            connection.execute(_FORGET, {"of_ab": of_ab})
            if rows:
                connection.execute(
                    _MEASURED,
                    [
                        {"ab_id": of_ab, "parameter": row.parameter, "element": row.element}
                        | as_columns(row.value)
                        for row in rows
                    ],
                )

    def add_scores(self, ab_name: str, scores: Iterable[Score], at: dt.datetime) -> None:
        """Keep the scores of an AB beside those it had; the very same ones change nothing.

        Parameters
        ----------
        ab_name : str
            The AB.
        scores : iterable of Score
            All that it has now.
        at : datetime
            When it was judged.
        """
        rows = [row for place, one in enumerate(scores) for row in _score_columns(place, one)]
        with self.transactions.writing() as connection:
            of_ab = self.ids(connection, [ab_name])[ab_name]
            if rows == _newest(connection, of_ab):
                return
            made = connection.execute(_JUDGED, {"ab_id": of_ab, "at": at})
            (number,) = made.inserted_primary_key or (None,)
            if rows:
                connection.execute(_SCORED, [row | {"judgement_id": number} for row in rows])

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
        parts: bool = False,
        every: bool = False,
    ) -> tuple[ScoreRow, ...]:
        """Return scores in order of observation and of the rules; see :meth:`measurements`.

        Parameters
        ----------
        since, until, raw_type, ab_name
            As of :meth:`measurements`.
        parts : bool, optional
            Also the scores of single elements, where a rule looks at each.
        every : bool, optional
            Also those that no longer count, in the order in which they were judged.
        """
        query = (
            sa.select(ab.c.name.label("ab_name"), judgement.c.at, *score.c)
            .join_from(ab, judgement, judgement.c.ab_id == ab.c.id)
            .join(score, score.c.judgement_id == judgement.c.id)
            .where(ab.c.process == self.process, *rows_in_nights(since, until))
            .order_by(ab.c.mjd_obs, ab.c.name, judgement.c.id, score.c.place, score.c.part)
        )
        if not every:
            query = query.where(judgement.c.id == newest_judgement(judgement.c.ab_id))
        if not parts:
            query = query.where(score.c.part == 0)
        with self.transactions.reading() as connection:
            return tuple(_score(row) for row in connection.execute(_of(query, raw_type, ab_name)))


def newest_judgement(of_ab: ColumnElement[int]) -> ColumnElement[int]:
    """Return the number of the judgement of an AB that counts."""
    later = judgement.alias()
    return sa.select(sa.func.max(later.c.id)).where(later.c.ab_id == of_ab).scalar_subquery()


def _newest(connection: Connection, of_ab: int) -> list[dict[str, Any]] | None:
    """Return the scores that count, as they were written; None if the AB was never judged."""
    last = connection.scalar(_LAST_JUDGEMENT, {"of_ab": of_ab})
    if last is None:
        return None
    rows = connection.execute(_SCORES_OF, {"of_judgement": last})
    return [dict(row) for row in rows.mappings()]


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


def score_rows(ab_name: str, scores: Iterable[Score]) -> Iterator[ScoreRow]:
    """Yield the rows that scores would have, each followed by those of its elements."""
    for place, one in enumerate(scores):
        low, high = one.limits
        row = ScoreRow(
            ab_name,
            one.rule.parameter,
            one.value,
            low,
            high,
            one.outcome,
            one.comment,
            element=one.rule.element or 0,
            place=place,
            kind=one.rule.kind,
            rule=str(one.rule),
            source=one.rule.source,
        )
        yield row
        for part in one.elements:
            low, high = one.rule.limits_of(part.element)
            yield evolve(
                row,
                value=part.value,
                low=low,
                high=high,
                outcome=part.outcome,
                comment="",
                element=part.element,
                part=part.element,
            )


def _score_columns(place: int, row: Score) -> Iterator[dict[str, Any]]:
    """Yield the columns of a score, and of its elements."""
    low, high = row.limits
    about = {
        "place": place,
        "parameter": row.rule.parameter,
        "kind": row.rule.kind.value,
        "rule": str(row.rule),
        "source": row.rule.source,
    }
    yield (
        about
        | as_columns(row.value)
        | {
            "part": 0,
            "element": row.rule.element or 0,
            "low": low,
            "high": high,
            "outcome": row.outcome.value,
            "comment": row.comment,
        }
    )
    for one in row.elements:
        low, high = row.rule.limits_of(one.element)
        yield (
            about
            | as_columns(one.value)
            | {
                "part": one.element,
                "element": one.element,
                "low": low,
                "high": high,
                "outcome": one.outcome.value,
                "comment": "",
            }
        )


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
        element=row.element,
        part=row.part,
        place=row.place,
        kind=Kind(row.kind),
        rule=row.rule,
        source=row.source,
        at=row.at,
    )
