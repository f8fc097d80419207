"""Convert the science products of an AB to IDPs: all of them, or none.

The plugin plans, the core writes. The IDPs of an AB and their ancillaries become visible as one
folder, ``reduced/<date>/idp/<root>/``, by one rename.
"""

from __future__ import annotations

import hashlib
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from attrs import asdict, evolve, frozen

from phoenix.errors import DataError, PhoenixError, StandardError
from phoenix.formats.filedigest import file_digest
from phoenix.formats.files import is_plain_file, read_plain, rename_durably, sync_all
from phoenix.formats.idpfile import Written, write_idp
from phoenix.model.frames import Role
from phoenix.model.idp import InternalDataProduct, LeftOut
from phoenix.steps.delivery.ancestors import (
    QC_REPORT,
    RECIPE_LOG,
    ancestors_of,
    as_run,
    whats_there,
)
from phoenix.steps.delivery.ancillary import write_ancillary
from phoenix.steps.delivery.gradecards import grade_cards, with_grade
from phoenix.steps.frames import set_of_frames
from phoenix.steps.quality.score import QCResult, read_qc
from phoenix.steps.shelf.grades import grade_of
from phoenix.steps.shelf.intact import DamagedError, check_intact, known_products
from phoenix.steps.shelf.jsonfile import read_json, write_json
from phoenix.steps.shelf.manifest import successful_manifest
from phoenix.steps.shelf.places import Places, Record
from phoenix.steps.shelf.publish import disk_reason
from phoenix.steps.shelf.scratch import begin_attempt
from phoenix.steps.versions import versions_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from attrs import AttrsInstance

    from phoenix.formats.fits.copying import Known
    from phoenix.instrument import Instrument
    from phoenix.model.ab import AssociationBlock
    from phoenix.model.grade import OBGrade
    from phoenix.model.idp import Ancillary
    from phoenix.model.process import Process
    from phoenix.model.workspace import Workspace
    from phoenix.steps.shelf.manifest import Manifest
    from phoenix.steps.shelf.scratch import Attempt

__all__ = [
    "CONVERSION",
    "QC_REPORT",
    "RECIPE_LOG",
    "Conversion",
    "changed_idps",
    "convert_block",
    "converted_before",
    "plan_idps",
    "remove_idps",
]

CONVERSION = "conversion.json"
"""File beside the IDPs: of what they were made."""


_READ = frozenset({Role.SCIENCE, Role.ANCILLARY})
"""Roles of the products that IDPs are made of."""


