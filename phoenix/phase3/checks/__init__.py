"""The rules that no keyword alone can tell, a module for each thing they judge."""

from __future__ import annotations

from phoenix.phase3.checks import (
    cube,
    headers,
    image,
    observation,
    spectrum,
    structure,
    vectors,
    words,
)

__all__ = ["CHECKS"]

CHECKS = (
    *structure.CHECKS,
    *headers.CHECKS,
    *observation.CHECKS,
    *words.CHECKS,
    *image.CHECKS,
    *spectrum.CHECKS,
    *vectors.CHECKS,
    *cube.CHECKS,
)
"""All checks of one file beyond those of single keywords."""
