"""What the tests of the line share: workspaces, and what must always be true of them."""

from __future__ import annotations

import hashlib
import os
import shutil
import sqlite3
import subprocess
import sys
import zlib
from typing import TYPE_CHECKING

import fitsio
from attrs import frozen

from phoenix.line.workspace import create_workspace
from phoenix.steps.release_raw import save_header
from phoenix.steps.shelf.manifest import read_manifest

if TYPE_CHECKING:
    from pathlib import Path

DATE = "2020-01-01"
BIAS = "GIRAF.2020-01-02T10:06:20.003_tpl.ab"
DARK = "GIRAF.2020-01-02T10:24:20.389_tpl.ab"
FLAT = "GIRAF.2020-01-02T12:06:20.935_tpl.ab"
ARC = "GIRAF.2020-01-02T12:18:20.186.ab"
FIRST = "GIRAF.2020-01-02T01:12:20.596.ab"
SECOND = "GIRAF.2020-01-02T01:43:08.576.ab"
THIRD = "GIRAF.2020-01-02T04:36:20.186.ab"
ALL = (BIAS, DARK, FLAT, ARC, FIRST, SECOND, THIRD)

# Its content is who holds the night, and since when.
_LOCK = ".lock"
_JOURNALS = (".db-shm", ".db-wal")
_DATABASE = "phoenix.db"
# The archive's content is named by checksums, and headers say when they were made.
_NO_TWINS = ("phoenix.db", "phoenix.toml", "archive/content/")


def make_workspace(folder: Path, repository: Path) -> Path:
    create_workspace(folder, "GIRAFFE_MOS", (repository,))
    return folder


def without_pixels(night: Path, folder: Path, *parts: str) -> Path:
    """Make a night of headers and of the named parts of another, static tables for example."""
    for part in parts:
        shutil.copytree(night / part, folder / part)
    (folder / "raw").mkdir()
    for path in sorted((night / "raw").rglob("*.fits")):
        save_header(path, folder / "raw" / f"{path.stem}.hdr")
    return folder


