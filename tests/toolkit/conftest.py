"""Small FITS files."""

from __future__ import annotations

import pytest
from astropy.io import fits


@pytest.fixture
def image(tmp_path):
    """Write pixels and keywords into a file."""

    def write(name, pixels=None, **keywords):
        path = tmp_path / name
        header = fits.Header({key.replace("_", " "): value for key, value in keywords.items()})
        fits.PrimaryHDU(pixels, header).writeto(path)
        return path

    return write
