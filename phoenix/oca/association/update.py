"""Association Blocks brought up to date: predicted calibrations become certified ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import evolve

if TYPE_CHECKING:
    from collections.abc import Mapping

    from phoenix.model.ab import AssociationBlock
    from phoenix.model.frames import MasterCalibration

__all__ = ["with_certified"]


def with_certified(block: AssociationBlock, certified: Mapping[str, str]) -> AssociationBlock:
    """Replace predicted calibrations by the certified files that they became (the old updateAB).

    An AB no longer waits for a parent all of whose products it needs are certified.

    Parameters
    ----------
    certified : mapping of str to str
        PIPEFILE name of a product (``r.UVES...fits``) to its symbolic path after certification.
    """

    def real(masters: tuple[MasterCalibration, ...]) -> tuple[MasterCalibration, ...]:
        return tuple(
            evolve(master, path=certified[master.name], virtual=False)
            if master.virtual and master.name in certified
            else master
            for master in masters
        )

    calibrations = real(block.calibrations)
    associated = real(block.associated_masters)
    open_parents = {_folder(m) for m in (*calibrations, *associated) if m.virtual}
    made = {_folder(m) for m in (*block.calibrations, *block.associated_masters) if m.virtual}
    return block.edited(
        why="predicted calibrations were certified",
        calibrations=calibrations,
        associated_masters=associated,
        waits_for=tuple(
            parent
            for parent in block.waits_for
            if (root := parent.removesuffix(".ab")) in open_parents or root not in made
        ),
    )


def _folder(master: MasterCalibration) -> str:
    """Return the root of the AB that makes a predicted calibration: its folder."""
    return master.path.split("/")[-2] if "/" in master.path else ""