@frozen
class Conversion:
    """What became of the science products of one AB.

    Attributes
    ----------
    ab_name : str
        The AB.
    folder : Path or None
        Where the IDPs are; None if there are none.
    idps : tuple of Written
        Name, size and sha256 of each.
    left_out : tuple of LeftOut
        Targets without an IDP, each with its reason.
    reason : str
        Why there are none; empty where all went well.
    done_before : bool
        True if the same had been converted before.
    damaged : bool
        True if a product is no longer what was published.
    """

    ab_name: str
    folder: Path | None = None
    idps: tuple[Written, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    reason: str = ""
    done_before: bool = False
    damaged: bool = False


def remove_idps(workspace: Workspace, ab: AssociationBlock) -> None:
    """Take away the IDPs of an AB, which go into those of another now."""
    places = Places.of(workspace, ab)
    folder = places.idps
    if not folder.exists():
        return
    attempt = begin_attempt(places.scratch, f"{ab.root}.idp")
    try:
        folder.rename(attempt.old / folder.name)
    finally:
        attempt.close()


def convert_block(
    instrument: Instrument, process: Process, workspace: Workspace, ab: AssociationBlock
) -> Conversion:
    """Convert the science products of one AB; what cannot be converted is a reason."""
    try:
        return _convert(instrument, process, workspace, ab)
    except OSError as error:
        return Conversion(str(ab.name), reason=disk_reason(error))
    except PhoenixError as error:
        damaged = isinstance(error, DamagedError)
        return Conversion(str(ab.name), reason=str(error), damaged=damaged)


def converted_before(
    instrument: Instrument, workspace: Workspace, ab: AssociationBlock
) -> Conversion | None:
    """Return the conversion of the same products by the same software; None if there is none."""
    try:
        manifest, places = _manifest(workspace, ab), Places.of(workspace, ab)
        key = _key(instrument, manifest, places.now(Record.QC), grade_of(workspace, ab))
        return _converted(places.idps, ab, key)
    except (PhoenixError, OSError, TypeError, KeyError):
        return None  # to convert it says what is wrong


def _convert(
    instrument: Instrument, process: Process, workspace: Workspace, ab: AssociationBlock
) -> Conversion:
    earlier = converted_before(instrument, workspace, ab)
    if earlier is not None:
        return earlier
    manifest = _manifest(workspace, ab)
    places = Places.of(workspace, ab)
    qc = _quality(ab, places.now(Record.QC))
    key = _key(instrument, manifest, places.now(Record.QC), grade_of(workspace, ab))
    known = known_products(places, manifest)
    check_intact(places, manifest, _READ, known)
    with _damage_first(places, manifest):
        plans, left_out = plan_idps(instrument, process, workspace, ab, manifest, qc)
    # What is copied is compared on the way: a cube is not read twice.
    check_intact(places, manifest, _READ, {plan.path for plan in plans if plan.path})
    if not plans:
        return Conversion(str(ab.name), reason="the plugin makes no IDP of its products")
    attempt = begin_attempt(places.scratch, f"{ab.root}.idp")
    try:
        with _damage_first(places, manifest):
            written = _write(plans, attempt.publish, known)
        beside = tuple(_beside(attempt.publish, written))
        record = {"key": key, **_rows(idps=written, beside=beside, left_out=left_out)}
        write_json(attempt.publish / CONVERSION, record)
        sync_all(path for path in attempt.publish.iterdir() if path.is_file())
        folder = _publish(places.idps, attempt)
        return Conversion(str(ab.name), folder, written, left_out)
    finally:
        attempt.close()


@contextmanager
def _damage_first(places: Places, manifest: Manifest) -> Iterator[None]:
    """Where something goes wrong, say first whether a product is damaged: it would explain it."""
    try:
        yield
    except (PhoenixError, OSError):
        check_intact(places, manifest, _READ)
        raise


def plan_idps(
    instrument: Instrument,
    process: Process,
    workspace: Workspace,
    ab: AssociationBlock,
    manifest: Manifest,
    qc: QCResult,
) -> tuple[tuple[InternalDataProduct, ...], tuple[LeftOut, ...]]:
    """Return the plans of the IDPs of an AB and what is left out, without writing anything.

    Raises
    ------
    DataError
        If the AB did without something, and how it was run is not known any more.
    PluginError
        If the plugin cannot convert.
    StandardError
        If two IDPs, or two different ancillaries, have the same name.
    """
    # Exposures that it did without are in no IDP.
    ab = as_run(workspace, ab, manifest)
    products = tuple(whats_there(workspace, ab, manifest))
    frames = set_of_frames(workspace, manifest)
    planned: tuple[InternalDataProduct | LeftOut, ...] = ()
    if any(product.role is Role.SCIENCE for product in products):
        flags = dict(qc.qcflags)
        planned = instrument.convert_to_idps(
            process,
            ab,
            products,
            frames,
            qc.measurements,
            flags,
            ancestors_of(workspace, ab),
        )
    plans = tuple(plan for plan in planned if isinstance(plan, InternalDataProduct))
    _check_names(plans)
    cards = grade_cards(grade_of(workspace, ab))
    plans = tuple(with_grade(plan, cards) for plan in plans)
    return plans, tuple(plan for plan in planned if isinstance(plan, LeftOut))


def _manifest(workspace: Workspace, ab: AssociationBlock) -> Manifest:
    found = successful_manifest(Places.of(workspace, ab))
    if found is None:
        raise DataError(f"{ab.name}: found no products, expected those of a run; run the AB first")
    return found[1]


def _quality(ab: AssociationBlock, path: Path) -> QCResult:
    qc = read_qc(path)
    if qc is None and path.exists():
        raise DataError(
            f"{path}: found no measurements, expected those of {ab.name}; `phoenix run` measures "
            "it again"
        )
    return qc or QCResult(str(ab.name))


def _key(instrument: Instrument, manifest: Manifest, qc: Path, grade: OBGrade | None) -> str:
    """Return a checksum of everything that the IDPs are made of."""
    content = read_plain(qc) if qc.exists() else b""
    versions = versions_of(instrument.name, "", {})
    text = f"{manifest.job_key} {versions} {hashlib.sha256(content).hexdigest()}"
    cards = grade_cards(grade)
    if cards:
        text += f" {cards}"
    return hashlib.sha256(text.encode()).hexdigest()


def _converted(folder: Path, ab: AssociationBlock, key: str) -> Conversion | None:
    record = read_json(folder / CONVERSION)
    if not isinstance(record, dict) or record.get("key") != key:
        return None
    idps = tuple(Written(**row) for row in record["idps"])
    left_out = tuple(LeftOut(**row) for row in record.get("left_out", ()))
    if any(_is_changed(folder / row.name, row) for row in _files_in(record)):
        return None
    return Conversion(str(ab.name), folder, idps, left_out, done_before=True)


def _beside(folder: Path, idps: tuple[Written, ...]) -> Iterator[Written]:
    """Yield the files that were written beside the IDPs."""
    names = {row.name for row in idps}
    for path in sorted(folder.iterdir()):
        if path.name not in names:
            yield Written(path.name, path.stat().st_size, file_digest(path, "sha256"))


def _files_in(record: Any) -> tuple[Written, ...]:  # noqa: ANN401 - whatever JSON held
    """Return the IDPs and the files beside them; those of an older record only as far as known."""
    files = tuple(Written(**row) for row in (*record["idps"], *record.get("beside", ())))
    if not all(isinstance(row.name, str) for row in files):
        raise TypeError(f"{CONVERSION}: found a file without a name, expected one")
    return files


def _is_changed(path: Path, row: Written) -> bool:
    return (
        not is_plain_file(path)
        or path.stat().st_size != row.size
        or file_digest(path, "sha256") != row.sha256
    )


def changed_idps(workspace: Workspace, ab: AssociationBlock) -> tuple[str, ...]:
    """Return the files among the IDPs of an AB that are not what was converted.

    Raises
    ------
    DataError
        If it is not known what was converted.
    """
    folder = Places.of(workspace, ab).idps
    record: Any = read_json(folder / CONVERSION)
    try:
        written = {row.name: row for row in _files_in(record)}
    except (TypeError, KeyError) as error:
        raise DataError(
            f"{folder / CONVERSION}: found no list of IDPs, expected one; `phoenix convert` makes "
            "it again"
        ) from error
    return tuple(name for name, row in written.items() if _is_changed(folder / name, row))


def _rows(**tables: tuple[AttrsInstance, ...]) -> dict[str, list[dict[str, object]]]:
    return {name: [asdict(row) for row in rows] for name, rows in tables.items()}


def _check_names(plans: tuple[InternalDataProduct, ...]) -> None:
    seen: dict[str, object] = {}
    for plan in plans:
        if plan.name in seen:
            raise StandardError(f"{plan.name}: found two files of that name, expected one")
        seen[plan.name] = plan
        for ancillary in plan.ancillaries:
            if seen.setdefault(ancillary.name, ancillary) != ancillary:
                raise StandardError(
                    f"{ancillary.name}: found two different files of that name, expected one"
                )


def _write(
    plans: tuple[InternalDataProduct, ...], folder: Path, known: Mapping[Path, Known]
) -> tuple[Written, ...]:
    made: dict[str, Ancillary] = {}
    for plan in plans:
        for ancillary in plan.ancillaries:
            if ancillary.name not in made:
                write_ancillary(ancillary, folder / ancillary.name)
                made[ancillary.name] = evolve(ancillary, path=folder / ancillary.name)
    return tuple(
        write_idp(
            evolve(plan, ancillaries=tuple(made[row.name] for row in plan.ancillaries)),
            folder / plan.name,
            None if plan.path is None else known.get(plan.path),
        )
        for plan in plans
    )


def _publish(target: Path, attempt: Attempt) -> Path:
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.exists():
        target.rename(attempt.old / target.name)
    rename_durably(attempt.publish, target)
    return target
