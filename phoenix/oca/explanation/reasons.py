"""Why the winner won, in words."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from phoenix.oca.association.block import distance_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from phoenix.oca.explanation.explanation import CandidateReport
    from phoenix.oca.language.syntax import Select

__all__ = ["why_it_won"]

_SHOWN = 3


def why_it_won(candidates: Sequence[CandidateReport], rule: Select) -> str:
    """Return why the chosen candidates were chosen, or why nothing was."""
    if rule.disabled:
        return "disabled: minRet and maxRet are 0"
    chosen = sorted((c for c in candidates if c.chosen), key=lambda c: c.rank)
    passed = sorted((c for c in candidates if c.rejection is None), key=lambda c: c.rank)
    if not chosen:
        return _nothing(candidates, rule)
    names = ", ".join(f"{c.name} ({c.kind}, {distance_text(c.distance)})" for c in chosen)
    beaten = [c for c in passed if not c.chosen]
    if not beaten:
        only = "the only candidate" if len(chosen) == 1 else "the only candidates"
        return f"{names}: {only} that {'passes' if len(chosen) == 1 else 'pass'}"
    return f"{names}: {_comparison(chosen[-1], beaten)}"


def _comparison(last: CandidateReport, beaten: Sequence[CandidateReport]) -> str:
    """Say what set the last of the chosen apart from the next one and from closer ones."""
    following = beaten[0]
    closer = [c for c in beaten if _far(c) < _far(last)]
    if closer:
        best = min(closer, key=_far)
        return (
            f"{last.kind} files within their range go before {best.kind} ones; {best.name} would "
            f"be closer ({distance_text(best.distance)})"
        )
    if _far(following) == _far(last) and following.kind == last.kind:
        earlier = following.distance != last.distance
        how = "the earlier is taken" if earlier else "the first by name is taken"
        return f"as far in time as {following.name}: {how}"
    return f"closest in time; next is {following.name} ({distance_text(following.distance)})"


def _far(candidate: CandidateReport) -> float:
    return float("inf") if candidate.distance is None else abs(candidate.distance)


def _nothing(candidates: Sequence[CandidateReport], rule: Select) -> str:
    need = "required" if rule.wanted[0] else "optional"
    if not candidates:
        return f"nothing found ({need}): there is no file of this class"
    reasons = Counter(c.rejection.condition for c in candidates if c.rejection is not None)
    most = "; ".join(f"{many} by {reason}" for reason, many in reasons.most_common(_SHOWN))
    return f"nothing found ({need}): of {len(candidates)} candidates were rejected {most}"
