"""An explanation as values: what is told of an AB, of its rules and of their candidates."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import asdict, field, frozen

from phoenix.errors import DataError
from phoenix.model.counted import counted
from phoenix.oca.association.block import distance_text

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["CandidateReport", "Explanation", "Rejection", "RuleReport", "explanation_of"]

_SHOWN = 20
_TEXTS = ("files", "classified", "rejected_abs", "withheld", "overlaid")


@frozen
class Rejection:
    """The first condition that a candidate did not fulfil.

    Attributes
    ----------
    condition : str
        As the rule has it.
    values : tuple of (str, str)
        Each side of the comparison, or each keyword, with its value; ``undefined`` where it has
        none.
    """

    condition: str
    values: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        values = ", ".join(f"{name} is {value}" for name, value in self.values)
        return f"{self.condition}{': ' if values else ''}{values}"


@frozen
class CandidateReport:
    """One file that a rule looked at.

    Attributes
    ----------
    name, kind, parent : str
        File name, where it stands (certified, virtual, static, raw), the AB that will make it.
    distance : float or None
        Mid exposure minus the group's (days).
    rejection : Rejection or None
        None for a candidate that passes all conditions.
    rank : int
        Place among those that pass, from 1; 0 for the others.
    chosen : bool
        Whether it was taken.
    overlaid : tuple of str
        What of its header is not as in the file, and why.
    """

    name: str
    kind: str
    distance: float | None
    rejection: Rejection | None = None
    rank: int = 0
    chosen: bool = False
    parent: str = ""
    overlaid: tuple[str, ...] = ()

    def __str__(self) -> str:
        where = f"{self.name} ({self.kind}, {distance_text(self.distance)})"
        told = "".join(f"; overlaid: {what}" for what in self.overlaid)
        if self.rejection is not None:
            return f"- {where} rejected by {self.rejection}{told}"
        return f"{'*' if self.chosen else '+'} {where} rank {self.rank}{told}"


@frozen
class RuleReport:
    """One association rule at work.

    Attributes
    ----------
    name, source, condition : str
        As in the rule file.
    line : int
        Where it stands there.
    wanted : tuple of int
        At least and at most so many files.
    verdict : str
        Why the winner won, or why there is none.
    candidates : tuple of CandidateReport
        The chosen first, then those that pass, then the rejected, each by distance.
    others : int
        Files of other classes, which are not listed.
    """

    name: str
    source: str
    condition: str
    line: int
    wanted: tuple[int, int]
    verdict: str
    candidates: tuple[CandidateReport, ...] = ()
    others: int = 0

    def text(self, shown: int = _SHOWN) -> str:
        """Return the report in words, with so many candidates."""
        least, most = self.wanted
        lines = [
            f"{self.name} from {self.source} (line {self.line}, {least} to {most} wanted)",
            f"  where {self.condition or 'anything'}",
            f"  => {self.verdict}",
            *(f"  {candidate}" for candidate in self.candidates[:shown]),
        ]
        if len(self.candidates) > shown:
            lines.append(f"  ... and {counted(len(self.candidates) - shown, 'more candidate')}")
        if self.others:
            one, more = "file of another class was", "files of other classes were"
            lines.append(f"  {counted(self.others, one, more)} not looked at")
        return "\n".join(lines)


@frozen
class Explanation:
    """How one AB came about.

    Attributes
    ----------
    ab, action, recipe : str
        Its name, action and recipe.
    rules : str
        The rule files.
    files : tuple of str
        The group.
    classified : tuple of str
        Classification rules that were true for the primary file, in order.
    grouped : str
        The rule that made the group.
    associations : tuple of RuleReport
        One per select rule.
    rejected_abs : tuple of str
        ABs whose products were rejected, and so were no candidates.
    withheld : tuple of str
        Files that belong to the group and must not be used, and why.
    overlaid : tuple of str
        Keywords of its files that are not as in the file, and why.
    """

    ab: str
    rules: str
    action: str
    recipe: str
    files: tuple[str, ...]
    classified: tuple[str, ...]
    grouped: str
    associations: tuple[RuleReport, ...] = field(
        default=(), repr=lambda rules: f"<{counted(len(rules), 'calibration')}>"
    )
    rejected_abs: tuple[str, ...] = ()
    withheld: tuple[str, ...] = ()
    overlaid: tuple[str, ...] = ()

    def text(self, shown: int = _SHOWN) -> str:
        """Return the explanation in words, with so many candidates per rule."""
        head = [
            f"{self.ab}: {self.recipe} by action {self.action} ({self.rules})",
            f"{counted(len(self.files), 'file')}: {', '.join(self.files)}",
            "classified by:",
            *(f"  {rule}" for rule in self.classified or ("no rule",)),
            f"grouped by: {self.grouped}",
        ]
        head += [f"left out: {line}" for line in self.withheld]
        head += [f"overlaid: {line}" for line in self.overlaid]
        if self.rejected_abs:
            head.append(f"not looked at, rejected: {', '.join(self.rejected_abs)}")
        return "\n".join([*head, *(rule.text(shown) for rule in self.associations)]) + "\n"

    def to_dict(self) -> dict[str, Any]:
        """Return the explanation as plain values, ready for JSON."""
        return asdict(self)


def explanation_of(told: Mapping[str, Any], calib: str | None = None) -> Explanation:
    """Return an explanation from its plain values, as :meth:`Explanation.to_dict` gives them.

    Parameters
    ----------
    told : mapping
        Plain values.
    calib : str, optional
        One select rule only, by its name; all where not given.

    Raises
    ------
    DataError
        If the action has no such rule.
    """
    rules = tuple(map(_rule_report, told["associations"]))
    chosen = tuple(rule for rule in rules if calib in (None, rule.name))
    if calib is not None and not chosen:
        known = ", ".join(rule.name for rule in rules) or "none"
        raise DataError(
            f"{told['ab']}: action {told['action']} selects no {calib!r}, only: {known}"
        )
    texts = {name: tuple(told.get(name, ())) for name in _TEXTS}
    return Explanation(**{**told, **texts, "associations": chosen})


def _rule_report(told: Mapping[str, Any]) -> RuleReport:
    candidates = tuple(map(_candidate_report, told["candidates"]))
    return RuleReport(**{**told, "wanted": tuple(told["wanted"]), "candidates": candidates})


def _candidate_report(told: Mapping[str, Any]) -> CandidateReport:
    rejection = told["rejection"]
    if rejection is not None:
        values = tuple((name, value) for name, value in rejection["values"])
        rejection = Rejection(rejection["condition"], values)
    overlaid = tuple(told.get("overlaid", ()))
    return CandidateReport(**{**told, "rejection": rejection, "overlaid": overlaid})
