"""What persons said of an AB, beside its manifest: it outlives the database."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from attrs import frozen

from phoenix.errors import DataError
from phoenix.model.score import Verdict, VerdictKind
from phoenix.steps.shelf.jsonfile import read_json, write_json
from phoenix.steps.shelf.places import Record

if TYPE_CHECKING:
    from pathlib import Path

    from phoenix.steps.shelf.places import Places

__all__ = ["Said", "read_verdicts", "write_verdict"]


@frozen
class Said:
    """One verdict of a person, and when it was given (UTC)."""

    verdict: Verdict
    at: dt.datetime


def write_verdict(places: Places, said: Said) -> None:
    """Add a verdict to those of an AB; it lies where its manifest is.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    published = places.published.is_dir()
    path = places.fresh(Record.VERDICT) if published else places.finished(Record.VERDICT)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_json(path, [*map(_row, (*read_verdicts(places), said))])


def read_verdicts(places: Places) -> tuple[Said, ...]:
    """Return what persons said of an AB, the oldest first; nothing where a power cut left nothing.

    Raises
    ------
    OSError
        If the machine does not let us read it: nobody must take that for silence, or write it
        again without what was said before.
    """
    return _read(places.now(Record.VERDICT))


def _read(path: Path) -> tuple[Said, ...]:
    try:
        rows: Any = read_json(path) or ()
        return tuple(_said(row) for row in rows)
    except (DataError, KeyError, TypeError, ValueError):
        return ()


def _row(said: Said) -> dict[str, str]:
    verdict = said.verdict
    return {
        "kind": verdict.kind.value,
        "comment": verdict.comment,
        "by": verdict.by,
        "at": said.at.isoformat(),
    }


def _said(row: dict[str, str]) -> Said:
    verdict = Verdict(VerdictKind(row["kind"]), row["comment"], row["by"])
    return Said(verdict, dt.datetime.fromisoformat(row["at"]))
