from __future__ import annotations

import pytest


@pytest.fixture
def fits_bytes():
    """Make a small FITS file: 1440 pixels of 16 bit, then a table of one row."""

    def make(*cards: str, pixel: int = 0) -> bytes:
        rows = [
            "SIMPLE  =                    T",
            "BITPIX  =                   16",
            "NAXIS   =                    1",
            "NAXIS1  =                 1440",
            *cards,
            "END",
        ]
        header = "".join(row.ljust(80) for row in rows).encode().ljust(2880)
        return header + pixel.to_bytes(2, "big") * 1440

    return make
