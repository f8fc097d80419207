"""A person's verdict."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phoenix.errors import DataError
from phoenix.model.score import Verdict, VerdictKind

if TYPE_CHECKING:
    import datetime as dt

    from phoenix.store.store import Store

__all__ = ["give_verdict"]


def give_verdict(
    store: Store, name: str, at: dt.datetime, *, reject: bool, comment: str, by: str
) -> Verdict:
    """Certify or reject the products of an AB.

    Raises
    ------
    DataError
        If the store knows no such AB, or a rejection has no comment.
    """
    if not store.blocks.rows(names=[name]):
        raise DataError(f"{name}: no such AB was run here; see `phoenix status`")
    kind = VerdictKind.REJECTED if reject else VerdictKind.OK
    verdict = Verdict(kind, comment, by)
    store.verdicts.give(name, verdict, at)
    return verdict
