"""Where the files of an AB are, whatever state it is in; nobody else builds such a path.

An AB's products and records are published together, ``products/<date>/<root>/``. Finishing the
night gives products their final names and takes the records into the folders of the night
(VLT-MAN-ESO-19600-6104, 4.1), so each record has two places: published and finished.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from attrs import frozen

from phoenix.model.frames import Role
from phoenix.model.report import JobState

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from phoenix.model.ab import AssociationBlock
    from phoenix.model.workspace import Workspace

__all__ = ["ENDINGS", "FINAL_FOLDERS", "Places", "Record"]

ENDINGS = {JobState.SUCCESSFUL: "", JobState.GATED: ".gated", JobState.FAILED: ".failed"}
"""What the state of an AB adds to the name of its folder of products."""

FINAL_FOLDERS = {
    Role.SCIENCE: "reduced",
    Role.ANCILLARY: "reduced",
    Role.CALIBRATION: "calib",
}
"""Folder of the workspace for products of each role; the others are removed."""


class Record(Enum):
    """A file that is kept of an AB: name as published; folder of the night, name when finished."""

    LOG = ("{root}.log", "logs", "{root}.log")
    SOF = ("{root}.sof", "logs", "{root}.sof")
    AS_RUN = ("{root}.as_run.ab", "logs", "{root}.as_run.ab")
    """The AB as it was run, where that was not as it was given."""
    QC = ("qc.json", "logs", "{root}.qc.json")
    REPORT = ("{root}.png", "plots", "{root}.png")
    COVER = ("{root}.cover.png", "plots", "{root}.cover.png")
    """The coversheet of its group: never among the products, which each AB has alone."""
    VERDICT = ("verdict.json", "logs", "{root}.verdict.json")
    """What persons said of it, so that it outlives the database."""
    MANIFEST = ("manifest.json", "logs", "{root}.json")


@frozen
class Places:
    """The places of one AB. Path arithmetic, but for what says that it looks.

    Attributes
    ----------
    workspace : Workspace
        Where it is processed.
    date : str
        Its night.
    root : str
        Root of its name.
    """

    workspace: Workspace
    date: str
    root: str

    @classmethod
    def of(cls, workspace: Workspace, ab: AssociationBlock) -> Places:
        """Return the places of an AB."""
        return cls(workspace, str(ab.date or ""), ab.root)

    @classmethod
    def published_in(cls, workspace: Workspace, folder: Path) -> Places:
        """Return the places of the AB whose products are published in this folder."""
        return cls(workspace, folder.parent.name, folder.name)

    # ---- folders ---------------------------------------------------------------------------

    @property
    def published(self) -> Path:
        """The folder of its products until the night is finished."""
        return self.workspace.folder("products", self.date) / self.root

    def ended(self, state: JobState) -> Path:
        """Return the folder into which it is published that ended in this state."""
        return self.published.with_name(f"{self.root}{ENDINGS[state]}")

    def outcome(self) -> Path | None:
        """Look which of the folders of :meth:`ended` is there."""
        return next((folder for folder in map(self.ended, ENDINGS) if folder.is_dir()), None)

    @property
    def scratch(self) -> Path:
        """The scratch folder of its night, in which each try has its own."""
        return self.workspace.folder("scratch", self.date)

    @property
    def idps(self) -> Path:
        """The folder of its Internal Data Products."""
        return self.workspace.folder("reduced", self.date) / "idp" / self.root

    def final(self, role: Role) -> str:
        """Return the folder below the workspace into which products of a role are moved."""
        return f"{FINAL_FOLDERS[role]}/{self.date}"

    # ---- records ---------------------------------------------------------------------------

    @property
    def edited(self) -> Path:
        """The AB as it stands in the cascade."""
        return self.workspace.folder("ab", self.date) / f"{self.root}.ab"

    def fresh(self, record: Record, folder: Path | None = None) -> Path:
        """Return where a record is published; a folder may stand in for that of a success."""
        return (folder or self.published) / record.value[0].format(root=self.root)

    def finished(self, record: Record) -> Path:
        """Return where a record is when the night is finished."""
        _, folder, name = record.value
        return self.workspace.folder(folder, self.date) / name.format(root=self.root)

    def now(self, record: Record) -> Path:
        """Look where a record is: as published, else where it is finished."""
        fresh = self.fresh(record)
        return fresh if fresh.exists() else self.finished(record)

    def both(self, record: Record) -> Iterator[Path]:
        """Yield the places of a record, the published one first."""
        yield self.fresh(record)
        yield self.finished(record)

    def product(self, name: str, final: str) -> Path:
        """Look where a product is: in its final place below the workspace, else as published."""
        moved = self.workspace.root / final
        return moved if final and moved.exists() else self.published / name
