"""The numbers and words of the FITS standard (4.0) that readers, writers and validator share."""

from __future__ import annotations

from typing import Final

__all__ = ["BLOCK", "CARD", "COMMENTARY", "KEYWORD_BYTES", "LONGEST_TEXT"]

CARD: Final = 80
"""Bytes of a header card (section 4.1)."""

KEYWORD_BYTES: Final = 8
"""Bytes of a keyword in front of the value indicator (section 4.1.2.1)."""

LONGEST_TEXT: Final = 68
"""Characters of a text that fits into one card, its quotes doubled (section 4.2.1)."""

BLOCK: Final = 2880
"""Bytes of a block; headers and data units are whole blocks (section 3.1)."""

COMMENTARY: Final = frozenset({"", "COMMENT", "HISTORY"})
"""Keywords that hold text for a person and may stand more than once (section 4.4.2.4)."""
