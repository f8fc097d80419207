"""One setting of a workspace, as an attribute of a class of settings."""

from __future__ import annotations

from typing import Any

from attrs import field

__all__ = ["setting"]


def setting(
    default: Any,  # noqa: ANN401  any type of setting
    meaning: str,
    *,
    unit: str = "",
    least: float | None = None,
    most: float | None = None,
    example: str = "",
) -> Any:  # noqa: ANN401  attrs gives the type of the annotation
    """Return one setting with what a person must know of it."""
    about = {"meaning": meaning, "unit": unit, "least": least, "most": most, "example": example}
    return field(default=default, metadata=about)
