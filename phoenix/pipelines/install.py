"""Pipelines in a prefix: packages of Debian unpacked into a folder, without root.

Some pipelines are in an older Debian than the one that runs here. apt is given a state of its own,
with the mirror that this machine uses and the suite that has the package; what it brings is
unpacked by ``dpkg -x`` and never installed, so that nothing of the machine changes. A prefix holds
esorex and all its libraries: recipes run with those that they were built with.
"""

from __future__ import annotations

import os
import platform
import re
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import psutil  # type: ignore[import-untyped]  # ships no types
from attrs import frozen

from phoenix.errors import SettingsError
from phoenix.model.settings import PipelinePlace
from phoenix.pipelines.find import Pipeline, forget_pipelines, installed_pipeline
from phoenix.pipelines.places import prefixes_folder
from phoenix.pipelines.program import ask_esorex, run_program

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["OFFERED", "Offer", "install_pipeline", "recipes_of", "remove_pipeline"]

_RUNTIME = ("esorex", "libcext0", "libcplcore26", "libcpldfs26", "libcpldrs26", "libcplui26",
            "libgslcblas0")  # fmt: skip


@frozen
class Offer:
    """A pipeline that can be installed into a prefix.

    Attributes
    ----------
    name : str
        Of the pipeline, as its folders are called.
    instrument : str
        What it is for.
    suite : str
        The Debian that has it.
    packages : tuple of str
        What it needs beside what every Debian has.
    """

    name: str
    instrument: str
    suite: str
    packages: tuple[str, ...]


_OLD = (*_RUNTIME, "libcfitsio9", "libgsl25", "libwcs7", "libffi7")
_NEW = (*_RUNTIME, "libcfitsio10", "libgsl27", "libwcs7", "libffi8", "libfftw3-single3",
        "libfftw3-double3", "libltdl7")  # fmt: skip

OFFERED: dict[str, Offer] = {
    row.name: row
    for row in (
        Offer("xshoo", "X-shooter", "bullseye", _OLD),
        Offer("fors", "FORS", "bullseye", _OLD),
        Offer("giraf", "GIRAFFE", "bookworm", _NEW),
        Offer("uves", "UVES", "bookworm", _NEW),
        Offer("muse", "MUSE", "bookworm", _NEW),
    )
}
"""Name to offer; which Debian has which was looked up on 2026-11-25 (the newest of each)."""

_DEB = re.compile(r"(?P<package>[a-z0-9][a-z0-9+.-]*)_[^_/]+_[a-z0-9]+\.deb\Z", re.ASCII)
_NAME = re.compile(r"[a-z][a-z0-9_]*", re.ASCII)
_APT_S, _DPKG_S = 600, 120


def install_pipeline(
    name: str, source: Path | None = None, prefix: Path | None = None
) -> Pipeline:
    """Install a pipeline into a prefix; it is there whole, with recipes that load, or not at all.

    Parameters
    ----------
    name : str
        One of :data:`OFFERED`.
    source : Path, optional
        Folder of packages (``.deb``); without it they are fetched from the mirror of this machine.
    prefix : Path, optional
        A new folder; ``<pipelines of phoenix>/<name>`` if not given.

    Raises
    ------
    SettingsError
        If it is not offered, is there already, cannot be fetched or unpacked, or has no recipe
        that esorex can load.
    """
    offer = _offer(name)
    target = prefix or prefixes_folder() / name
    if target.exists():
        raise SettingsError(
            f"{target}: found something there, expected a new folder; `phoenix pipelines remove "
            f"{name}` takes a pipeline away"
        )
    target.parent.mkdir(parents=True, exist_ok=True)
    # Beside the target, so that one rename makes it visible; hidden, so that nobody finds it.
    mine = _hidden(name)
    _sweep(target.parent, mine)
    with tempfile.TemporaryDirectory(
        prefix=f"{mine}{os.getpid()}.", dir=target.parent
    ) as unfinished:
        root, fetched = Path(unfinished) / "root", Path(unfinished) / "packages"
        fetched.mkdir()
        packages = _packages_in(source, offer) if source else _fetch(offer, fetched)
        root.mkdir()
        for package in packages:
            run_program(["dpkg", "-x", str(package), str(root)], _DPKG_S)
        recipes_of(_in_root(name, root))
        root.rename(target)
    forget_pipelines()
    return _in_root(name, target)


def _hidden(name: str) -> str:
    """Return how the names of folders begin that this machine has not finished with."""
    return f".{name}.{platform.node()}."


def _sweep(folder: Path, beginning: str) -> None:
    """Take away what killed calls of this machine left half-unpacked."""
    for path in folder.glob(f"{beginning}*"):
        number = path.name.removeprefix(beginning).partition(".")[0]
        if number.isdecimal() and not psutil.pid_exists(int(number)):
            shutil.rmtree(path, ignore_errors=True)


def remove_pipeline(name: str) -> Path:
    """Take away the prefix of a pipeline; return where it was.

    Raises
    ------
    SettingsError
        If there is none: what packages of the system brought is not phoenix's to remove.
    """
    target = prefixes_folder() / name
    if _NAME.fullmatch(name) is None or not target.is_dir():
        raise SettingsError(
            f"{target}: found no prefix of {name}, expected one that `phoenix pipelines install` "
            "made; packages of the system are removed as they were installed"
        )
    _sweep(target.parent, _hidden(name))
    hidden = target.with_name(f"{_hidden(name)}{os.getpid()}.old")
    target.rename(hidden)
    shutil.rmtree(hidden)
    forget_pipelines()
    return target


