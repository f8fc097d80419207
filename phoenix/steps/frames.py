"""From an AB to the set of frames that its recipe reads: fetched, found, identified.

Raw frames and real master calibrations come from the sources. A virtual calibration is looked up
in the manifest of the parent AB, by its PIPEFILE name, else by its PRO.CATG where that is unique:
in the certification area, or where the product went when the parent's night was finished.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

from phoenix.archive.rawname import check_name
from phoenix.archive.source import fetch
from phoenix.errors import ArchiveError
from phoenix.model.frames import MasterCalibration, RawFrame, SetOfFrames, symbolic_parts
from phoenix.model.report import JobState
from phoenix.steps.shelf.checksum import file_checksum
from phoenix.steps.shelf.intact import damage_of
from phoenix.steps.shelf.manifest import InputFile
from phoenix.steps.shelf.parents import parent_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from phoenix.archive.source import Source
    from phoenix.model.ab import AssociationBlock
    from phoenix.model.workspace import Workspace
    from phoenix.steps.shelf.manifest import Manifest, ProductFile

__all__ = [
    "Inputs",
    "gather_inputs",
    "parent_product",
    "set_of_frames",
]


@frozen
class Inputs:
    """What a recipe will read.

    Attributes
    ----------
    frames : SetOfFrames
        Raw frames first.
    files : tuple of InputFile
        The same, with checksums.
    parents : tuple of (str, str)
        The parent ABs that made some of them, and their job keys.
    """

    frames: SetOfFrames
    files: tuple[InputFile, ...]
    parents: tuple[tuple[str, str], ...]


def gather_inputs(workspace: Workspace, ab: AssociationBlock, sources: Sequence[Source]) -> Inputs:
    """Fetch and find everything that the recipe of an AB reads.

    Raises
    ------
    ArchiveError
        Names everything that is missing or broken, what was looked for and where.
    DataError
        If a path of the AB leads out of the workspace.
    OSError
        If a file cannot be written.
    """
    found: list[tuple[Path, InputFile]] = []
    parents: dict[str, str] = {}
    missing: list[str] = []
    wanted: tuple[RawFrame | MasterCalibration, ...] = (*ab.raw_files, *ab.calibrations)
    for frame in wanted:
        try:
            if _is_made_here(frame):
                path, row, parent = _from_parent(workspace, ab, frame)
                parents[parent.ab_name] = parent.job_key
            else:
                path, row = _from_source(workspace, ab, frame, sources)
            found.append((path, row))
        except ArchiveError as error:
            missing.append(str(error))
    if missing:
        raise ArchiveError("; ".join(missing))
    return Inputs(
        frames=SetOfFrames(tuple((path, row.tag) for path, row in found)),
        files=tuple(row for _, row in found),
        parents=tuple(sorted(parents.items())),
    )


def set_of_frames(workspace: Workspace, manifest: Manifest) -> SetOfFrames:
    """Return the frames that a recipe read, where they are now.

    A raw frame that was removed when its night was finished is given as its saved header, and a
    parent's product under its final name.
    """
    return SetOfFrames(tuple((_now(workspace, row.path), row.tag) for row in manifest.inputs))


def _now(workspace: Workspace, below: str) -> Path:
    path = workspace.root / below
    if path.exists():
        return path
    folder, _, rest = below.partition("/")
    if folder == "raw":
        return (workspace.root / "headers" / rest).with_suffix(".hdr")
    if folder == "products":
        moved = _finished_place(workspace, path)
        return moved or path
    return path


def _is_made_here(frame: RawFrame | MasterCalibration) -> bool:
    virtual = isinstance(frame, MasterCalibration) and frame.virtual
    return virtual or symbolic_parts(frame.path)[0] == "DFS_PRODUCT"


def _tag(frame: RawFrame | MasterCalibration) -> str:
    return frame.pro_catg if isinstance(frame, MasterCalibration) else frame.tag


def _from_source(
    workspace: Workspace,
    ab: AssociationBlock,
    frame: RawFrame | MasterCalibration,
    sources: Sequence[Source],
) -> tuple[Path, InputFile]:
    below = workspace.resolve(frame.path, ab.date).relative_to(workspace.root).as_posix()
    path = fetch(sources, below, workspace.root)
    if isinstance(frame, RawFrame):
        check_name(path)
    facts = path.stat()
    checksum = file_checksum(path)
    row = InputFile(below, _tag(frame), facts.st_size, facts.st_mtime_ns, checksum, checksum)
    return path, row


def _from_parent(
    workspace: Workspace, ab: AssociationBlock, frame: RawFrame | MasterCalibration
) -> tuple[Path, InputFile, Manifest]:
    wanted = workspace.resolve(frame.path, ab.date)
    path, product, parent = parent_product(workspace, wanted, _tag(frame))
    facts = path.stat()
    row = InputFile(
        path=path.relative_to(workspace.root).as_posix(),
        tag=_tag(frame),
        size=facts.st_size,
        mtime_ns=facts.st_mtime_ns,
        sha256=product.sha256,
        identity=f"{parent.job_key}/{product.name}",
    )
    return path, row, parent


def parent_product(
    workspace: Workspace, wanted: Path, pro_catg: str
) -> tuple[Path, ProductFile, Manifest]:
    """Find a product of a parent AB.

    Raises
    ------
    ArchiveError
        If the parent has not run, has no such product (says what it has), or it was changed since
        it was published.
    """
    parent = parent_of(workspace, wanted)
    if parent is None or parent.state is not JobState.SUCCESSFUL:
        raise ArchiveError(
            f"{wanted.name} ({pro_catg}): found no products of AB {wanted.parent.name} in "
            f"{wanted.parent}, expected them there; run that AB first"
        )
    product = _choose(parent, wanted.name, pro_catg)
    for path in (wanted.parent / product.name, workspace.root / product.final):
        if path.is_file():
            why = damage_of(path, product)
            if why:
                # What is made with it would be wrong, and nobody would ever know.
                raise ArchiveError(
                    f"{wanted.name} ({pro_catg}): {why}; run AB {parent.ab_name} again"
                )
            return path, product, parent
    raise ArchiveError(
        f"{wanted.name} ({pro_catg}): AB {parent.ab_name} made it, but it is neither in "
        f"{wanted.parent} nor {product.final or 'kept'}; run that AB again"
    )


def _choose(parent: Manifest, name: str, pro_catg: str) -> ProductFile:
    found = parent.candidates(name, pro_catg)
    if len(found) == 1:
        return found[0]
    have = ", ".join(f"{row.name} {row.pro_catg}" for row in parent.products) or "none"
    raise ArchiveError(
        f"{name} ({pro_catg}): AB {parent.ab_name} has the products {have}; mend the MCALIB line "
        "or the recipe's row of products"
    )


def _finished_place(workspace: Workspace, product: Path) -> Path | None:
    parent = parent_of(workspace, product)
    row = parent.product(product.name) if parent else None
    return workspace.root / row.final if row and row.final else None
