"""A night in which everything is wrong that can be: one science AB for each bad input."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from astropy.io import fits
from attrs import frozen
from nightwork import DATE, SECOND

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ROOT = SECOND.removesuffix(".ab")
RAW = "${DFO_RAW_DIR}/2020-01-01/{root}.fits"
NOBODY = "GIRAF.2020-01-01T23:00:00.000.ab"


@frozen
class Files:
    """Where the raw frame and the AB of a case lie in the repository."""

    raw: Path
    ab: Path


@frozen
class Case:
    """One bad input, and what must come of it.

    Attributes
    ----------
    spoil : callable
        Spoils the raw frame, the AB or what the AB names.
    words : tuple of str
        Must all stand in the reason: where, found, expected, what to do.
    """

    spoil: Callable[[Files], None]
    words: tuple[str, ...]


def raw(change: Callable[[Path], None]) -> Callable[[Files], None]:
    return lambda files: change(files.raw)


def text(old: str, new: str) -> Callable[[Files], None]:
    def change(files: Files) -> None:
        root = files.raw.stem
        content = files.ab.read_text("utf-8")
        assert old.replace("{root}", root) in content
        replace(files.ab, content.replace(old.replace("{root}", root), new).encode())

    return change


def line(new: str) -> Callable[[Files], None]:
    return text("# parents\n", f"# parents\n{new}\n")


def cut(path: Path) -> None:
    replace(path, path.read_bytes()[: path.stat().st_size // 2])


def without_keyword(path: Path) -> None:
    with fits.open(path, "update") as hdus:
        del hdus[0].header["ESO DET OUT1 CONAD"]


def without_fibres(path: Path) -> None:
    with fits.open(path, "update") as hdus:
        hdus[1].name = "FIBRES"


def replace(path: Path, content: bytes) -> None:
    """Write a file again as people do who mend: another inode."""
    part = path.with_name("new")
    part.write_bytes(content)
    part.replace(path)


CASES = {
    "a cut raw frame": Case(raw(cut), ("{root}.fits", "bytes", "the file is cut")),
    "an error page instead of a raw frame": Case(
        raw(lambda path: replace(path, b"<html>Please log in</html>")), ("{root}.fits", "HTML")
    ),
    "an empty raw frame": Case(raw(lambda path: replace(path, b"")), ("{root}.fits", "empty")),
    "a missing raw frame": Case(
        raw(lambda path: path.unlink()), ("{root}.fits: not found", "looked for raw/2020-01-01")
    ),
    "a raw frame without a keyword": Case(
        raw(without_keyword), ("giscience ended with exit code 1", "get_conad")
    ),
    "a wrong fibre table": Case(raw(without_fibres), ("giscience ended with exit code 1",)),
    "a missing static table": Case(
        text("GI_GSLS_030401A", "GI_GSLS_990101A"),
        ("GI_GSLS_990101A_Medusa1_L543.1.fits: not found", "fetch it or mend the AB"),
    ),
    "a missing master": Case(
        text("# associated", "MCALIB REAL ${DFO_CAL_DIR}/2019-12-31/GI_MDRK.fits MASTER_DARK\n#"),
        ("GI_MDRK.fits: not found", "calib/2019-12-31"),
    ),
    "a path out of the workspace": Case(
        text(RAW, "${DFO_RAW_DIR}/../../../etc/passwd"),
        ("etc/passwd", "without '..'", "mend the AB"),
    ),
    "an absolute path": Case(
        text(RAW, "/etc/passwd"),
        ("/etc/passwd", "expected a name below", "mend the AB"),
    ),
    "an unknown recipe": Case(
        text("RECIPE         giscience", "RECIPE         gistellar"),
        ("unknown recipe gistellar", "giscience"),
    ),
    "a parent that is not there": Case(
        line(f"WAITFOR {NOBODY}"), (f"waits for {NOBODY}", "not in the cascade")
    ),
    "a ring": Case(line("WAITFOR {next}"), ("waits in a ring", "remove one WAITFOR line")),
    "the other end of the ring": Case(line("WAITFOR {before}"), ("waits in a ring",)),
    "an AB under the name of another": Case(
        text("AB_NAME        {root}", f"AB_NAME        {ROOT}"), (f"AB_NAME {ROOT}", "{root}")
    ),
    "a recipe that would run a shell": Case(
        text("RECIPE         giscience", "RECIPE         giscience;id"), ("giscience;id",)
    ),
    "an AB that is no text": Case(
        lambda files: replace(files.ab, b"\0\xff\xfe"), ("binary data", "UTF-8")
    ),
}


# Files that are no ABs at all, and must not stop a night either.
INTRUDERS = ("<b>x.ab", "empty.ab", "..ab")


def intrude(folder: Path) -> None:
    logs = folder / "giraffe/logs" / DATE
    for name in INTRUDERS:
        (logs / name).touch()
    (logs / "GIRAF.2020-01-02T04:00:00.000.ab").mkdir()
    (logs / "GIRAF.2020-01-02T04:01:00.000.ab").symlink_to("/nowhere")


def leave(folder: Path) -> None:
    logs = folder / "giraffe/logs" / DATE
    for name in INTRUDERS:
        (logs / name).unlink()
    (logs / "GIRAF.2020-01-02T04:00:00.000.ab").rmdir()
    (logs / "GIRAF.2020-01-02T04:01:00.000.ab").unlink()


def name_of(number: int) -> str:
    return f"GIRAF.2020-01-02T03:{number:02d}:00.000.ab"


NAMES = {what: name_of(number) for number, what in enumerate(CASES)}


def files_of(folder: Path, name: str) -> Files:
    root = name.removesuffix(".ab")
    return Files(
        raw=folder / "raw" / DATE / f"{root}.fits", ab=folder / "giraffe/logs" / DATE / name
    )


def build(raw_night: Path, folder: Path) -> Path:
    """Copy a night and add an AB for each case, spoilt."""
    shutil.copytree(raw_night, folder)
    for what, case in CASES.items():
        mend(folder, what)
        spoil(folder, what, case)
    intrude(folder)
    return folder


def mend(folder: Path, what: str) -> None:
    """Write raw frame and AB of a case as they should be."""
    name = NAMES[what]
    files = files_of(folder, name)
    good = files_of(folder, SECOND)
    root = name.removesuffix(".ab")
    replace(files.ab, good.ab.read_text("utf-8").replace(ROOT, root).encode())
    replace(files.raw, good.raw.read_bytes())
    with fits.open(files.raw, "update") as hdus:
        # Products are named by when they were exposed.
        header = hdus[0].header
        header["DATE-OBS"] = root.removeprefix("GIRAF.")
        header["ARCFILE"] = f"{root}.fits"


def spoil(folder: Path, what: str, case: Case) -> None:
    names = list(NAMES.values())
    place = names.index(NAMES[what])
    files = files_of(folder, NAMES[what])
    case.spoil(files)
    if files.ab.read_bytes().isascii():
        known = files.ab.read_text("utf-8")
        known = known.replace("{next}", names[(place + 1) % len(names)])
        replace(files.ab, known.replace("{before}", names[place - 1]).encode())


def told(what: str) -> tuple[str, ...]:
    """Return the words that the reason must have."""
    root = NAMES[what].removesuffix(".ab")
    return tuple(words.replace("{root}", root) for words in CASES[what].words)
