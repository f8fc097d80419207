"""What no honest file exceeds: beyond it a file is refused, or read in part, before it costs."""

from __future__ import annotations

from typing import Final

from attrs import frozen

from phoenix.model.setting import setting

__all__ = ["GB", "LARGEST_AB", "MB", "Limits"]

MB: Final = 1_000_000
GB: Final = 1_000_000_000

LARGEST_AB: Final = 100 * MB
"""Bytes of an AB, whatever is set: those of the workspace are read up to this (ours)."""


@frozen
class Limits:
    """Sizes that no honest file has; raise one if yours has."""

    unpacked_gb: float = setting(
        20.0,
        "A packed file (.gz, .Z, .fz) that unpacks to more is refused.",
        unit="GB",
        least=0.001,
    )
    recipe_log_mb: float = setting(
        20.0,
        "Of a recipe's log that is longer, and of what it prints, head and tail are kept.",
        unit="MB",
        least=0.01,
    )
    ab_mb: float = setting(
        4.0,
        "A larger AB of a repository is refused; a real one has some hundred lines.",
        unit="MB",
        least=0.001,
        most=LARGEST_AB / MB,
    )
    rules_mb: float = setting(
        10.0,
        "A larger rule file of rules.files is refused; the longest that are known have 0.15 MB.",
        unit="MB",
        least=0.001,
    )
