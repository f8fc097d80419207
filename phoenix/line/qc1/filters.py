"""Conditions on rows of the QC1 table, as a person writes them: ``SNR>50``, ``QCFLAG:2``."""

from __future__ import annotations

import operator
import re
from math import isfinite
from typing import TYPE_CHECKING, Any

from attrs import frozen

from phoenix.errors import DataError
from phoenix.line.answers.known import column_name
from phoenix.line.qc1.columns import NIGHT, QCFLAG
from phoenix.model.dates import CivilDate

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from phoenix.model.qc import QCValue

__all__ = ["Filter"]

_FORM = re.compile(r"(\w[\w.-]*)\s*(<=|>=|!=|<|>|=|~|:)\s*([^\s<>=!~].*)", re.DOTALL)


_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "=": operator.eq,
    "!=": operator.ne,
}


@frozen
class Filter:
    """A condition on one column.

    Attributes
    ----------
    column : str
        Upper case.
    operator : str
        ``< <= > >= = !=``, or ``~`` for "contains", upper or lower case; ``:`` for a bit of
        QCFLAG that is set, by its name or position.
    value : str
        What the column is held against: as a number where the column has one, else as text.
    """

    column: str
    operator: str
    value: str

    @classmethod
    def parse(cls, text: str) -> Filter:
        """Read a condition.

        Raises
        ------
        DataError
            If it is none; if NIGHT is held against what is no date, or another column than QCFLAG
            asked for a bit.
        """
        match = _FORM.fullmatch(text.strip())
        if match is None:
            raise DataError(f"filter: found {text[:80]!r}, expected one like SNR>50 or SETUP~H525")
        found = cls(column_name(match[1]), match[2], match[3])
        if found.column == NIGHT and found.operator != "~":
            _check_date(found)
        if found.operator == ":" and found.column != QCFLAG:
            raise DataError(
                f"filter {text[:80]}: found {found.column}, expected a bit of QCFLAG: QCFLAG:2"
            )
        return found

    def keeps(self, row: Mapping[str, QCValue]) -> bool:
        """Tell whether a row fulfils it; what was not measured fulfils none.

        Raises
        ------
        DataError
            If the column has numbers and the condition names none.
        """
        found = row.get(self.column)
        if found is None:
            return False
        if self.operator == "~":
            return self.value.casefold() in str(found).casefold()
        if isinstance(found, str):
            return _COMPARISONS[self.operator](found, self.value)
        return _COMPARISONS[self.operator](float(found), self._number())

    def number(self) -> float | None:
        """Return the value as a number; None if it is none, or no finite one."""
        try:
            number = float(self.value)
        except ValueError:
            return None
        return number if isfinite(number) else None

    def _number(self) -> float:
        if (number := self.number()) is None:
            raise DataError(
                f"filter {self.column}{self.operator}{self.value}: "
                f"found {self.value!r}, expected a number"
            )
        return number


def _check_date(condition: Filter) -> None:
    try:
        CivilDate.parse(condition.value[:80])
    except DataError as error:
        raise DataError(f"filter {NIGHT}{condition.operator}: {error}") from error
