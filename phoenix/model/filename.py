"""Names of files off the telescope: ARCFILE, with and without what it is packed in."""

from __future__ import annotations

import re

__all__ = ["root_name"]

_SUFFIXES = re.compile(r"(\.fits|\.fit|\.hdr)?(\.(gz|Z|fz|bz2))?\Z", re.IGNORECASE)


def root_name(name: str) -> str:
    """Return a file name without ``.fits`` and what may follow it."""
    return _SUFFIXES.sub("", name, count=1)
