"""Pools whose ABs were made from headers: written down, and taken up again.

An association is made once. What a run, a rerun, a conversion find later are the ABs that were
written down, until somebody asks for new ones; with the recipe parameters of phoenix.toml as it is
then.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from phoenix.errors import DataError
from phoenix.formats.abfile import read_ab
from phoenix.line.bad_data import Withheld, withheld_of
from phoenix.line.night.hold import hold_nights
from phoenix.line.night.parameters import with_present_settings
from phoenix.line.report import PreparedNight, WaitingBlock, waits_for
from phoenix.model.ab import ABName
from phoenix.model.cascade import Cascade
from phoenix.model.dates import CivilDate, mjd_of
from phoenix.steps.prepare import Prepared
from phoenix.steps.shelf.jsonfile import read_json

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from pathlib import Path

    from phoenix.line.context import LineContext
    from phoenix.model.ab import AssociationBlock
    from phoenix.model.workspace import Workspace

__all__ = [
    "OF_NIGHT",
    "changed_blocks",
    "forget_made",
    "made_before",
    "made_pools",
    "other_candidates",
    "read_explanation",
    "record_of",
]

OF_NIGHT = "created.json"
"""File in ``ab/<date>`` that names the pool by which the ABs of a night were created."""


def record_of(workspace: Workspace, label: str) -> Path:
    """Return the file that lists the ABs of a created pool."""
    return workspace.folder("ab") / f"{label}.json"


def made_before(workspace: Workspace, label: str) -> set[str]:
    """Return the names of the ABs that were made of a pool before.

    When a night is finished, the masters that it made are certified files like any other.
    Associated once more, its science would take those instead of what it waits for, and be another
    AB; so they are left out.
    """
    return {name for _, name in (read_json(record_of(workspace, label)) or {}).get("blocks", ())}


def forget_made(line: LineContext, nights: Iterable[CivilDate]) -> tuple[CivilDate, ...]:
    """Let nights have the ABs of the repository again, and return those that had created ones.

    What was created stays on disk: its explanations are still true of what was run.

    Raises
    ------
    BusyError
        If a run holds one of them; all keep what they have.
    """
    had = tuple(date for date in nights if _note(line.workspace, date).exists())
    with hold_nights(line, had):
        for date in had:
            _note(line.workspace, date).unlink(missing_ok=True)
    return had


def _note(workspace: Workspace, date: CivilDate) -> Path:
    return workspace.folder("ab", date) / OF_NIGHT


# ---- taking up ---------------------------------------------------------------------------------


def made_pools(
    line: LineContext, nights: Sequence[CivilDate], only: tuple[str, ...] = ()
) -> tuple[PreparedNight, ...]:
    """Return the created pools that hold these nights, with the parameters of phoenix.toml.

    Raises
    ------
    DataError
        If the list of one is gone, or an AB asked for is not in it or broken. Other ABs that are
        broken are refused, each alone with what waits for it.
    """
    # A night of a pool may have been forgotten since, or created once more with other nights.
    labels: dict[str, list[CivilDate]] = {}
    for date in nights:
        found = read_json(_note(line.workspace, date))
        if found:
            labels.setdefault(str(found["label"]), []).append(date)
    withheld = withheld_of(line) if labels else Withheld()
    return tuple(_read(line, label, own, only, withheld) for label, own in labels.items())


def _read(
    line: LineContext,
    label: str,
    asked: Sequence[CivilDate],
    only: tuple[str, ...],
    withheld: Withheld,
) -> PreparedNight:
    workspace = line.workspace
    content = read_json(record_of(workspace, label))
    if content is None:
        raise DataError(
            f"{record_of(workspace, label)}: found no such file, expected the list of a created "
            "pool; make its ABs again with `phoenix create-ab`"
        )
    blocks, broken = _readable(workspace, content["blocks"], withheld)
    waiting = _waiting(workspace, content.get("waiting", ()))
    cascade = Cascade(with_present_settings(line.settings, ab) for ab in blocks)
    if only:
        _can_be_run(only, label, cascade, broken, waiting)
        cascade = cascade.with_parents(only)
    refused = () if only else (*map(tuple, content["refused"]), *broken.items())
    every = tuple(map(CivilDate.parse, content["nights"]))
    nights = tuple(date for date in every if date in set(asked))
    waiting = () if only else tuple(one for one in waiting if one.block.date in nights)
    if nights != every:
        cascade = cascade.with_parents(str(ab.name) for ab in cascade if ab.date in nights)
    return PreparedNight(
        nights[0],
        Prepared(cascade, refused, (), tuple(blocks)),
        content["pool"],
        nights,
        content["masters"],
        tuple((below, place) for below, place in content["files"]),
        waiting,
    )


def _can_be_run(
    names: Sequence[str],
    label: str,
    cascade: Cascade,
    broken: Mapping[str, str],
    waiting: Iterable[WaitingBlock],
) -> None:
    """Refuse ABs asked for by name that are broken, wait for a person, or are not there.

    Raises
    ------
    DataError
        For the first of them.
    """
    waits = {str(one.block.name): one.masters for one in waiting}
    known = {str(ab.name) for ab in cascade}
    for name in names:
        if name in broken:
            raise DataError(f"{name}: {broken[name]}")
        if name in waits:
            raise DataError(f"{name}: {waits_for(waits[name])}; certify, then make it")
    lost = [name for name in names if name not in known]
    if lost:
        raise DataError(f"{', '.join(lost)}: no such AB in the created pool {label}")


def _waiting(
    workspace: Workspace, rows: Iterable[tuple[str, str, list[str]]]
) -> tuple[WaitingBlock, ...]:
    """Return the ABs of a pool that wait for a person; a broken one is made again with them."""
    found = []
    for date, name, masters in rows:
        try:
            block = read_ab(workspace.folder("ab", date) / name)
        except (DataError, OSError):
            continue
        found.append(WaitingBlock(block, tuple(masters)))
    return tuple(found)


def _readable(
    workspace: Workspace, rows: Iterable[tuple[str, str]], withheld: Withheld
) -> tuple[list[AssociationBlock], dict[str, str]]:
    """Return the ABs of a pool that can be run, and why others cannot.

    They are broken, have inputs that must not be used, or wait for such an AB.
    """
    blocks: list[AssociationBlock] = []
    broken: dict[str, str] = {}
    # In the order of the cascade: parents come before their children.
    for date, name in rows:
        try:
            ab = read_ab(workspace.folder("ab", date) / name)
        except (DataError, OSError) as error:
            broken[name] = f"{error}; make the ABs again with `phoenix create-ab -d {date}`"
            continue
        lost = [parent for parent in ab.waits_for if parent in broken]
        if lost:
            broken[name] = f"waits for {lost[0]}, which cannot be run"
        elif found := withheld.inputs(ab):
            again = f"make the ABs again with `phoenix create-ab -d {date}`"
            broken[name] = f"{'; '.join(found)}; {again}"
        else:
            blocks.append(ab)
    return blocks, broken


def changed_blocks(night: PreparedNight) -> tuple[AssociationBlock, ...]:
    """Return the ABs of a created pool that phoenix.toml has changed since they were written."""
    written = {str(ab.name): ab for ab in night.prepared.originals}
    return tuple(ab for ab in night.prepared.cascade if ab != written.get(str(ab.name)))


def other_candidates(workspace: Workspace, name: str, lost: Collection[str]) -> str:
    """Say what could stand in the place of masters that will not be made.

    Parameters
    ----------
    workspace : Workspace
        The workspace.
    name : str
        An AB that waits for them.
    lost : collection of str
        ABs that have no products.

    Returns
    -------
    str
        For each such master the next candidate by rank, as the explanation has it; empty for an
        AB that was not created here, and where there is none.
    """
    date = CivilDate.of(mjd_of(ABName(name).timestamp[:19]))
    told: Mapping[str, Any] = read_explanation(workspace, date, ABName(name).root) or {}
    found = []
    for rule in told.get("associations", ()):
        rows = rule["candidates"]
        if not any(row["chosen"] and row["parent"] in lost for row in rows):
            continue
        others = [
            row
            for row in rows
            if not row["chosen"] and row["rejection"] is None and row["parent"] not in lost
        ]
        if others:
            best = min(others, key=lambda row: row["rank"])
            found.append(f"{rule['name']} {best['name']} ({best['kind']})")
    return ", ".join(found)


def read_explanation(workspace: Workspace, date: object, root: str) -> dict[str, object] | None:
    """Return how an AB came about, None for one that was not created here."""
    found: dict[str, object] | None = read_json(workspace.folder("ab", date) / f"{root}.why.json")
    return found
