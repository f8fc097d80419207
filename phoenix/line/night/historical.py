"""The ABs of the repository: nights of historical ABs, edited, as they would be run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import evolve

from phoenix.archive.repository import ABRepository, Refused
from phoenix.errors import ArchiveError, DataError
from phoenix.formats.abdiff import before_edits
from phoenix.line.bad_data import withheld_of
from phoenix.line.jobs.memory import within_memory
from phoenix.line.night.created_blocks import made_pools
from phoenix.line.night.parameters import with_settings
from phoenix.line.report import PreparedNight
from phoenix.line.workspace import repositories
from phoenix.model.ab import ABName
from phoenix.model.cascade import Cascade
from phoenix.model.dates import CivilDate, mjd_of
from phoenix.model.limits import MB
from phoenix.steps.prepare import Selection, prepare_blocks

if TYPE_CHECKING:
    from collections.abc import Iterable

    from phoenix.line.bad_data import Withheld
    from phoenix.line.context import LineContext
    from phoenix.model.ab import AssociationBlock
    from phoenix.steps.prepare import Prepared

__all__ = ["find_block", "historical_nights", "repository_places"]


def repository_places(line: LineContext) -> tuple[str, ...]:
    """Return the folders that hold ABs, for messages."""
    night = CivilDate(2020, 1, 1)
    return tuple(str(row.folder(night).parent) for row in _repositories(line))


def historical_nights(
    line: LineContext, nights: Iterable[CivilDate], only: tuple[str, ...] = ()
) -> tuple[PreparedNight, ...]:
    """Return the nights that have ABs in the repository, edited; write nothing."""
    withheld = withheld_of(line)
    return tuple(
        PreparedNight(date, prepared)
        for date in nights
        if (prepared := _prepare_night(line, date, only, withheld)) is not None
    )


def find_block(line: LineContext, name: str) -> tuple[AssociationBlock, AssociationBlock]:
    """Return an AB before and after its edits, created or of the repository.

    Raises
    ------
    DataError
        If there is none, or it cannot be run.
    """
    own = CivilDate.of(mjd_of(ABName(name).timestamp[:19]))
    for night in made_pools(line, (own,)):
        for ab in night.prepared.cascade:
            if str(ab.name) == name:
                return before_edits(ab) or ab, ab
    date = _night_of(line, own, name)
    prepared = _prepare_night(line, date, (), withheld_of(line))
    if prepared is not None:
        refused = dict(prepared.refused)
        if name in refused:
            raise DataError(f"{name}: {refused[name]}")
        originals = {str(ab.name): ab for ab in prepared.originals}
        for ab in prepared.cascade:
            if str(ab.name) == name:
                return originals.get(name, ab), ab
    raise DataError(f"{name}: no such AB in the repositories; see `phoenix ab list -d {date}`")


def _repositories(line: LineContext) -> tuple[ABRepository, ...]:
    roots = repositories(line.workspace, line.settings)
    most = int(line.settings.limits.ab_mb * MB)
    return tuple(ABRepository(root, line.instrument.name, most) for root in roots)


def _prepare_night(
    line: LineContext, date: CivilDate, only: tuple[str, ...], withheld: Withheld
) -> Prepared | None:
    for repository in _repositories(line):
        if repository.list(date):
            blocks, unreadable = _usable(withheld, *repository.fetch(date), date)
            prepared = prepare_blocks(
                line.instrument,
                line.process_row,
                date,
                blocks,
                unreadable,
                # mypy cannot follow attrs' converter=tuple.
                Selection(names=only),  # type: ignore[arg-type]
            )
            whole = Cascade(with_settings(line.settings, ab) for ab in prepared.cascade)
            cascade = within_memory(line, whole)
            # Who asks for some ABs is not told of the others.
            refused = () if only else prepared.refused
            return evolve(prepared, cascade=cascade, refused=refused)
    return None


def _usable(
    withheld: Withheld,
    blocks: Iterable[AssociationBlock],
    refused: Iterable[Refused],
    date: CivilDate,
) -> tuple[tuple[AssociationBlock, ...], tuple[Refused, ...]]:
    """Refuse the ABs whose inputs must not be used.

    A historical AB is run as it is or not at all: others could take the place of its inputs, but
    to choose them is association. What belongs to the data and is not reduced is left out of it.
    """
    kept: list[AssociationBlock] = []
    lost = list(refused)
    for ab in blocks:
        found = withheld.inputs(ab)
        if found:
            why = f"{'; '.join(found)}; make the ABs by rules (`phoenix create-ab -d {date}`)"
            lost.append(Refused(str(ab.name), why))
        else:
            kept.append(withheld.without_companions(ab))
    return tuple(kept), tuple(lost)


def _night_of(line: LineContext, own: CivilDate, name: str) -> CivilDate:
    """Return the night whose folder has an AB; a borrowed calibration may be of another."""
    for repository in _repositories(line):
        try:
            nights = repository.nights()
        except ArchiveError:
            # A folder of raw files alone.
            continue
        for date in (own, *nights):
            if (repository.folder(date) / name).is_file():
                return date
    return own
