"""The manifest of an AB: what was run, on what, with what, and what came out.

It lies beside the products, is written before they are published and goes with them by one rename:
where there is a manifest, the job is done. After the night is finished it lies in the log folder
and says where each product went.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from attrs import field, frozen

from phoenix.errors import DataError
from phoenix.model.frames import Role, own_number
from phoenix.model.observation import Observation
from phoenix.model.report import JobState
from phoenix.steps.shelf.jsonfile import read_json, write_json
from phoenix.steps.shelf.places import Record

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from phoenix.steps.shelf.places import Places

__all__ = [
    "InputFile",
    "Manifest",
    "ProductFile",
    "manifest_from",
    "manifest_of",
    "read_manifest",
    "successful_manifest",
    "write_manifest",
]


@frozen
class InputFile:
    """One file that the recipe read.

    Attributes
    ----------
    path : str
        Below the workspace.
    tag : str
        Its tag in the set of frames.
    size : int
        Bytes.
    mtime_ns : int
        Time of the last change; with the size it tells cheaply that nothing changed.
    sha256 : str
        Checksum.
    identity : str
        What of it counts in the job key.
    """

    path: str
    tag: str
    size: int
    mtime_ns: int
    sha256: str
    identity: str


def _sums(values: Iterable[int]) -> tuple[int, ...]:
    return tuple(values)


@frozen
class ProductFile:
    """One product.

    Attributes
    ----------
    name : str
        PIPEFILE name.
    pro_catg : str
        PRO.CATG.
    role : Role
        What becomes of it.
    size : int
        Bytes.
    sha256 : str
        Checksum; empty for a product that is never delivered.
    final : str
        Path below the workspace after the night is finished; empty before and where the product
        was not kept.
    data_sums : tuple of int
        Sums of the data of its HDUs (DATASUM) of a science product, of which IDPs are copied.
    taken_away : str
        When it was taken away because the last AB that reads it had ended well, UTC, ISO 8601;
        empty while it is there.
    """

    name: str
    pro_catg: str
    role: Role = field(converter=Role)
    size: int
    sha256: str
    final: str = ""
    data_sums: tuple[int, ...] = field(default=(), converter=_sums)
    taken_away: str = ""


def _inputs(rows: Any) -> tuple[InputFile, ...]:  # noqa: ANN401 - values, or rows out of JSON
    return tuple(InputFile(**row) if isinstance(row, dict) else row for row in rows)


def _products(rows: Any) -> tuple[ProductFile, ...]:  # noqa: ANN401 - the same
    return tuple(ProductFile(**row) if isinstance(row, dict) else row for row in rows)


def _observation(row: Any) -> Observation:  # noqa: ANN401 - the same
    return Observation(**row) if isinstance(row, dict) else row


def _words(rows: Any) -> tuple[str, ...]:  # noqa: ANN401 - the same
    return tuple(map(str, rows))


def _pairs(rows: Any) -> tuple[tuple[str, str], ...]:  # noqa: ANN401 - values, or lists out of JSON
    return tuple((name, value) for name, value in rows)


@frozen
class Manifest:
    """How one AB was processed.

    Attributes
    ----------
    ab_name : str
        The AB.
    job_key : str
        See :func:`phoenix.steps.shelf.checksum.job_key`.
    ab_sha256 : str
        Checksum of the AB's text without its edits.
    instrument, process, recipe : str
        What was run.
    state : JobState
        SUCCESSFUL, GATED or FAILED.
    reason : str
        Why it is not SUCCESSFUL; of a SUCCESSFUL one what it was made without.
    command : tuple of str
        The command line.
    exit_code : int or None
        None where the recipe was ended by a signal or did not start.
    signal : str
        Name of the signal that ended it, ``SIGSEGV``.
    started : str
        UTC, ISO 8601.
    host : str
        Name of the machine.
    wall_s, cpu_s : float
        Wall and CPU seconds of the recipe.
    peak_memory_mb : float
        Peak resident memory of the recipe in MB (10^6 bytes).
    versions : tuple of (str, str)
        phoenix, plugin, python, esorex, CPL, pipeline ... and their versions.
    observation : Observation
        What was observed, as the products say.
    parents : tuple of (str, str)
        Parent ABs whose products were read, and their job keys.
    inputs : tuple of InputFile
        In the order of the set of frames.
    products : tuple of ProductFile
        In the order of their names.
    retried : tuple of (str, str)
        What was wrong with an earlier try, and what the plugin changed for the next one; the AB
        as it was run then lies beside the manifest.
    mended : tuple of str
        What the plugin changed in the products, one sentence each.
    without : tuple of (str, str)
        What was missing that the AB could do without, and what this means for its products; the
        AB as it was run lies beside the manifest.
    replaces : str
        What was made before without something, and is no more; empty for nothing.
    """

    ab_name: str
    job_key: str
    ab_sha256: str
    instrument: str
    process: str
    recipe: str
    state: JobState = field(converter=JobState)
    reason: str = ""
    command: tuple[str, ...] = field(default=(), converter=_words)
    exit_code: int | None = None
    signal: str = ""
    started: str = ""
    host: str = ""
    wall_s: float = 0.0
    cpu_s: float = 0.0
    peak_memory_mb: float = 0.0
    versions: tuple[tuple[str, str], ...] = field(default=(), converter=_pairs)
    observation: Observation = field(default=Observation(), converter=_observation)
    parents: tuple[tuple[str, str], ...] = field(default=(), converter=_pairs)
    inputs: tuple[InputFile, ...] = field(default=(), converter=_inputs)
    products: tuple[ProductFile, ...] = field(default=(), converter=_products)
    retried: tuple[tuple[str, str], ...] = field(default=(), converter=_pairs)
    mended: tuple[str, ...] = field(default=(), converter=_words)
    without: tuple[tuple[str, str], ...] = field(default=(), converter=_pairs)
    replaces: str = ""

    @property
    def ended(self) -> dt.datetime:
        """When the recipe ended, UTC."""
        return dt.datetime.fromisoformat(self.started) + dt.timedelta(seconds=self.wall_s)

    def product(self, name: str) -> ProductFile | None:
        """Return the product of that PIPEFILE name."""
        return next((row for row in self.products if row.name == name), None)

    def candidates(self, name: str, pro_catg: str) -> tuple[ProductFile, ...]:
        """Return the products that may be meant by a predicted name: one, if it is clear.

        One of that name, else those of its PRO.CATG; but never the table of one IFU for another.
        """
        named = self.product(name)
        if named is not None and named.pro_catg == pro_catg:
            return (named,)
        alike = (row for row in self.products if row.pro_catg == pro_catg)
        own = own_number(name)
        return tuple(row for row in alike if not (own and own_number(row.name)))


def manifest_from(content: Any) -> Manifest:  # noqa: ANN401 - whatever JSON held
    """Make a manifest of the content of its file.

    Raises
    ------
    DataError
        If it is no manifest.
    """
    try:
        return Manifest(**content)
    except (TypeError, ValueError) as error:
        raise DataError(
            f"found no manifest ({error}), expected one as phoenix writes it; run the AB again"
        ) from error


def write_manifest(manifest: Manifest, path: Path) -> None:
    """Write a manifest by atomic rename."""
    write_json(path, manifest)


def read_manifest(path: Path) -> Manifest | None:
    """Return the manifest in a file, None where there is none that can be read.

    A manifest that cannot be read proves nothing, so the job is not done.
    """
    try:
        content = read_json(path)
        return None if content is None else manifest_from(content)
    except (DataError, OSError):
        return None


def manifest_of(places: Places) -> Manifest | None:
    """Return the manifest of an AB: the published one, else that of its finished night."""
    found = map(read_manifest, places.both(Record.MANIFEST))
    return next((manifest for manifest in found if manifest is not None), None)


def successful_manifest(places: Places) -> tuple[Path, Manifest] | None:
    """Return folder and manifest of a successful AB, in the certification area or finished."""
    for place in places.both(Record.MANIFEST):
        manifest = read_manifest(place)
        if manifest is not None and manifest.state is JobState.SUCCESSFUL:
            return place.parent, manifest
    return None
