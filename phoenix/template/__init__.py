"""The beginning of an instrument plugin: a small one that works, with the names put in.

Its files lie in ``plugin/``, each with ``.txt`` behind its name, as a plugin of an instrument
called toy; that word is all that is replaced.
"""

from __future__ import annotations

import re
import tempfile
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from phoenix.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from importlib.resources.abc import Traversable

__all__ = ["new_plugin"]

_NAME = re.compile(r"[a-z][a-z0-9_]{1,19}", re.ASCII)
_INSTRUMENT = re.compile(r"[A-Z][A-Z0-9]{1,9}", re.ASCII)
_SUFFIX = ".txt"
_WORDS = re.compile(r"(?<![A-Za-z])(toy|TOY|TY)(?![A-Za-z])|Toy")


def new_plugin(name: str, instrument: str, out: Path) -> Path:
    """Write a new plugin that passes the contract as it stands.

    Parameters
    ----------
    name : str
        Of the plugin: small letters, digits and underscores; the package is ``phoenix_<name>``.
    instrument : str
        INSTRUME of its raw frames, which also begin with it: capital letters and digits.
    out : Path
        Folder to write below; made if it is not there.

    Returns
    -------
    Path
        The folder of the plugin, ``<out>/phoenix_<name>``.

    Raises
    ------
    SettingsError
        If a name is not of that form, or the folder is there already.
    """
    _check("name of the plugin", name, _NAME, "small letters, digits and _, e.g. kmos")
    _check("instrument", instrument, _INSTRUMENT, "INSTRUME of its raw frames, e.g. KMOS")
    folder = out / f"phoenix_{name}"
    if folder.exists():
        raise _taken(folder)
    out.mkdir(parents=True, exist_ok=True)
    words = {"toy": name, "TOY": instrument, "TY": instrument[:2], "Toy": _class_name(name)}
    with tempfile.TemporaryDirectory(prefix=f".phoenix_{name}.", dir=out) as unfinished:
        draft = Path(unfinished) / "plugin"
        for parts, text in _files(files("phoenix.template") / "plugin"):
            path = draft.joinpath(*(_replaced(part, words) for part in parts))
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(_replaced(text, words), encoding="utf-8")
        try:
            draft.rename(folder)
        except OSError as error:
            if folder.exists():
                # Somebody else made it meanwhile.
                raise _taken(folder) from error
            raise
    return folder


def _taken(folder: Path) -> SettingsError:
    return SettingsError(f"{folder}: found something there, expected a new folder")


def _check(what: str, found: str, form: re.Pattern[str], expected: str) -> None:
    if form.fullmatch(found) is None:
        raise SettingsError(f"{what}: found {found!r}, expected {expected}")


def _class_name(name: str) -> str:
    return "".join(word.capitalize() for word in name.split("_"))


def _files(folder: Traversable, *parents: str) -> Iterator[tuple[tuple[str, ...], str]]:
    for entry in folder.iterdir():
        if entry.is_dir():
            yield from _files(entry, *parents, entry.name)
        elif entry.name.endswith(_SUFFIX):
            name = entry.name.removesuffix(_SUFFIX)
            yield (*parents, name), entry.read_text(encoding="utf-8")


def _replaced(text: str, words: dict[str, str]) -> str:
    """Put the names in; in ``TestToy`` and ``phoenix_toy`` too."""
    return _WORDS.sub(lambda match: words[match.group()], text)
