r"""Association Blocks as text: format 1 of phoenix, and the old ones as far as they are known.

Column 1 is the qualifier, further columns the content, everything after ``#`` a comment, as in all
dfos files. A ``#`` begins a comment at the begin of a line and behind a blank, and nowhere else:
the names of dichroics, slicers and cross-dispersers have one in them (``DICHR#2``).

The qualifiers of the header block are ESO's (DFOS:AB_structure); the columns of RAWFILE, MCALIB,
RASSOC, MASSOC, RECIPE_PARAM, WAITFOR, PRODUCT, EDIT, EDIT_OUT and EDIT_IN were never published and
are **ours**:

=============  =====================================  =======================================
qualifier      columns                                meaning
=============  =====================================  =======================================
RAWFILE        path tag                               a raw frame and its DO category
MCALIB         REAL|VIRTUAL path PRO.CATG             a master calibration for the recipe
RASSOC         path tag                               a raw frame that only belongs to the data
MASSOC         REAL|VIRTUAL path PRO.CATG             a master that only belongs to the data
SOF_CONTENT    path tag RAW|CALIB                     old form of RAWFILE and MCALIB, read only
RECIPE_PARAM   --name=value                           one or more, blanks between them
WAITFOR        AB name                                a parent AB
PRODUCT        name PRO.CATG                          a product that this AB will make
EDIT           reason                                 an edit since the repository
EDIT_OUT       field line                             what that edit took out
EDIT_IN        field line                             what it put in
=============  =====================================  =======================================

A line with any other qualifier is kept as it is. ``#`` in a value is written ``\\#``, wherever it
stands, and a backslash ``\\\\``.
"""

from __future__ import annotations

import os
import re
import stat
from typing import TYPE_CHECKING, Any

from phoenix.errors import ABFormatError, DataError
from phoenix.formats.files import read_plain_text
from phoenix.model.ab import (
    AssociationBlock,
    Change,
    Completeness,
    Edit,
    PredictedProduct,
)
from phoenix.model.dates import CivilDate
from phoenix.model.frames import MasterCalibration, RawFrame, symbolic_parts
from phoenix.model.limits import LARGEST_AB
from phoenix.model.recipe import Parameter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

__all__ = ["FORMAT_VERSION", "format_ab", "parse_ab", "read_ab", "write_ab"]

FORMAT_VERSION = "1"
_COMMENT = re.compile(r"(?:^|(?<=\s))#.*")
_ESCAPED = re.compile(r"\\([\\#])")
_VERSION_LINE = "FORMAT_VERSION"

_Fields = dict[Any, Any]
_SOF = "SOF_CONTENT"
_INTEGERS = 1 << 63


def read_ab(path: Path, most: int = LARGEST_AB) -> AssociationBlock:
    """Read an AB file; one of more than so many bytes is refused.

    Raises
    ------
    ABFormatError
        If it is no AB, naming file and line.
    """
    try:
        facts = path.stat()
        if not stat.S_ISREG(facts.st_mode):
            # A FIFO would be waited for without end.
            raise ABFormatError(path, found="no plain file", expected="a text file")
        size = facts.st_size
        if size > most:
            raise ABFormatError(path, found=f"{size} bytes", expected=f"at most {most}")
        text = read_plain_text(path)
    except UnicodeDecodeError as error:
        raise ABFormatError(path, found="binary data", expected="UTF-8 text") from error
    except OSError as error:
        raise ABFormatError(path, found=error.strerror or str(error), expected="a file") from error
    return parse_ab(text, path)


def write_ab(ab: AssociationBlock, folder: Path) -> Path:
    """Write an AB into a folder under its own name, by atomic rename, and return its path."""
    path = folder / str(ab.name)
    unfinished = folder / f".{ab.name}.{os.getpid()}.part"
    unfinished.write_text(format_ab(ab), "utf-8")
    unfinished.replace(path)
    return path


def parse_ab(text: str, path: Path | str = "AB") -> AssociationBlock:
    """Turn the text of an AB into its value.

    Parameters
    ----------
    text : str
        The whole file.
    path : Path or str
        Its name, for messages; an AB without AB_NAME line is called like the file.

    Raises
    ------
    ABFormatError
        If it is no AB, naming file and line.
    """
    found: _Fields = {}
    for number, line in enumerate(text.split("\n"), 1):
        qualifier, rest = _columns(line)
        if not qualifier or qualifier == _VERSION_LINE:
            continue
        read = _READERS.get(qualifier)
        if read is None:
            found.setdefault("other", []).append(line.strip())
            continue
        try:
            read(found, rest)
        except (DataError, ValueError) as error:
            raise ABFormatError(
                path, line=number, found=line.strip(), expected=_expected(qualifier, error)
            ) from error
    return _assemble(found, path)


