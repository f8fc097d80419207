"""The columns of the wide table: what a QC scientist searches measurements by."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from attrs import frozen

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from phoenix.line.context import LineContext
    from phoenix.model.grade import Graded
    from phoenix.model.qc import QCValue
    from phoenix.store.qc1.wide import ObservedBlock

    Row = dict[str, QCValue]

__all__ = [
    "AB",
    "BEFORE_SETUP",
    "BEHIND_SETUP",
    "ELEMENT",
    "MJD",
    "NIGHT",
    "QCFLAG",
    "SHOWN",
    "Columns",
    "setup_pairs",
]

AB, NIGHT, MJD, ELEMENT, QCFLAG = "AB", "NIGHT", "MJD_OBS", "ELEMENT", "QCFLAG"

BEFORE_SETUP = (AB, NIGHT, MJD, "PROCESS", "RAW_TYPE", "RECIPE", "SETUP")
"""Columns of an AB before those of its setup keys. MJD_OBS in days (UTC)."""

BEHIND_SETUP = ("OBS_PROG_ID", "OBS_ID", "OBS_NAME", "TARGET", "MODE", "OB_GRADE", "VERSIONS")
"""Columns of an AB after those of its setup keys; what is not known is empty."""

SHOWN = frozenset({AB, NIGHT, "RAW_TYPE", "SETUP", ELEMENT})
"""What a terminal has room for; the other columns are shown where somebody asks for them."""

_NO_NAME = re.compile(r"\W")
_NEXT_KEY = re.compile(r" (?=\S+=)")


def setup_pairs(setup: str) -> dict[str, str]:
    """Return column and value of every key of a setup: ``INS.EXP.MODE=H525.8B`` is INS_EXP_MODE.

    Parameters
    ----------
    setup : str
        ``KEY=value`` pairs, separated by blanks; a value may have blanks.
    """
    pairs = (part.partition("=") for part in _NEXT_KEY.split(setup) if part)
    return {_NO_NAME.sub("_", key).upper(): value for key, _, value in pairs if key}


@frozen
class Columns:
    """Which columns there are.

    Attributes
    ----------
    parameters : frozenset of str
        QC parameters, declared by the plugin or measured without being declared: what recipes
        write into their products.
    of_setup : tuple of str
        One for each setup key of the process that no other column has the name of.
    """

    parameters: frozenset[str]
    of_setup: tuple[str, ...]

    @classmethod
    def of(cls, line: LineContext) -> Columns:
        """Return the columns of a workspace."""
        declared = {row.name for row in line.instrument.qc_parameters(line.process_row)}
        fixed = {*BEFORE_SETUP, *BEHIND_SETUP, ELEMENT, QCFLAG}
        parameters = frozenset({*declared, *line.store.wide.parameters()} - fixed)
        keys = {key for setup in line.store.wide.setups() for key in setup_pairs(setup)}
        return cls(parameters, tuple(sorted(keys - fixed - parameters)))

    @property
    def of_ab(self) -> tuple[str, ...]:
        """Columns that all elements of an AB share, in the order of the table."""
        return (*BEFORE_SETUP, *self.of_setup, *BEHIND_SETUP)

    @property
    def fixed(self) -> tuple[str, ...]:
        """All columns but the parameters, in the order of the table."""
        return (*self.of_ab, ELEMENT, QCFLAG)

    @property
    def known(self) -> Collection[str]:
        """All columns."""
        return {*self.fixed, *self.parameters}

    def rows(self, line: LineContext, blocks: Iterable[ObservedBlock]) -> dict[int, Row]:
        """Return the columns of ABs, by their numbers."""
        every = tuple(blocks)
        graded = line.store.grades.of({one.name for one in every})
        return {
            one.id: self._row(line.process_row.name, one, graded.get(one.name)) for one in every
        }

    def _row(self, process: str, one: ObservedBlock, graded: Graded | None) -> Row:
        before = (one.name, one.date, one.mjd_obs, process, one.raw_type, one.recipe, one.setup)
        keys = setup_pairs(one.setup)
        behind: Sequence[QCValue] = (
            one.obs_prog_id,
            one.obs_id or None,
            one.ob_name,
            one.target,
            graded.grade.mode or None if graded else None,
            graded.grade.grade or None if graded else None,
            one.versions,
        )
        return {
            **dict(zip(BEFORE_SETUP, before, strict=True)),
            **{key: keys.get(key) for key in self.of_setup},
            **dict(zip(BEHIND_SETUP, behind, strict=True)),
        }
