"""Run one Python recipe: ``python -m phoenix.steps.recipe.python_program call.json``."""

from __future__ import annotations

import json
import logging
import pkgutil
import sys
from pathlib import Path
from typing import Any

__all__ = ["main"]

# The form of esorex's log, so that one reader understands both.
_FORMAT = "%(asctime)s [ %(levelname)-5s ] %(name)s: %(message)s"


def main(order: str) -> int:
    """Run the callable that the order names; return the exit code.

    Parameters
    ----------
    order : str
        Path of the JSON file with function, frames, parameters, output and log.
    """
    call: dict[str, Any] = json.loads(Path(order).read_text("utf-8"))
    logging.basicConfig(
        filename=call["log"], format=_FORMAT, datefmt="%H:%M:%S", level=logging.INFO
    )
    log = logging.getLogger(call["recipe"])
    log.info("running %s", call["function"])
    try:
        function = pkgutil.resolve_name(call["function"])
        frames = tuple((Path(path), tag) for path, tag in call["frames"])
        function(frames, call["parameters"], Path(call["output"]))
    except Exception as error:  # the outermost frame of somebody else's code
        # The first line is quoted as the reason, so it must name the error.
        log.exception("%s: %s", type(error).__name__, error)  # noqa: TRY401 - see above
        return 1
    log.info("done")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