def format_ab(ab: AssociationBlock) -> str:
    """Return the text of an AB; :func:`parse_ab` makes the same AB of it."""
    return "".join(f"{line}\n" for line in _text_lines(ab))


# ---- reading: one function a kind of line --------------------------------------------------


def _columns(line: str) -> tuple[str, str]:
    bare = _COMMENT.sub("", line).strip()
    qualifier, _, rest = bare.replace("\t", " ").partition(" ")
    return qualifier, _ESCAPED.sub(r"\1", rest.strip())


def _expected(qualifier: str, error: Exception) -> str:
    form = _FORMS.get(qualifier, "value")
    return f"{qualifier} <{form}>: {error}"


def _raw(rest: str) -> RawFrame:
    path, tag = rest.split()
    return RawFrame(path, tag)


def _master(rest: str) -> MasterCalibration:
    kind, path, pro_catg = rest.split()
    if kind not in {"REAL", "VIRTUAL"}:
        raise DataError(f"found {kind!r}, expected REAL or VIRTUAL")
    return MasterCalibration(path, pro_catg, virtual=kind == "VIRTUAL")


def _many(name: str, convert: Callable[[str], Any]) -> Callable[[_Fields, str], None]:
    def read(found: _Fields, rest: str) -> None:
        found.setdefault(name, []).append(convert(rest))

    return read


def _one(name: str, convert: Callable[[str], Any]) -> Callable[[_Fields, str], None]:
    def read(found: _Fields, rest: str) -> None:
        if name in found:
            raise DataError("given a second time")
        found[name] = convert(rest)

    return read


def _sof_content(found: _Fields, rest: str) -> None:
    path, tag, kind = rest.split()
    if kind not in {"RAW", "CALIB"}:
        raise DataError(f"found {kind!r}, expected RAW or CALIB")
    raw = kind == "RAW"
    # The product of a parent AB still lies in the certification area.
    virtual = symbolic_parts(path)[0] == "DFS_PRODUCT"
    frame = RawFrame(path, tag) if raw else MasterCalibration(path, tag, virtual)
    found.setdefault(_SOF, []).append(("raw_files" if raw else "calibrations", frame))


def _parameters(found: _Fields, rest: str) -> None:
    found.setdefault("parameters", []).extend(map(Parameter.parse, rest.split()))


def _integer(rest: str) -> int:
    """Read a number that a database can hold."""
    number = int(rest)
    if not -_INTEGERS <= number < _INTEGERS:
        raise DataError(f"found {rest[:30]}, expected a number of at most 63 bits")
    return number


def _pair(rest: str) -> tuple[str, str]:
    key, equals, value = rest.partition("=")
    if not equals:
        raise DataError("no '=' found")
    return key.strip(), value.strip()


def _edit_part(part: int) -> Callable[[_Fields, str], None]:
    def read(found: _Fields, rest: str) -> None:
        edits = found.get("edits")
        if not edits:
            raise DataError("no EDIT line before it")
        name, _, line = rest.partition(" ")
        edits[-1][1].setdefault(name, ([], []))[part].append(line.strip())

    return read


def _edit(rest: str) -> tuple[str, dict[str, tuple[list[str], list[str]]]]:
    return rest, {}


def _predicted(rest: str) -> PredictedProduct:
    name, pro_catg = rest.split()
    return PredictedProduct(name, pro_catg)


_FORMS = {
    "RAWFILE": "path tag",
    "RASSOC": "path tag",
    "MCALIB": "REAL|VIRTUAL path PRO.CATG",
    "MASSOC": "REAL|VIRTUAL path PRO.CATG",
    "SOF_CONTENT": "path tag RAW|CALIB",
    "RECIPE_PARAM": "--name=value",
    "RAW_MATCH_KEY": "KEY=value",
    "PRODUCT": "name PRO.CATG",
    "DATE": "date like 2020-01-31",
}

_HEADER: tuple[tuple[str, str, Callable[[str], Any]], ...] = (
    ("AB_NAME", "name", str),
    ("INSTRUMENT", "instrument", str),
    ("DATE", "date", CivilDate.parse),
    ("DPR_CATG", "dpr_catg", str),
    ("RAW_TYPE", "raw_type", str),
    ("RECIPE", "recipe", str),
    ("DRS_TYPE", "drs_type", str),
    ("AB_EVENT", "ab_event", str),
    ("COMPLETENESS", "completeness", Completeness),
    ("OBS_PROG_ID", "obs_prog_id", str),
    ("OBS_ID", "obs_id", _integer),
    ("OBS_MODE", "obs_mode", str),
    ("MJD-OBS", "mjd_obs", float),
    ("MJD-OBS_MOD", "mjd_mid", float),
)
"""Qualifier, field of the AB and how to read it, in the order in which they are written."""