def phoenix(*words: object, check: bool = False) -> subprocess.CompletedProcess[str]:
    """Call the command line as a person would."""
    command = [sys.executable, "-m", "phoenix", *map(str, words)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert not (check and done.returncode), f"{words}\n{done.stdout}\n{done.stderr}"
    return done


def snapshot(folder: Path) -> dict[str, tuple[int, int, int]]:
    """Return inode, time and size of every file: what no one may touch who does nothing.

    Of the database it is what it remembers besides the list of runs: every call is in that. The
    journals that SQLite has beside an open one hold nothing of their own.
    """
    found = {}
    for path in sorted(folder.rglob("*")):
        facts = path.lstat()
        if path.is_file() and path.suffix not in {_LOCK, *_JOURNALS}:
            place = path.relative_to(folder).as_posix()
            found[place] = (facts.st_ino, facts.st_mtime_ns, facts.st_size)
    if (folder / _DATABASE).exists():
        found[_DATABASE] = (0, 0, zlib.crc32(remembered(folder).encode()))
    return found


def remembered(folder: Path) -> str:
    """Return what the database holds, as text, but for the list of runs."""
    connection = sqlite3.connect(folder / _DATABASE, timeout=300)
    try:
        lines = connection.iterdump()
        return "\n".join(line for line in lines if not line.startswith('INSERT INTO "run"'))
    finally:
        connection.close()


def file_names(folder: Path) -> set[str]:
    """Return the files of a workspace by their places."""
    return {name for name in snapshot(folder) if not name.startswith(_NO_TWINS)}


def data_sums(folder: Path) -> dict[str, list[str]]:
    """Return a checksum of the data of every HDU of every FITS file, headers left out."""
    places = [name for name in file_names(folder) if name.endswith(".fits")]
    return {name: sums_of(folder / name) for name in places if not name.startswith("scratch")}


def sums_of(path: Path) -> list[str]:
    """Return kind and checksum of the data of every HDU."""
    with fitsio.FITS(path) as hdus, path.open("rb") as stream:
        sums = []
        for hdu in hdus:
            facts = hdu.get_info()
            stream.seek(hdu.get_offsets()["data_start"])
            size = hdu.get_offsets()["data_end"] - hdu.get_offsets()["data_start"]
            sums.append(f"{facts['hdutype']} {hashlib.sha256(stream.read(size)).hexdigest()}")
        return sums


@frozen
class Run:
    """By what a run of a recipe is known: the same only if it was not run again."""

    started: str
    wall_s: float
    cpu_s: float


def runs(folder: Path) -> dict[str, Run]:
    """Return the runs of all ABs that have products, by AB name; checks the products too."""
    found = {}
    for path in manifests(folder):
        manifest = read_manifest(path)
        assert manifest is not None, f"{path} cannot be read"
        if manifest.state.value != "successful":
            continue
        check_products(folder, path)
        found[manifest.ab_name] = Run(manifest.started, manifest.wall_s, manifest.cpu_s)
    return found


def manifests(folder: Path) -> list[Path]:
    published = folder.glob("products/*/*/manifest.json")
    finished = (
        path
        for path in folder.glob("logs/*/*.json")
        if not path.name.endswith((".qc.json", ".verdict.json"))
    )
    return sorted([*published, *finished])


def check_products(folder: Path, path: Path) -> None:
    """Every product that a manifest lists is there, whole, in one of its two places."""
    manifest = read_manifest(path)
    for row in manifest.products:
        final = folder / row.final
        published = folder / "products" / DATE / manifest.ab_name.removesuffix(".ab") / row.name
        if not row.final and not published.parent.is_dir():
            continue
        place = final if row.final and final.is_file() else published
        content = place.read_bytes()
        assert len(content) == row.size, f"{place} is cut"
        assert row.sha256 in {"", hashlib.sha256(content).hexdigest()}, f"{place} has changed"


def unlisted_products(folder: Path) -> list[Path]:
    """Return FITS files in the certification area that no manifest beside them lists."""
    return [
        path
        for path in folder.glob("products/*/*/*.fits")
        if (found := read_manifest(path.parent / "manifest.json")) is None
        or (found.state.value != "failed" and found.product(path.name) is None)
    ]


def half_written(folder: Path) -> list[str]:
    """Return what killed runs left outside scratch, and tries left in scratch."""
    parts = [path for path in folder.rglob("*.part") if "scratch" not in path.parts]
    tries = list(folder.glob("scratch/*/*/*"))
    return [path.relative_to(folder).as_posix() for path in (*parts, *tries)]


def orphans(folder: Path) -> list[Path]:
    """Return what lies in the archive and belongs to no data set."""
    content = [path for path in (folder / "archive/content").rglob("*") if path.is_file()]
    return [path for path in content if path.stat().st_nlink == 1]


def states(folder: Path, step: str = "process") -> dict[str, str]:
    """Return the state of every AB, read past the line."""
    return {name: state for name, state, _ in _jobs(folder, step)}


def reasons(folder: Path) -> dict[str, str]:
    """Return why ABs are not successful, by AB name."""
    return {name: reason for name, _, reason in _jobs(folder, "process") if reason}


def _jobs(folder: Path, step: str) -> list[tuple[str, str, str]]:
    path = folder / "phoenix.db"
    if not path.exists():
        return []
    connection = sqlite3.connect(path, timeout=300)
    try:
        tables = connection.execute("SELECT name FROM sqlite_master WHERE name = 'job'")
        if not tables.fetchall():
            return []
        return connection.execute(
            "SELECT ab.name, job.state, job.reason FROM job JOIN ab ON ab.id = job.ab_id "
            "WHERE job.step = ?",
            [step],
        ).fetchall()
    finally:
        connection.close()


def products_in_store(folder: Path) -> list[tuple[str, str]]:
    """Return path and checksum of every product that the store knows and that is somewhere."""
    connection = sqlite3.connect(folder / "phoenix.db", timeout=300)
    try:
        return connection.execute("SELECT path, sha256 FROM product WHERE path != ''").fetchall()
    finally:
        connection.close()


def is_root() -> bool:
    return os.geteuid() == 0
