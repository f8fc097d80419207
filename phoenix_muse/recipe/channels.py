"""The channels of a raw frame: one extension for each IFU, ``CHAN01`` to ``CHAN24``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from phoenix.toolkit.headers import flag, read_headers, text

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["channels_of"]

_CHANNEL = re.compile(r"CHAN(\d\d)(?:\.|\Z)", re.ASCII)


def channels_of(path: Path) -> tuple[int, ...]:
    """Return the IFUs that a raw frame or a master has, in their order; no dead ones.

    Raises
    ------
    HeaderError
        If the file is cut or no FITS.
    """
    found = []
    for header in read_headers(path):
        match = _CHANNEL.match(text(header, "EXTNAME"))
        alive = flag(header, "ESO DET CHIP LIVE")
        if match and alive is not False:
            found.append(int(match[1]))
    return tuple(sorted(set(found)))
