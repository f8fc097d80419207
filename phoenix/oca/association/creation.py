"""What comes of frames and rules: associated groups, before they are written as ABs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import field, frozen

from phoenix.errors import DataError
from phoenix.model.counted import counted
from phoenix.oca.association.candidates import Candidates
from phoenix.oca.association.cascade import action_order
from phoenix.oca.association.diagnostics import Diagnostic

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from phoenix.model.epoch import InstrumentBreakpoint
    from phoenix.oca.association.associate import Association, Level
    from phoenix.oca.association.compile import Compiled
    from phoenix.oca.association.frames import Prepared
    from phoenix.oca.association.organise import Group
    from phoenix.oca.language.frame import Frame
    from phoenix.oca.language.rules import RuleSet
    from phoenix.oca.language.syntax import Action, Value

__all__ = ["Associated", "Creation", "merged", "predicted_for", "short", "tiers"]


@frozen(eq=False)
class Associated:
    """A group with everything that it needs: an Association Block before it is written.

    Attributes
    ----------
    group : Group
        Its files.
    action : Action
        What is done with it.
    associations : tuple of Association
        One per select rule that is not disabled, in their order.
    products : tuple of Frame
        What it will make; empty where it is incomplete, since it may never run.
    tags : tuple of str
        Class of each file, its tag in the set of frames.
    rules : Compiled
        Where the words come from.
    """

    group: Group
    action: Action
    associations: tuple[Association, ...]
    tags: tuple[str, ...]
    rules: Compiled = field(repr=False)
    products: tuple[Frame, ...] = ()

    @property
    def name(self) -> str:
        """Name of the AB."""
        return self.group.name

    @property
    def raw_type(self) -> str:
        """RAW.TYPE of the primary file, else its class."""
        found = self.keyword("RAW.TYPE")
        return found if isinstance(found, str) else self.tags[0]

    def keyword(self, name: str) -> Value | None:
        """Return a keyword of the primary file, after classification; None where undefined."""
        place = self.rules.layout.places.get(name)
        primary = self.group.primary
        return primary.frame.header.get(name) if place is None else primary.row[place]

    @property
    def missing(self) -> tuple[str, ...]:
        """What keeps it from being complete, one line each."""
        lacking = [
            f"{found.name}: found {len(found.matches)}, expected at least {found.rule.wanted[0]}"
            f"{f'; others lie across the {found.barrier}' if found.barrier else ''}"
            for found in self.associations
            if not found.complete
        ]
        least = self.group.execute.min_files or 0
        if len(self.group.items) < least:
            lacking.insert(0, f"raw files: found {len(self.group.items)}, expected {least}")
        return tuple(lacking)

    @property
    def complete(self) -> bool:
        """Whether it has all that the rules require."""
        return not self.missing

    @property
    def parents(self) -> tuple[str, ...]:
        """Names of the ABs that must be done before, sorted."""
        inputs = [item.frame.parent for item in self.group.items]
        found = [m.frame.parent for entry in self.associations for m in entry.matches]
        return tuple(sorted({parent for parent in inputs + found if parent}))

    def association(self, name: str) -> Association:
        """Return the outcome of one select rule.

        Raises
        ------
        DataError
            If the action has no such rule, or it is disabled.
        """
        for found in self.associations:
            if found.name == name:
                return found
        known = ", ".join(found.name for found in self.associations) or "none"
        raise DataError(f"{self.name}: no calibration {name!r}, expected one of: {known}")


@frozen(eq=False)
class Creation:
    """The outcome of one call.

    Attributes
    ----------
    rules : RuleSet
        The rules used.
    blocks : tuple of Associated
        Parents before children; within an action by time.
    diagnostics : tuple of Diagnostic
        What was left out, and why.
    prepared : Prepared
        The classified frames.
    predicted : mapping of str to Candidates
        Action to the products predicted for its ABs.
    levels : mapping of str to sequence of Level
        The association levels used.
    breakpoints : tuple of InstrumentBreakpoint
        Those across which nothing was associated.
    """

    rules: RuleSet
    blocks: tuple[Associated, ...]
    diagnostics: tuple[Diagnostic, ...]
    prepared: Prepared = field(repr=False)
    predicted: Mapping[str, Candidates] = field(repr=False)
    levels: Mapping[str, Sequence[Level]] = field(factory=dict)
    breakpoints: tuple[InstrumentBreakpoint, ...] = ()

    def block(self, name: str) -> Associated:
        """Return the block with this AB name.

        Raises
        ------
        DataError
            If there is none.
        """
        for block in self.blocks:
            if block.name == name:
                return block
        raise DataError(f"found no AB {name!r} among {len(self.blocks)}; see the diagnostics")


_NONE = Candidates(())


def predicted_for(
    creation: Creation, rules: Compiled, action: str, select: str
) -> Sequence[Candidates]:
    """Return the predicted products among which a select rule of an action searched."""
    makers = action_order(rules).producers.get((action, select), ())
    return merged(makers, creation.prepared, creation.predicted)


def merged(
    makers: Iterable[str], prepared: Prepared, predicted: Mapping[str, Candidates]
) -> Sequence[Candidates]:
    """Return the virtual files and the products predicted for these actions.

    Those that are doubtful are apart, to be searched after the others.
    """
    items = [item for maker in makers for item in predicted.get(maker, _NONE).items]
    whole = [item for item in items if not item.doubtful]
    doubtful = [item for item in items if item.doubtful]
    return Candidates([*prepared.virtual.items, *whole]), Candidates(doubtful)


def tiers(
    source: str, group: Group, prepared: Prepared, virtual: Sequence[Candidates]
) -> list[Candidates]:
    """Return where a select rule searches, in this order."""
    if source == "inputFiles":
        return [Candidates(group.items)]
    if source == "rawFiles":
        return [prepared.raw]
    return [prepared.certified, *virtual, prepared.static]


def short(made: Iterable[Associated]) -> list[Diagnostic]:
    """Report groups with fewer or more raw files than their rule wants."""
    found = []
    for block in made:
        least = block.group.execute.min_files or 0
        if len(block.group.items) < least:
            message = (
                f"found {counted(len(block.group.items), 'raw file')}, expected at least {least}"
            )
            found.append(Diagnostic("too-few", block.name, message))
        if block.group.surplus:
            most = block.group.execute.max_files
            message = (
                f"found {counted(len(block.group.surplus), 'raw file')} more than the "
                f"rule takes ({most}); left out: {', '.join(block.group.surplus)}"
            )
            found.append(Diagnostic("surplus", block.name, message))
    return found
