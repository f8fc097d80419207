"""Raw data that a person finds bad with an AB: what it was made of serves no rule any more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phoenix.line.bad_data import say_of_files
from phoenix.model.score import VerdictKind
from phoenix.store.rows.hidden import HiddenRow

if TYPE_CHECKING:
    import datetime as dt

    from phoenix.line.context import LineContext
    from phoenix.model.ab import AssociationBlock
    from phoenix.model.score import Verdict

__all__ = ["hide_raw_files", "raw_names", "show_raw_files", "tell_raw_files"]


def tell_raw_files(
    line: LineContext,
    ab: AssociationBlock,
    before: Verdict | None,
    now: Verdict,
    at: dt.datetime,
) -> None:
    """Hide the raw files of an AB if a verdict calls them bad; show them if it no longer does.

    Parameters
    ----------
    line : LineContext
        Workspace and store.
    ab : AssociationBlock
        The AB.
    before, now : Verdict
        The one that counted, None for none, and the one that is given.
    at : datetime
        UTC.
    """
    were_bad = before is not None and before.kind is VerdictKind.RAW_BAD
    if now.kind is VerdictKind.RAW_BAD:
        hide_raw_files(line, ab, now.comment, now.by, at)
    elif were_bad:
        show_raw_files(line, ab, now.comment, now.by, at)


def raw_names(ab: AssociationBlock) -> tuple[str, ...]:
    """Return the ARCFILEs of an AB, without ``.fits``; companions are not meant."""
    names = (raw.path.rpartition("/")[2].removesuffix(".fits") for raw in ab.raw_files)
    return tuple(dict.fromkeys(names))


def hide_raw_files(
    line: LineContext, ab: AssociationBlock, why: str, by: str, at: dt.datetime
) -> tuple[str, ...]:
    """Hide the raw files of an AB: no rule associates them again; return their names.

    It is called in the transaction that keeps the verdict.
    """
    names = raw_names(ab)
    say_of_files(line, (HiddenRow(name, why, by, at) for name in names))
    return names


def show_raw_files(
    line: LineContext, ab: AssociationBlock, why: str, by: str, at: dt.datetime
) -> tuple[str, ...]:
    """Let the rules use the raw files of an AB again; return their names."""
    names = raw_names(ab)
    say_of_files(line, (HiddenRow(name, why, by, at, hides=False) for name in names))
    return names
