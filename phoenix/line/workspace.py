"""Workspaces: made by ``phoenix init``, opened by everything else."""

from __future__ import annotations

import os
from pathlib import Path
from uuid import uuid4

from attrs import evolve

from phoenix.errors import SettingsError
from phoenix.formats.settings import load_settings, settings_text
from phoenix.line.plugins import instrument_of
from phoenix.model.settings import Settings
from phoenix.model.workspace import FOLDERS, Workspace

__all__ = [
    "SETTINGS_FILE",
    "create_workspace",
    "has_store",
    "identity_of",
    "open_workspace",
    "refuse_odd_name",
    "repositories",
    "store_url",
]

SETTINGS_FILE = "phoenix.toml"
_IDENTITY = "workspace.id"
_SQLITE = "sqlite:///"
_ODD = {"a blank", "[", "]", "%"}


def create_workspace(folder: Path, process: str, repositories: tuple[Path, ...] = ()) -> Path:
    """Make a workspace and return the path of its ``phoenix.toml``.

    Parameters
    ----------
    folder : Path
        The workspace; made if it is not there.
    process : str
        A process that an installed plugin offers.
    repositories : tuple of Path
        Where ABs, raw frames and calibrations come from, searched in this order.

    Raises
    ------
    SettingsError
        If there is a ``phoenix.toml`` already, or a repository is no folder.
    PluginError
        If no plugin offers the process.
    """
    instrument_of(process)
    refuse_odd_name(folder.resolve())
    path = folder / SETTINGS_FILE
    if path.exists():
        raise SettingsError(f"{path} is there already; edit it, or take another folder")
    for repository in repositories:
        if not repository.is_dir():
            raise SettingsError(f"repository {repository} is no folder; make or mount it first")
    settings = Settings(process=process)
    places = tuple(os.path.relpath(place.resolve(), folder.resolve()) for place in repositories)
    settings = evolve(settings, paths=evolve(settings.paths, repository=places))
    workspace = Workspace(folder.resolve())
    for name, _, _ in FOLDERS:
        workspace.folder(name).mkdir(parents=True, exist_ok=True)
    unfinished = folder / f".{SETTINGS_FILE}.part"
    unfinished.write_text(settings_text(settings), "utf-8")
    unfinished.replace(path)
    return path


def refuse_odd_name(folder: Path) -> None:
    """Refuse a folder whose name esorex, cfitsio or a URL would read as something else.

    Raises
    ------
    SettingsError
        If its path has a blank, a bracket or a per cent sign.
    """
    odd = sorted({"a blank" if sign.isspace() else sign for sign in str(folder)} & _ODD)
    if odd:
        raise SettingsError(
            f"{str(folder)!r}: found {' '.join(odd)} in its name, expected no blank and none of "
            "[ ] %, which recipes cannot read; move the workspace to such a folder"
        )


def open_workspace(folder: Path) -> tuple[Workspace, Settings]:
    """Return the folders and settings of a workspace.

    Raises
    ------
    SettingsError
        If there is no ``phoenix.toml``, or it is wrong.
    """
    path = folder / SETTINGS_FILE
    if not path.exists():
        raise SettingsError(
            f"no {SETTINGS_FILE} in {folder}; make a workspace with "
            "`phoenix init FOLDER --process GIRAFFE_MOS`, or name one with --workspace"
        )
    return Workspace(folder.resolve()), load_settings(path)


def identity_of(workspace: Workspace) -> str:
    """Return what tells a workspace from others, the same on every machine that mounts it.

    It is made at first use. A copy of a workspace has that of the first, and all have the same
    whose file systems know no links: those are taken for one, which errs to the safe side.
    """
    path = workspace.folder("scratch") / _IDENTITY
    if path.exists():
        return path.read_text("utf-8")
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{_IDENTITY}.{uuid4().hex}.part")
    part.write_text(uuid4().hex, "utf-8")
    try:
        # Of two that make it at the same time one is first; a rename would let both be.
        path.hardlink_to(part)
    except FileExistsError:
        pass
    except OSError:
        return ""
    finally:
        part.unlink()
    return path.read_text("utf-8")


def store_url(workspace: Workspace, settings: Settings) -> str:
    """Return the database URL; a relative SQLite file lies in the workspace."""
    url = settings.store.url
    if url.startswith(_SQLITE) and not url.startswith(_SQLITE + "/"):
        return f"{_SQLITE}{workspace.root / url.removeprefix(_SQLITE)}"
    return url


def has_store(workspace: Workspace, settings: Settings) -> bool:
    """Whether there may be something in the database; an SQLite file is made at first use."""
    url = store_url(workspace, settings)
    return not url.startswith(_SQLITE) or Path(url.removeprefix(_SQLITE)).exists()


def repositories(workspace: Workspace, settings: Settings) -> tuple[Path, ...]:
    """Return the folders where ABs and frames come from."""
    return tuple(_plain(workspace.root / place) for place in settings.paths.repository)


def _plain(path: Path) -> Path:
    """Return a path without ``..``, where that is the same place: behind a link it is not."""
    plain = Path(os.path.normpath(path))
    try:
        return plain if plain.samefile(path) else path
    except OSError:
        return plain if not path.exists() else path
