"""The data pool: raw files, certified master calibrations and static tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import field, frozen

from phoenix.oca.candidates import Candidates
from phoenix.oca.organise import root_name

if TYPE_CHECKING:
    from collections.abc import Iterable

    from phoenix.oca.candidates import Item
    from phoenix.oca.compile import Compiled
    from phoenix.oca.frame import Frame

__all__ = ["Diagnostic", "Pool", "Prepared"]


@frozen
class Diagnostic:
    """Something that the pool or the rules lack; the work goes on without it.

    Attributes
    ----------
    code : str
        ``duplicate``, ``no-date``, ``unwanted``, ``undefined-action``, ``surplus``, ``too-few``,
        ``same-name`` or ``nothing``.
    subject : str
        The file, action or rule set.
    message : str
        What was found, what was expected, what to do.
    """

    code: str
    subject: str
    message: str

    def __str__(self) -> str:
        return f"{self.subject}: {self.message}"


@frozen(eq=False)
class Pool:
    """The files to work on.

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
    """

    raw: tuple[Frame, ...] = field(default=(), converter=tuple)
    certified: tuple[Frame, ...] = field(default=(), converter=tuple)
    static: tuple[Frame, ...] = field(default=(), converter=tuple)
    virtual: tuple[Frame, ...] = field(default=(), converter=tuple)


@frozen(eq=False)
class Prepared:
    """A pool after classification."""

    raw: Candidates
    certified: Candidates
    static: Candidates
    virtual: Candidates
    diagnostics: tuple[Diagnostic, ...]

    @classmethod
    def of(cls, pool: Pool, rules: Compiled) -> Prepared:
        """Classify all files; raw files without a date and duplicates are set aside."""
        diagnostics: list[Diagnostic] = []
        raw = _dated(_unique(pool.raw, diagnostics), rules, diagnostics)

        def items(frames: Iterable[Frame]) -> Candidates:
            return Candidates([rules.item(frame) for frame in _unique(frames, diagnostics)])

        certified, static, virtual = map(items, (pool.certified, pool.static, pool.virtual))
        return cls(Candidates(raw), certified, static, virtual, tuple(diagnostics))


def _unique(frames: Iterable[Frame], diagnostics: list[Diagnostic]) -> list[Frame]:
    """Keep one file of each ARCFILE: by name and path the first."""
    kept: dict[str, Frame] = {}
    for frame in sorted(frames, key=_by_name):
        first = kept.setdefault(root_name(frame.arcfile), frame)
        if first is not frame:
            diagnostics.append(_duplicate(frame, first))
    return list(kept.values())


def _by_name(frame: Frame) -> tuple[str, str]:
    return frame.name, frame.path


def _duplicate(frame: Frame, first: Frame) -> Diagnostic:
    same = "the same header" if frame.header == first.header else "ANOTHER HEADER"
    return Diagnostic(
        "duplicate",
        frame.path or frame.name,
        f"found the same ARCFILE as {first.path or first.name} with {same}, expected each file "
        "once; it was left out: remove one of them",
    )


def _dated(frames: Iterable[Frame], rules: Compiled, diagnostics: list[Diagnostic]) -> list[Item]:
    items = []
    for frame in frames:
        item = rules.item(frame)
        if item.mid is None:
            found = frame.header.get("MJD-OBS")
            diagnostics.append(
                Diagnostic(
                    "no-date",
                    frame.path or frame.name,
                    f"found MJD-OBS {'undefined' if found is None else repr(found)}, expected a "
                    "number of days: without it nothing can be matched in time, and the file was "
                    "left out; mend its header",
                )
            )
        else:
            items.append(item)
    return items
