"""QC1 as a wide table: ABs with all that is searched by, values beside them, and their moments."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from attrs import frozen

from phoenix.store.noun import Noun, as_value, in_batches, rows_in_nights
from phoenix.store.qc1.measurements import SIGNS
from phoenix.store.schema import ab, measurement, qcflag

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sqlalchemy import ColumnElement, FromClause

    from phoenix.model.qc import QCValue

    NumberLimit = tuple[str, str, float]
    FlagPlace = tuple[int | None, int]

__all__ = ["Choice", "Moments", "ObservedBlock", "Wide"]

_VANISHING = 1e-150  # the square of what is smaller is no number


@frozen
class ObservedBlock:
    """An AB with all that its measurements are searched by.

    Attributes
    ----------
    id : int
        Of the row.
    name, date, raw_type, recipe, setup : str
        As in :class:`~phoenix.store.rows.BlockRow`.
    mjd_obs : float
        MJD (days, UTC) of its first raw file.
    obs_id : int
        OBS ID, 0 where there is none.
    obs_prog_id, target, ob_name : str or None
        See :class:`~phoenix.model.observation.Observation`; None before there are products.
    versions : str or None
        Programs that had a hand in the products: ``phoenix-idp/0.1.0 ... giraf/2.16.10``.
    """

    id: int
    name: str
    date: str
    mjd_obs: float
    raw_type: str
    recipe: str
    setup: str
    obs_id: int
    obs_prog_id: str | None
    target: str | None
    ob_name: str | None
    versions: str | None


@frozen
class Choice:
    """Which values are wanted.

    Attributes
    ----------
    blocks : tuple of int
        Of these ABs.
    parameters : tuple of str or None
        Of these parameters; all if None.
    elements : bool
        Those of fibres, orders or IFUs in place of those of the whole ABs.
    numbers : tuple of tuple of (str, str, float)
        Parameter, one of ``< <= > >= =``, and a number: only values of an AB or element that has
        such a number in that parameter.
    places : tuple of tuple of (str, float)
        Such a sign and a number: only values of elements of such a number.
    bits : tuple of tuple of (int or None, int)
        For each bit asked for the tables of bits, and the place that it has in each: only values
        of an AB or element in whose QCFLAG all these are set.
    """

    blocks: tuple[int, ...]
    parameters: tuple[str, ...] | None = None
    elements: bool = False
    numbers: tuple[NumberLimit, ...] = ()
    places: tuple[tuple[str, float], ...] = ()
    bits: tuple[tuple[FlagPlace, ...], ...] = ()


@frozen
class Moments:
    """Number, sum and sum of squared deviations of the values of a parameter in one AB.

    Attributes
    ----------
    ab_id : int
        Of the AB.
    parameter : str
        QC parameter.
    number : int
        Of numbers; texts and what could not be measured are none.
    total : float
        Their sum, in the parameter's unit.
    squares : float
        Sum of the squared differences to their own mean, in that unit squared.
    elements, first, last : int
        How many elements have a value, of whatever kind, and the lowest and highest of them.
    """

    ab_id: int
    parameter: str
    number: int
    total: float
    squares: float
    elements: int = 0
    first: int = 0
    last: int = 0


class Wide(Noun):
    """Measurements of the process, AB by AB."""

    def blocks(self, since: object = None, until: object = None) -> tuple[ObservedBlock, ...]:
        """Return the ABs of these nights, or all, in order of observation."""
        columns = (ab.c[one.name] for one in ObservedBlock.__attrs_attrs__)
        query = (
            sa.select(*columns)
            .where(ab.c.process == self.process, *rows_in_nights(since, until))
            .order_by(ab.c.mjd_obs, ab.c.name)
        )
        with self.transactions.reading() as connection:
            return tuple(ObservedBlock(*row) for row in connection.execute(query))

    def setups(self) -> tuple[str, ...]:
        """Return every setup that was ever observed, each once."""
        query = sa.select(ab.c.setup).distinct().where(ab.c.process == self.process)
        with self.transactions.reading() as connection:
            return tuple(sorted(row[0] for row in connection.execute(query)))

    def parameters(self) -> tuple[str, ...]:
        """Return every parameter that was ever measured, of all processes of the database.

        From name to name by the index: a list of all values would be looked through otherwise.
        """
        first = sa.select(sa.func.min(measurement.c.parameter).label("name"))
        names = first.cte("names", recursive=True)
        following = sa.select(sa.func.min(measurement.c.parameter)).where(
            measurement.c.parameter > names.c.name
        )
        names = names.union_all(
            sa.select(following.scalar_subquery()).where(names.c.name.is_not(None))
        )
        with self.transactions.reading() as connection:
            found = connection.execute(sa.select(names.c.name))
            return tuple(row[0] for row in found if row[0] is not None)

    def values(self, choice: Choice) -> Iterator[tuple[int, str, int, QCValue]]:
        """Yield number of the AB, parameter, element and value, in no order."""
        columns = ("ab_id", "parameter", "element", "number", "whole", "text")
        query = sa.select(*(measurement.c[name] for name in columns))
        query = query.where(*_conditions(measurement, choice))
        with self.transactions.reading() as connection:
            for batch in in_batches(choice.blocks):
                for row in connection.execute(query.where(measurement.c.ab_id.in_(batch))):
                    yield row.ab_id, row.parameter, row.element, as_value(row)

    def moments(self, choice: Choice, *, squares: bool) -> tuple[Moments, ...]:
        """Return the moments of every parameter in every AB, made by the database.

        Parameters
        ----------
        squares : bool
            Whether they are wanted: a second look at every value, at its difference to the mean.
        """
        mean = _means(choice)
        found: list[Moments] = []
        with self.transactions.reading() as connection:
            for batch in in_batches(choice.blocks):
                own = mean.where(measurement.c.ab_id.in_(batch)).subquery()
                last = _squares(own, choice) if squares else sa.literal(0.0)
                told = ("ab_id", "parameter", "number", "total")
                query = sa.select(
                    *(own.c[name] for name in told),
                    last,
                    *(own.c[name] for name in ("elements", "first", "last")),
                )
                found += map(_moments, connection.execute(query))
        return tuple(found)

    def number(self, choice: Choice) -> dict[int, int]:
        """Return of every AB how many elements have a value of any of the parameters."""
        elements = sa.func.count(measurement.c.element.distinct())
        query = sa.select(measurement.c.ab_id, elements).where(*_conditions(measurement, choice))
        found: dict[int, int] = {}
        with self.transactions.reading() as connection:
            for batch in in_batches(choice.blocks):
                of_batch = query.where(measurement.c.ab_id.in_(batch))
                rows = connection.execute(of_batch.group_by(measurement.c.ab_id))
                found.update((row[0], row[1]) for row in rows)
        return found


def _moments(row: Any) -> Moments:  # noqa: ANN401 - a row of eight
    ab_id, parameter, number, total, squares, elements, first, last = row
    # Of texts alone the database knows no sum.
    total, squares = total or 0.0, squares or 0.0
    return Moments(ab_id, parameter, number, total, squares, elements, first, last)


def _means(choice: Choice) -> Any:  # noqa: ANN401 - a Select of four columns
    """Select number, sum and mean of every parameter of an AB, and of which elements."""
    value, element = measurement.c.number, measurement.c.element
    return (
        sa.select(
            measurement.c.ab_id,
            measurement.c.parameter,
            sa.func.count(value).label("number"),
            sa.func.sum(value).label("total"),
            sa.func.avg(value).label("mean"),
            sa.func.count().label("elements"),
            sa.func.min(element).label("first"),
            sa.func.max(element).label("last"),
        )
        .where(*_conditions(measurement, choice))
        .group_by(measurement.c.ab_id, measurement.c.parameter)
    )


def _squares(own: Any, choice: Choice) -> Any:  # noqa: ANN401 - a subquery, a scalar one
    """Select the sum of squared differences to the mean; sums of squares would lose digits."""
    other = measurement.alias()
    difference = other.c.number - own.c.mean
    # PostgreSQL ends with an error where a product is too small for a number.
    vanishes = sa.func.abs(difference) < _VANISHING
    return (
        sa.select(sa.func.sum(sa.case((vanishes, 0.0), else_=difference * difference)))
        .where(
            other.c.ab_id == own.c.ab_id,
            other.c.parameter == own.c.parameter,
            *_conditions(other, choice),
        )
        .scalar_subquery()
    )


def _conditions(table: FromClause, choice: Choice) -> Iterable[ColumnElement[bool]]:
    """Return what a row of measurements must fulfil, besides being of one of the ABs."""
    if choice.parameters is not None:
        yield table.c.parameter.in_(choice.parameters)
    yield table.c.element > 0 if choice.elements else table.c.element == 0
    for sign, number in choice.places:
        yield SIGNS[sign](table.c.element, number)
    for limit in choice.numbers:
        yield _of_those_with(table, limit)
    for places in choice.bits:
        yield _of_flagged(table, places)


def _of_those_with(table: FromClause, limit: NumberLimit) -> ColumnElement[bool]:
    """Choose by another parameter of the same AB and element."""
    parameter, sign, number = limit
    other = measurement.alias()
    return sa.exists().where(
        other.c.ab_id == table.c.ab_id,
        other.c.parameter == parameter,
        other.c.element == table.c.element,
        SIGNS[sign](other.c.number, number),
    )


def _of_flagged(table: FromClause, places: Iterable[FlagPlace]) -> ColumnElement[bool]:
    """Choose by a bit of QCFLAG, which has its place in each table of bits."""
    own = qcflag.alias()
    set_in = [
        (own.c.table_id.is_(None) if number is None else own.c.table_id == number)
        & (sa.func.substr(own.c.flag, place + 1, 1) == "1")
        for number, place in places
    ]
    return sa.exists().where(
        own.c.ab_id == table.c.ab_id, own.c.element == table.c.element, sa.or_(sa.false(), *set_in)
    )