def recipes_of(pipeline: Pipeline) -> tuple[str, ...]:
    """Return the names of the recipes that esorex can load.

    Raises
    ------
    SettingsError
        If there are none; has esorex's own words.
    """
    told = ask_esorex(pipeline, "--recipes")
    # Two blanks, the name, a colon; esorex itself stands in no list.
    found = tuple(re.findall(r"^  ([a-z][a-z0-9_]*)\s*:", told, re.MULTILINE))
    if not found:
        raise SettingsError(
            f"{pipeline.recipes}: found no recipe that {pipeline.esorex} can load: {told[-300:]}"
        )
    return found


def _offer(name: str) -> Offer:
    offer = OFFERED.get(name)
    if offer is None:
        raise SettingsError(f"pipeline: found {name!r}, expected one of {', '.join(OFFERED)}")
    return offer


def _in_root(name: str, root: Path) -> Pipeline:
    folder = next(root.glob(f"usr/lib/*/cpl/plugins/{name}-*"), None)
    if folder is None:
        raise SettingsError(
            f"{root}: found no recipes of {name} among the packages, expected "
            f"usr/lib/*/cpl/plugins/{name}-<version>"
        )
    return installed_pipeline(name, {name: PipelinePlace(plugin_dir=str(folder))})


def _packages_in(source: Path, offer: Offer) -> tuple[Path, ...]:
    """Return the packages of a folder that a pipeline needs."""
    wanted = {f"cpl-plugin-{offer.name}", *offer.packages}
    found = {
        match["package"]: path
        for path in sorted(source.glob("*.deb"))
        if (match := _DEB.match(path.name)) and match["package"] in wanted
    }
    if f"cpl-plugin-{offer.name}" not in found:
        raise SettingsError(
            f"{source}: found no package cpl-plugin-{offer.name}_*.deb, expected it with "
            f"{', '.join(offer.packages)}"
        )
    return tuple(found.values())


# ---- apt ---------------------------------------------------------------------------------------


def _fetch(offer: Offer, folder: Path) -> tuple[Path, ...]:
    """Bring the packages of an offer into a folder, by a state of apt of its own."""
    if shutil.which("apt-get") is None:
        raise SettingsError(
            "apt-get: found none, expected Debian or Ubuntu; fetch the packages elsewhere and "
            f"give their folder: `phoenix pipelines install {offer.name} --from FOLDER`"
        )
    with _own_apt(offer.suite) as environment:
        try:
            run_program(["apt-get", "-q", "update"], _APT_S, environment)
        except SettingsError as error:
            raise _gone(offer, error) from error
        for package in (f"cpl-plugin-{offer.name}", *offer.packages):
            # With its suite: the priority of the own list alone picks the machine's version.
            words = ["apt-get", "-q", "download", f"{package}/{offer.suite}"]
            try:
                run_program(words, _APT_S, environment, str(folder))
            except SettingsError as error:
                raise _gone(offer, error) from error
    return tuple(sorted(folder.glob("*.deb")))


def _gone(offer: Offer, error: SettingsError) -> SettingsError:
    return SettingsError(
        f"suite {offer.suite}, which has the pipeline {offer.name}: {error}; if the mirror has it "
        f"no more, give a folder of its packages: `phoenix pipelines install {offer.name} --from "
        "FOLDER`"
    )


@contextmanager
def _own_apt(suite: str) -> Iterator[dict[str, str]]:
    """Make a state of apt that has one suite of this machine's mirror and nothing else."""
    with tempfile.TemporaryDirectory(prefix="phoenix-apt.") as name:
        root = Path(name)
        for below in ("state/lists/partial", "cache/archives/partial", "etc/parts"):
            (root / below).mkdir(parents=True)
        keys = "/usr/share/keyrings/debian-archive-keyring.gpg"
        (root / "etc/sources.list").write_text(
            f"deb [signed-by={keys}] {_mirror()} {suite} main\n", "utf-8"
        )
        (root / "apt.conf").write_text(
            f'Dir::State "{root}/state"; Dir::State::status "/var/lib/dpkg/status";\n'
            f'Dir::Cache "{root}/cache"; Dir::Etc::sourcelist "{root}/etc/sources.list";\n'
            f'Dir::Etc::sourceparts "{root}/etc/parts";\n'
            # Its own user may not write below a folder that is closed to others.
            'APT::Sandbox::User "root";\n',
            "utf-8",
        )
        yield {**os.environ, "APT_CONFIG": str(root / "apt.conf"), "LC_ALL": "C"}


def _mirror() -> str:
    """Return the address from which this machine has its own packages."""
    words = ["apt-get", "indextargets", "--format", "$(SITE)", "Created-By: Packages"]
    sites = run_program(words, _APT_S).split()
    if not sites:
        raise SettingsError(
            "apt-get indextargets: found no source of packages, expected the mirror of this "
            "machine; mend its sources, or give a folder of packages with --from"
        )
    return sites[0]
