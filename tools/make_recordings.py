"""Write docs/tutorial/terminal.md: what a terminal of 80 columns shows, recorded.

``python tools/make_recordings.py`` simulates two small GIRAFFE nights, runs them by the true
recipes and copies the screens; it takes a minute or two.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import frozen
from terminal import record

if TYPE_CHECKING:
    from collections.abc import Callable

PAGE = Path(__file__).parents[1] / "docs" / "tutorial" / "terminal.md"
COLUMNS = 80
DATE = "2020-01-01"
BAD = "2020-01-02"
SCIENCE = "GIRAF.2020-01-02T01:12:20.596"

HEAD = f"""# What a terminal of {COLUMNS} columns shows

Recorded by `tools/make_recordings.py`, without colours; on yours states are coloured, if
`NO_COLOR` is not set. Names of ABs and states are never cut: columns that there is no room for are
named below a table, and so are the reasons.
"""


@frozen
class Scene:
    """A command, what is said of it, and what its screen is looked at for.

    Attributes
    ----------
    told : str
        Above it; empty for what is only prepared.
    words : str
        What is typed.
    look : callable or None
        For the screen while it runs that is shown before that at the end.
    """

    told: str
    words: str
    look: Callable[[str], bool] | None = None


SCENES = (
    Scene("", f"phoenix simulate giraffe -d {DATE} --out night --size small"),
    Scene(
        "", f"phoenix simulate giraffe -d {BAD} --out night --size small --fault shifted_catalogue"
    ),
    Scene("", "phoenix init work --process GIRAFFE_MOS --repository night"),
    Scene("## Which nights there are", "phoenix nights"),
    Scene(
        "## What would be done\n\nThe reasons stand in the column *to be run*.",
        f"phoenix run -d {DATE} --dry-run",
    ),
    Scene(
        "## A run\n\nWhile it is on: how many are done, what is running, and for how long. At its "
        "end:",
        f"phoenix run -d {DATE}",
        lambda screen: "12:06:20.935_tpl.ab 0:00:01" in screen,
    ),
    Scene("## Where it stands", f"phoenix status -d {DATE}"),
    Scene("## What waits for a person", f"phoenix status -d {DATE} --review"),
    Scene(
        "## A night that lies\n\nIts line catalogue is off by 0.3 nm. It leaves with 1.",
        f"phoenix run -d {BAD}",
    ),
    Scene("## What is to be done again", f"phoenix rerun -d {BAD} --failed --dry-run"),
    Scene(
        "## A good AB again, on purpose\n\nWith what depends on it.",
        "phoenix rerun GIRAF.2020-01-02T12:18:20.186 --dry-run",
    ),
    Scene("## To the archive", f"phoenix convert -d {DATE} --summary"),
    Scene("## Validated", f"phoenix validate reduced/{DATE}/idp --summary"),
    Scene("## Mistyped", "phoenix run -d 2020-01"),
    Scene("", "phoenix run -d 2020-02-01"),
    Scene("", f"phoenix qc show -d {DATE} -p SNRR"),
)
ALWAYS_SHOWN = ("phoenix run -d 2020-02-01", f"phoenix qc show -d {DATE} -p SNRR")


def main() -> None:
    """Record all scenes and write the page."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        parts = [HEAD]
        for scene in SCENES:
            seen, end, _ = record(
                scene.words.split(), _inside(folder), COLUMNS, _environment(), scene.look
            )
            if scene.told or scene.words in ALWAYS_SHOWN:
                parts.append(_shown(scene, seen, end, folder))
        PAGE.write_text("\n".join(parts), "utf-8")
    sys.stdout.write(f"{PAGE}\n")


def _inside(folder: Path) -> Path:
    work = folder / "work"
    return work if work.is_dir() else folder


def _environment() -> dict[str, str]:
    program = str(Path(sys.executable).parent)
    path = f"{program}:{os.environ['PATH']}"
    return {"PATH": path, "HOME": os.environ["HOME"], "TERM": "xterm", "NO_COLOR": "1"}


def _shown(scene: Scene, seen: str, end: str, folder: Path) -> str:
    told = [scene.told, ""] if scene.told else []
    if seen:
        told += _block(scene.words, seen, folder)
    return "\n".join([*told, *_block(scene.words, end, folder)])


def _block(words: str, screen: str, folder: Path) -> list[str]:
    plain = screen.replace(str(folder), "~/first-night")
    return ["```console", f"$ {words}", plain, "```", ""]


if __name__ == "__main__":
    main()
