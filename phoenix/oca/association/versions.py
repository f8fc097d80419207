"""Rules through the years: which version holds for which night."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

from attrs import evolve, field, frozen

from phoenix.errors import DataError
from phoenix.oca.association.create import create

if TYPE_CHECKING:
    from collections.abc import Iterable

    from phoenix.model.dates import CivilDate
    from phoenix.oca.association.creation import Creation
    from phoenix.oca.association.frames import Frames
    from phoenix.oca.language.frame import Frame
    from phoenix.oca.language.rules import RuleSet

__all__ = ["RuleVersion", "RuleVersions", "create_by_version"]


@frozen(eq=False)
class RuleVersion:
    """Rules and the nights for which they hold.

    Attributes
    ----------
    begins, ends : CivilDate or None
        First and last night; None = open.
    """

    rules: RuleSet
    begins: CivilDate | None = None
    ends: CivilDate | None = None

    def covers(self, night: CivilDate) -> bool:
        """Whether these rules hold for that night."""
        after = self.begins is None or self.begins <= night
        return after and (self.ends is None or night <= self.ends)

    def __str__(self) -> str:
        return f"{self.rules.name} ({self.begins or '...'} to {self.ends or '...'})"


def _checked(given: Iterable[RuleVersion]) -> tuple[RuleVersion, ...]:
    versions = tuple(sorted(given, key=lambda version: str(version.begins or "")))
    for earlier, later in pairwise(versions):
        if later.begins is None or earlier.ends is None or later.begins <= earlier.ends:
            raise DataError(
                f"rule versions overlap: {earlier} and {later}; expected one version per night: "
                "mend their validity ranges"
            )
    return versions


@frozen(eq=False)
class RuleVersions:
    """Rules of an instrument through the years: one version per night.

    Raises
    ------
    DataError
        If two versions hold for the same night.
    """

    versions: tuple[RuleVersion, ...] = field(converter=_checked)

    def on(self, night: CivilDate) -> RuleSet:
        """Return the rules that hold on a night.

        Raises
        ------
        DataError
            If there are none; names the versions there are.
        """
        for version in self.versions:
            if version.covers(night):
                return version.rules
        known = "; ".join(map(str, self.versions)) or "none"
        raise DataError(f"no rules for the night {night}, expected one of: {known}")


def create_by_version(
    versions: RuleVersions,
    frames: Frames,
    **options: Any,  # noqa: ANN401 - those of create
) -> tuple[Creation, ...]:
    """Make Association Blocks, each night by the rules that hold for it.

    The versions run in their order in time, and products that an earlier version predicts are
    candidates for the later ones.

    Parameters
    ----------
    options
        As for :func:`phoenix.oca.association.create`.

    Raises
    ------
    DataError
        If a night of a raw frame has no rules.
    """
    for frame in frames.raw:
        if frame.night is not None:
            versions.on(frame.night)
    made: list[Creation] = []
    for version in versions.versions:
        raw = tuple(frame for frame in frames.raw if _belongs(frame, version))
        if raw:
            virtual = (*frames.virtual, *_predicted(made))
            made.append(create(version.rules, evolve(frames, raw=raw, virtual=virtual), **options))
    return tuple(made)


def _belongs(frame: Frame, version: RuleVersion) -> bool:
    """Whether a frame falls to a version; one without a date to the first, which reports it."""
    return version.begins is None if frame.night is None else version.covers(frame.night)


def _predicted(made: Iterable[Creation]) -> tuple[Frame, ...]:
    return tuple(
        frame for creation in made for block in creation.blocks for frame in block.products
    )
