"""The coversheet of a group of ABs: what the arms of a pointing look like side by side."""

from __future__ import annotations

import fcntl
import os
import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING

from attrs import frozen

from phoenix.instrument import load_instrument
from phoenix.model.counted import counted
from phoenix.model.frames import Product
from phoenix.steps.quality.score import QCResult, read_qc
from phoenix.steps.shelf.manifest import successful_manifest
from phoenix.steps.shelf.places import Places, Record

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from phoenix.drawing.report import ReportTitle
    from phoenix.model.ab import AssociationBlock
    from phoenix.model.workspace import Workspace

__all__ = ["CoverGroup", "draw_cover"]

_FEWEST = 2
"""ABs that make a group."""


@frozen
class CoverGroup:
    """ABs that one sheet shows.

    Attributes
    ----------
    name : str
        As the plugin calls it; empty for an AB alone.
    instrument, process : str
        Whose they are.
    blocks : tuple of AssociationBlock
        Of one night.
    """

    name: str
    instrument: str
    process: str
    blocks: tuple[AssociationBlock, ...] = ()


def draw_cover(workspace: Workspace, group: CoverGroup) -> None:
    """Draw the coversheet of the group of an AB, of those of its ABs that have products by now.

    Each AB of a group draws it when it ends, one at a time, so that the last one shows all. It is
    drawn for two of them or more, and lies beside the report of each.

    Raises
    ------
    PluginError
        If the plugin cannot make its panels.
    """
    if len(group.blocks) < _FEWEST:
        return
    ordered = sorted(group.blocks, key=lambda ab: str(ab.name))
    with _alone(Places.of(workspace, ordered[0]).finished(Record.COVER).parent):
        shown = {ab: found for ab in ordered if (found := _shown(workspace, ab))}
        if len(shown) < _FEWEST:
            return
        instrument = load_instrument(group.instrument)
        panels = instrument.coversheet(
            instrument.process(group.process),
            tuple(shown),
            {str(ab.name): products for ab, (products, _) in shown.items()},
            {str(ab.name): qc.measurements for ab, (_, qc) in shown.items()},
        )
        if not panels:
            return
        from phoenix.drawing.report import draw_report  # noqa: PLC0415 - loads matplotlib

        places = [Places.of(workspace, ab).finished(Record.COVER) for ab in shown]
        first = draw_report(_title(group, shown), panels, places[0])
        for place in places[1:]:
            part = place.with_name(f".{place.name}.part")
            shutil.copyfile(first, part)
            part.replace(place)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Hold a folder of plots: what two workers draw at a time must not replace what shows more."""
    folder.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _shown(
    workspace: Workspace, ab: AssociationBlock
) -> tuple[tuple[Product, ...], QCResult] | None:
    """Return the products of an AB, wherever they are by now, and its QC; None without any."""
    places = Places.of(workspace, ab)
    found = successful_manifest(places)
    if found is None:
        return None
    rows = ((places.product(row.name, row.final), row) for row in found[1].products)
    products = tuple(
        Product(path, row.pro_catg, row.role, str(ab.name)) for path, row in rows if path.is_file()
    )
    qc = read_qc(places.now(Record.QC)) or QCResult(str(ab.name))
    return (products, qc) if products else None


def _title(
    group: CoverGroup, shown: Mapping[AssociationBlock, tuple[tuple[Product, ...], QCResult]]
) -> ReportTitle:
    from phoenix.drawing.report import ReportTitle  # noqa: PLC0415 - loads matplotlib

    missing = len(group.blocks) - len(shown)
    lacking = f", {missing} without products" if missing else ""
    return ReportTitle(
        ab_name=group.name,
        process=group.process,
        recipe=", ".join(dict.fromkeys(ab.recipe for ab in shown)),
        raw_type=f"coversheet of {counted(len(shown), 'AB')}{lacking}",
        night=str(group.blocks[0].date or ""),
        scores=tuple(score for _, qc in shown.values() for score in qc.scores),
    )
