"""Named faults: rows that spoil the plan of a night in one known way each.

A fault is a function from plan to plan; it never touches a file. What a plan is, the
instrument decides.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

from attrs import frozen

from phoenix.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = ["Fault", "with_faults"]

P = TypeVar("P")


@frozen
class Fault(Generic[P]):
    """One row of a fault table.

    Attributes
    ----------
    name : str
        What a user types after ``--fault``.
    meaning : str
        What went wrong that night.
    caught_by : str
        The QC parameter, gate or score bit that must see it.
    spoil : callable
        The night's plan without the fault in, with it out.
    """

    name: str
    meaning: str
    caught_by: str
    spoil: Callable[[P], P]


def with_faults(plan: P, names: Iterable[str], table: Iterable[Fault[P]]) -> P:
    """Build the named faults into a plan, in the order of the names.

    Raises
    ------
    SettingsError
        If a name is not in the table.
    """
    rows = {fault.name: fault for fault in table}
    for name in names:
        if name not in rows:
            known = ", ".join(sorted(rows))
            raise SettingsError(f"fault: found {name!r}, expected one of {known}")
        plan = rows[name].spoil(plan)
    return plan
