"""The frames to work on: raw files, certified master calibrations and static tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import field, frozen

from phoenix.model.filename import root_name
from phoenix.oca.association.candidates import Candidates, WithheldItem
from phoenix.oca.association.diagnostics import Diagnostic, duplicate, without_date
from phoenix.oca.language.frame import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from phoenix.oca.association.candidates import Item
    from phoenix.oca.association.compile import Compiled
    from phoenix.oca.language.frame import Frame

__all__ = ["Frames", "Prepared"]


def _frames(frames: Iterable[Frame]) -> tuple[Frame, ...]:
    return tuple(frames)


@frozen(eq=False)
class Frames:
    """The frames to work on, by kind.

    Attributes
    ----------
    raw : tuple of Frame
        Raw files; groups are made of these.
    certified : tuple of Frame
        Master calibrations that passed certification, searched first.
    static : tuple of Frame
        General calibrations, searched after the predicted ones.
    virtual : tuple of Frame
        Products that other ABs will make, with their parents.
    withheld : tuple of (Frame, str)
        Files that are there and must not be used, and why: what would have taken them says so.
    """

    raw: tuple[Frame, ...] = field(default=(), converter=_frames)
    certified: tuple[Frame, ...] = field(default=(), converter=_frames)
    static: tuple[Frame, ...] = field(default=(), converter=_frames)
    virtual: tuple[Frame, ...] = field(default=(), converter=_frames)
    withheld: tuple[tuple[Frame, str], ...] = ()


@frozen(eq=False)
class Prepared:
    """The frames after classification."""

    raw: Candidates
    certified: Candidates
    static: Candidates
    virtual: Candidates
    diagnostics: tuple[Diagnostic, ...]
    withheld: tuple[WithheldItem, ...] = ()

    @classmethod
    def of(cls, given: Frames, rules: Compiled) -> Prepared:
        """Classify all files; raw files without a date and duplicates are set aside."""
        diagnostics: list[Diagnostic] = []
        raw = _dated(_unique(given.raw, diagnostics), rules, diagnostics)

        def items(frames: Iterable[Frame]) -> Candidates:
            return Candidates([rules.item(frame) for frame in _unique(frames, diagnostics)])

        certified, static, virtual = map(items, (given.certified, given.static, given.virtual))
        withheld = tuple(WithheldItem(rules.item(frame), why) for frame, why in given.withheld)
        return cls(Candidates(raw), certified, static, virtual, tuple(diagnostics), withheld)


def _unique(frames: Iterable[Frame], diagnostics: list[Diagnostic]) -> list[Frame]:
    """Keep each file once: by name and path the first."""
    kept: dict[str, Frame] = {}
    for frame in sorted(frames, key=_by_name):
        first = kept.setdefault(_identity(frame), frame)
        if first is not frame:
            diagnostics.append(duplicate(frame, first))
    return list(kept.values())


def _identity(frame: Frame) -> str:
    """Return what makes a file that file: a raw one its ARCFILE, others their name."""
    known = frame.header.get("ARCFILE") if frame.kind is Kind.RAW else None
    return root_name(known if isinstance(known, str) and known else frame.name)


def _by_name(frame: Frame) -> tuple[str, str]:
    return frame.name, frame.path


def _dated(frames: Iterable[Frame], rules: Compiled, diagnostics: list[Diagnostic]) -> list[Item]:
    items = []
    for frame in frames:
        item = rules.item(frame)
        if item.mid is None:
            diagnostics.append(without_date(frame))
        else:
            items.append(item)
    return items
