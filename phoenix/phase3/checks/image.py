"""Checks of images (SDP, section 6)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phoenix.phase3.checks.check import Check
from phoenix.phase3.product import number_of
from phoenix.phase3.report import Fault

if TYPE_CHECKING:
    from collections.abc import Iterator

    from phoenix.phase3.product import Product

__all__ = ["CHECKS"]

IMAGES = ("SCIENCE.IMAGE", "SCIENCE.MEFIMAGE")


def _flux_calibrated(product: Product) -> Iterator[Fault]:
    found = product.primary.get("FLUXCAL")
    if found == "UNCALIBRATED":
        yield Fault(0, "FLUXCAL", found, "ABSOLUTE")


def _depth(product: Product) -> Iterator[Fault]:
    for hdu in product.file.hdus:
        limit, bright = (number_of(hdu.header, key) for key in ("ABMAGLIM", "ABMAGSAT"))
        if limit is not None and bright is not None and limit <= bright:
            yield Fault(hdu.index, "ABMAGLIM", limit, f"fainter than ABMAGSAT = {bright}")


CHECKS = (
    Check("flux-calibrated", "5.1", "images are flux-calibrated", _flux_calibrated, IMAGES),
    Check("depth", "5.11", "ABMAGLIM is fainter than ABMAGSAT", _depth, IMAGES),
)
"""The checks of this module, in the order they are made."""
