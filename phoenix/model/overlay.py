"""Header overlays: what is said in the place of a wrong keyword, whose file is never touched."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

from phoenix.model.filename import root_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["Overlaid", "Overlay", "overlaid", "overlays_by_file"]

Value = str | int | float | bool


@frozen
class Overlay:
    """One keyword of one file, as it should be.

    Attributes
    ----------
    arcfile : str
        ARCFILE, or the name of a master calibration; with or without ``.fits``.
    keyword : str
        As in a FITS header, ``ESO DPR TYPE``.
    value : str, int, float or bool
        What holds.
    why : str
        Why; one line.
    """

    arcfile: str
    keyword: str
    value: Value
    why: str


@frozen
class Overlaid:
    """What an overlay did to a header.

    Attributes
    ----------
    keyword : str
        As in a FITS header.
    before : str, int, float, bool or None
        What the file says; None where it does not have the keyword.
    after : str, int, float or bool
        What holds.
    why : str
        Why.
    """

    keyword: str
    before: Value | None
    after: Value
    why: str

    def __str__(self) -> str:
        before = "nothing" if self.before is None else repr(self.before)
        return f"{self.keyword} is {self.after!r} in place of {before}: {self.why}"


def overlays_by_file(overlays: Iterable[Overlay]) -> dict[str, tuple[Overlay, ...]]:
    """Return the overlays of each file, by its name without suffixes."""
    found: dict[str, tuple[Overlay, ...]] = {}
    for row in overlays:
        name = root_name(row.arcfile)
        found[name] = (*found.get(name, ()), row)
    return found


def overlaid(
    header: Mapping[str, Value], overlays: Iterable[Overlay]
) -> tuple[dict[str, Value], tuple[Overlaid, ...]]:
    """Return a header as it should be, and what was changed in it; what is right already is not.

    Parameters
    ----------
    header : mapping of str to value
        FITS keywords.
    overlays : iterable of Overlay
        Those of this file.
    """
    values, done = dict(header), []
    for row in overlays:
        before = values.get(row.keyword)
        if type(before) is not type(row.value) or before != row.value:
            values[row.keyword] = row.value
            done.append(Overlaid(row.keyword, before, row.value, row.why))
    return values, tuple(done)
