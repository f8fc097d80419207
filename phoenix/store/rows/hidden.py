"""What was said about a file that must not be used, as it comes out of the store."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import field, frozen

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable

__all__ = ["HiddenRow", "still_hidden"]


@frozen
class HiddenRow:
    """A file was hidden, or shown again.

    Attributes
    ----------
    name : str
        ARCFILE of a raw file, name of another, without ``.fits`` and what may follow it.
    why, by : str
        Why, and who said so.
    at : datetime
        When (UTC).
    hides : bool
        False where it was shown again.
    """

    name: str
    why: str
    by: str
    at: dt.datetime
    hides: bool = field(default=True, kw_only=True)

    def __str__(self) -> str:
        return f"hidden by {self.by} on {self.at:%Y-%m-%d}: {self.why}"


def still_hidden(rows: Iterable[HiddenRow]) -> dict[str, HiddenRow]:
    """Return the files that are hidden after all that was said, in the order of the last word."""
    found: dict[str, HiddenRow] = {}
    for row in rows:
        # Said again it goes to the end.
        found.pop(row.name, None)
        found[row.name] = row
    return {name: row for name, row in found.items() if row.hides}
