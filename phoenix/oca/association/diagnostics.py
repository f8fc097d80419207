"""What the frames or the rules lack, in words: the work goes on without it."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from attrs import frozen

from phoenix.model.counted import counted
from phoenix.oca.association.classifier import category_of
from phoenix.oca.language.frame import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from phoenix.model.epoch import InstrumentBreakpoint
    from phoenix.oca.association.candidates import Item, WithheldItem
    from phoenix.oca.association.organise import Group
    from phoenix.oca.language.condition import Layout
    from phoenix.oca.language.frame import Frame
    from phoenix.oca.language.rules import RuleSet

__all__ = [
    "Diagnostic",
    "duplicate",
    "missing_exposures",
    "nothing_wanted",
    "renamed",
    "undefined_actions",
    "unused_breakpoints",
    "unwanted",
    "withheld_masters",
    "without_date",
]

_OF_TEMPLATE = "TPL"
_NAMED = 3


@frozen
class Diagnostic:
    """Something that the frames or the rules lack; the work goes on without it.

    Attributes
    ----------
    code : str
        ``duplicate``, ``no-date``, ``unwanted``, ``undefined-action``, ``surplus``, ``too-few``,
        ``same-name``, ``aborted``, ``withheld``, ``breakpoint`` or ``nothing``.
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


def missing_exposures(groups: Iterable[Group], raw: Iterable[Item]) -> dict[str, str]:
    """Return the ABs of templates that were broken off, and what is missing.

    A template says how many exposures it wants (TPL NEXP); all of them count, whatever they are
    for: some templates take lamps and science.
    """
    taken = Counter(_template(item.frame) for item in raw)
    found = {}
    for group in groups:
        frame = group.primary.frame
        wanted, there = frame.header.get("TPL.NEXP"), taken[_template(frame)]
        if not group.event.startswith(_OF_TEMPLATE) or not isinstance(wanted, int):
            continue
        if _template(frame)[1] and there < wanted:
            found[group.name] = (
                f"found {there} of the {wanted} exposures of its template (TPL NEXP), expected "
                "all; whole templates are associated first"
            )
    return found


def _template(frame: Frame) -> tuple[object, object]:
    return frame.header.get("TPL.ID"), frame.header.get("TPL.START")


def duplicate(frame: Frame, first: Frame) -> Diagnostic:
    """Report a file whose ARCFILE another one has."""
    same = "the same header" if frame.header == first.header else "ANOTHER HEADER"
    return Diagnostic(
        "duplicate",
        frame.path or frame.name,
        f"found the same ARCFILE as {first.path or first.name} with {same}, expected each file "
        "once; it was left out: remove one of them",
    )


def without_date(frame: Frame) -> Diagnostic:
    """Report a raw file without a usable MJD-OBS."""
    found = frame.header.get("MJD-OBS")
    return Diagnostic(
        "no-date",
        frame.path or frame.name,
        f"found MJD-OBS {'undefined' if found is None else repr(found)}, expected a number of "
        "days: without it nothing can be matched in time, and the file was left out; mend its "
        "header",
    )


def unwanted(left: Iterable[Item], layout: Layout) -> list[Diagnostic]:
    """Report the raw files that no rule wants, one line per class."""
    classes: dict[str, list[str]] = defaultdict(list)
    for item in left:
        classes[category_of(item.row, layout)].append(item.name)
    return [
        Diagnostic("unwanted", category, _unwanted(names))
        for category, names in sorted(classes.items())
    ]


def _unwanted(names: Sequence[str]) -> str:
    return (
        f"found {counted(len(names), 'file')} that no rule wants ({names[0]}"
        f"{' ...' if len(names) > 1 else ''}); expected for test and acquisition files, "
        "else mend the rules"
    )


def nothing_wanted(rules: RuleSet, every: int) -> Diagnostic:
    """Report rules that want none of the raw files."""
    return Diagnostic(
        "nothing",
        rules.name,
        f"found no rule that wants any of the {every} raw files, expected some: are these the "
        "rules of this instrument?",
    )


def undefined_actions(groups: Mapping[str, list[Group]], rules: RuleSet) -> list[Diagnostic]:
    """Report groups for whose action there is no rule."""
    return [
        Diagnostic(
            "undefined-action",
            name,
            f"found 'select execute({name})' in line {entries[0].execute.line} for "
            f"{counted(len(entries), 'group')} ({entries[0]} ...), expected an action of "
            "this name; they were left out: add the action or remove the rule",
        )
        for name, entries in sorted(groups.items())
        if entries and name not in rules.actions
    ]


def withheld_masters(withheld: Iterable[WithheldItem]) -> list[Diagnostic]:
    """Report the calibrations that are there and must not be used, one line a reason."""
    names: dict[str, list[str]] = defaultdict(list)
    for entry in withheld:
        if entry.item.frame.kind is not Kind.RAW:
            names[entry.why].append(entry.item.name)
    return [
        Diagnostic("withheld", _some(sorted(found)), f"not associated: {why}")
        for why, found in sorted(names.items())
    ]


def _some(names: Sequence[str]) -> str:
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more} more" if more > 0 else "")


def unused_breakpoints(
    breakpoints: Iterable[InstrumentBreakpoint], compared: Iterable[str], rules: str
) -> list[Diagnostic]:
    """Report breakpoints of a keyword that no rule compares: they separate nothing.

    Parameters
    ----------
    breakpoints : iterable of InstrumentBreakpoint
        All.
    compared : iterable of str
        Keywords that the rules compare.
    rules : str
        Name of the rules.
    """
    known = set(compared)
    return [
        Diagnostic(
            "breakpoint",
            str(one),
            f"found {key}, which no rule of {rules} compares, expected one of "
            f"{', '.join(sorted(known)) or 'none'}; it separates no calibration from its frames",
        )
        for one in breakpoints
        for key, _ in one.setup
        if key not in known
    ]


def renamed(group: Group, new: str) -> Diagnostic:
    """Report a second AB of one name."""
    return Diagnostic(
        "same-name",
        group.name,
        f"found two groups of this name, expected one; that of action {group.action} is called "
        f"{new}: give the action a tag",
    )