_READERS: dict[str, Callable[[_Fields, str], None]] = {
    **{qualifier: _one(name, convert) for qualifier, name, convert in _HEADER},
    "RAW_MATCH_KEY": _many("setup", _pair),
    "RAWFILE": _many("raw_files", _raw),
    "MCALIB": _many("calibrations", _master),
    "RASSOC": _many("associated_raws", _raw),
    "MASSOC": _many("associated_masters", _master),
    "SOF_CONTENT": _sof_content,
    "RECIPE_PARAM": _parameters,
    "WAITFOR": _many("waits_for", str),
    "PRODUCT": _many("products", _predicted),
    "EDIT": _many("edits", _edit),
    "EDIT_OUT": _edit_part(0),
    "EDIT_IN": _edit_part(1),
}


def _as_edit(why: str, rows: dict[str, tuple[list[str], list[str]]]) -> Edit:
    changes = (Change(name, tuple(out), tuple(put)) for name, (out, put) in rows.items())
    return Edit(why, tuple(changes))


def _add_sof_content(found: _Fields) -> None:
    """Add what the old lines have: they say the same as RAWFILE and MCALIB, or are alone.

    A frame is reduced once.
    """
    known = {
        name: {row.path for row in found.get(name, ())} for name in ("raw_files", "calibrations")
    }
    for name, frame in found.pop(_SOF, ()):
        if frame.path not in known[name]:
            known[name].add(frame.path)
            found.setdefault(name, []).append(frame)


def _assemble(found: _Fields, path: Path | str) -> AssociationBlock:
    _add_sof_content(found)
    file_name = str(path).rpartition("/")[2]
    found.setdefault("name", file_name)
    if file_name.endswith(".ab") and found["name"] != file_name:
        raise ABFormatError(
            path, found=f"AB_NAME {found['name']}", expected=f"the name of the file, {file_name}"
        )
    if not found.get("recipe"):
        raise ABFormatError(path, found="no RECIPE line", expected="RECIPE <name>")
    try:
        edits = tuple(_as_edit(why, rows) for why, rows in found.pop("edits", ()))
        values: _Fields = {
            name: tuple(v) if isinstance(v, list) else v for name, v in found.items()
        }
        return AssociationBlock(**values, edits=edits)
    except DataError as error:
        raise ABFormatError(path, found="an impossible AB", expected=str(error)) from error


# ---- writing -------------------------------------------------------------------------------


def _escape(text: str) -> str:
    return text.replace("\\", "\\\\").replace("#", "\\#")


def _rows(qualifier: str, values: tuple[object, ...]) -> list[str]:
    return [f"{qualifier:<14} {_escape(str(value))}" for value in values]


def _header_lines(ab: AssociationBlock) -> Iterator[str]:
    default = AssociationBlock(
        ab.name, ab.recipe, ab.raw_files, ab.calibrations, waits_for=ab.waits_for
    )
    for qualifier, name, _ in _HEADER:
        value = getattr(ab, name)
        if name in {"name", "recipe"} or value != getattr(default, name):
            text = value.value if isinstance(value, Completeness) else value
            yield from _rows(qualifier, (text if not isinstance(text, float) else repr(text),))


def _section(title: str, lines: list[str]) -> list[str]:
    return ["", f"# {title}", *lines] if lines else []


def _edit_lines(edit: Edit) -> list[str]:
    lines = _rows("EDIT", (edit.why,))
    for change in edit.changes:
        lines += _rows("EDIT_OUT", tuple(f"{change.name} {line}" for line in change.removed))
        lines += _rows("EDIT_IN", tuple(f"{change.name} {line}" for line in change.added))
    return lines


def _text_lines(ab: AssociationBlock) -> Iterator[str]:
    yield f"{_VERSION_LINE:<14} {FORMAT_VERSION}"
    yield from _header_lines(ab)
    setup = tuple(f"{key}={value}" for key, value in ab.setup)
    yield from _section("raw match key", _rows("RAW_MATCH_KEY", setup))
    yield from _section("raw files", _rows("RAWFILE", ab.raw_files))
    yield from _section("master calibrations", _rows("MCALIB", ab.calibrations))
    associated = _rows("RASSOC", ab.associated_raws) + _rows("MASSOC", ab.associated_masters)
    yield from _section("associated, not for the recipe", associated)
    yield from _section("recipe parameters", _rows("RECIPE_PARAM", ab.parameters))
    yield from _section("parents", _rows("WAITFOR", ab.waits_for))
    yield from _section("pipeline products", _rows("PRODUCT", ab.products))
    edits = [line for edit in ab.edits for line in _edit_lines(edit)]
    yield from _section("edits since the repository", edits)
    yield from _section("further lines, kept as they are", list(ab.other))
