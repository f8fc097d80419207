"""Which tests `make test` gives to one worker of pytest-xdist: those that look at the same night.

The tests of a module go together, so that what it makes for all of them is made once. Modules that
look at one reduced night go together too; those whose tests reduce a night each come apart.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

SAME_NIGHT = {
    "giraffe night": (
        *("giraffe/test_contract", "giraffe/test_idp", "giraffe/test_preview"),
        *("giraffe/test_process", "giraffe/test_qc", "giraffe/test_gate", "giraffe/test_qcflag"),
        *("giraffe/test_exposure", "giraffe/test_silent"),
    ),
    "uves night": ("uves/test_contract", "uves/test_night", "uves/test_silent"),
    "xshooter night": (
        *("xshooter/test_contract", "xshooter/test_night", "xshooter/test_faults"),
        "xshooter/test_association",
    ),
    "muse night": (
        *("muse/test_contract", "muse/test_night", "muse/test_idp", "muse/test_cut"),
        "muse/test_association",
    ),
    # They reduce the good night too, or take it from the worker that did: 25 CPU s of 150.
    "muse faults": ("muse/test_faults", "muse/test_bits"),
    "processed night": (
        *("line/test_gates", "line/test_full_disk", "line/test_kills", "line/test_night"),
        *("line/test_withdraw", "line/test_trust", "line/test_surroundings"),
        *("line/test_waiting", "line/test_qc1", "line/test_qc1_plot", "line/test_comments"),
        *("line/test_deprecate", "line/test_review", "line/test_hide", "line/test_qc1_wide"),
        *("line/test_metrics", "line/test_onlooker", "line/test_again"),
        *("line/test_openab", "line/test_machine_errors", "line/test_seen"),
    ),
}
"""A night that several modules look at, and these."""

A_NIGHT_EACH = (
    "uves/test_faults",
    "docs/test_tutorial",
)
"""Modules of slow tests that share nothing."""

_GROUPS = {f"tests/{module}.py": night for night, found in SAME_NIGHT.items() for module in found}
_APART = frozenset(f"tests/{module}.py" for module in A_NIGHT_EACH)


def group_of(nodeid: str) -> str:
    """Return what a test shares with others: a night, its module, or nothing but its name."""
    module = nodeid.partition("::")[0]
    return nodeid if module in _APART else _GROUPS.get(module, module)


def slowest_first(items: list[pytest.Item]) -> None:
    """Sort tests so that groups with many slow ones come first, and single slow ones after them.

    What comes last should be short, or one core waits for the other.
    """
    slow: Counter[str] = Counter()
    for item in items:
        slow[group_of(item.nodeid)] += item.get_closest_marker("slow") is not None
        slow[group_of(item.nodeid)] += item.get_closest_marker("recipes") is not None
    items.sort(key=lambda item: -slow[group_of(item.nodeid)])
