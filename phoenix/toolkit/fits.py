"""Pixels and tables of FITS files, read by fitsio."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import fitsio
import numpy as np

from phoenix.errors import DataError

if TYPE_CHECKING:
    from pathlib import Path

    import numpy.typing as npt

__all__ = ["read_image", "read_middle", "read_rows", "read_table"]


def read_image(path: Path, hdu: int | str = 0) -> npt.NDArray[Any]:
    """Read the pixels of one HDU.

    Parameters
    ----------
    path : Path
        The file.
    hdu : int or str
        Number (0 is the primary) or EXTNAME.

    Returns
    -------
    ndarray, shape (NAXIS2, NAXIS1)
        In the type that is stored, native byte order; BZERO and BSCALE are applied, so that raw
        frames of 16 bits come as uint16.

    Raises
    ------
    DataError
        If there are no such pixels.
    """
    return _pixels(_read(path, hdu), path, hdu)


def read_rows(path: Path, hdu: int | str, every: int) -> npt.NDArray[Any]:
    """Read some rows of a frame, which is much faster than to read it whole.

    Parameters
    ----------
    path : Path
        The file.
    hdu : int or str
        Number (0 is the primary) or EXTNAME.
    every : int
        The first row and every so many-th after it.

    Returns
    -------
    ndarray, shape (ceil(NAXIS2 / every), NAXIS1)
        As :func:`read_image` gives them.

    Raises
    ------
    DataError
        If there is no such frame.
    """
    return _pixels(_read(path, hdu, every), path, hdu)


def read_middle(path: Path, hdu: int | str, half: int) -> npt.NDArray[Any]:
    """Read the rows around the middle of a frame, and no others.

    Parameters
    ----------
    path : Path
        The file.
    hdu : int or str
        Number (0 is the primary) or EXTNAME.
    half : int
        So many rows below the middle one, and so many from it on.

    Returns
    -------
    ndarray, shape (at most 2 half, NAXIS1)
        As :func:`read_image` gives them.

    Raises
    ------
    DataError
        If there is no such frame.
    """
    return _pixels(_read(path, hdu, half=half), path, hdu)


def _pixels(data: npt.NDArray[Any] | None, path: Path, hdu: int | str) -> npt.NDArray[Any]:
    if data is None or data.dtype.names is not None:
        raise DataError(f"{path}[{hdu}]: found no image, expected pixels")
    return data


def read_table(path: Path, hdu: int | str = 1) -> dict[str, npt.NDArray[Any]]:
    """Read all columns of a table.

    Parameters
    ----------
    path : Path
        The file.
    hdu : int or str
        Number or EXTNAME.

    Returns
    -------
    dict of str to ndarray, shape (rows, ...)
        Column name, as it stands in the file, to its values in native byte order; text without
        the blanks behind it.

    Raises
    ------
    DataError
        If there is no such table.
    """
    data = _read(path, hdu)
    if data is None or data.dtype.names is None:
        raise DataError(f"{path}[{hdu}]: found no table, expected one")
    return {name: _native(data[name]) for name in data.dtype.names}


def _read(path: Path, hdu: int | str, every: int = 1, half: int = 0) -> npt.NDArray[Any] | None:
    try:
        if every == 1 and not half:
            # fitsio is untyped; an empty HDU gives None.
            return fitsio.read(str(path), ext=hdu)  # type: ignore[no-any-return]
        with fitsio.FITS(str(path)) as hdus:
            found = hdus[hdu]
            is_image = found.get_exttype() == "IMAGE_HDU" and found.has_data()
            return found[_rows(found, every, half), :] if is_image else None
    except UnicodeDecodeError:
        return _read_latin(path, hdu)
    except (OSError, ValueError) as error:
        raise DataError(f"{path}[{hdu}]: cannot be read: {_story(error)}") from error


def _rows(image: Any, every: int, half: int) -> slice:  # noqa: ANN401 - fitsio is untyped
    if not half:
        return slice(None, None, every)
    middle = image.get_dims()[0] // 2
    return slice(max(middle - half, 0), middle + half)


def _read_latin(path: Path, hdu: int | str) -> npt.NDArray[Any]:
    """Read a table with letters beyond ASCII, which FITS forbids and catalogues have: Latin-1."""
    from astropy.io import fits  # noqa: PLC0415 - for the few tables that need it

    try:
        with fits.open(path, memmap=False) as hdus:
            rows = np.array(hdus[hdu].data.view(np.ndarray))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DataError(f"{path}[{hdu}]: cannot be read: {_story(error)}") from error
    texts = [name for name in rows.dtype.names or () if rows.dtype[name].kind == "S"]
    wide = [
        (name, f"U{rows.dtype[name].itemsize}" if name in texts else rows.dtype[name])
        for name in rows.dtype.names or ()
    ]
    found = np.empty(rows.shape, dtype=wide)
    for name in rows.dtype.names or ():
        values = rows[name]
        found[name] = np.char.decode(values, "latin-1") if name in texts else values
    return found


def _story(error: Exception) -> str:
    return str(error).strip().splitlines()[0] if str(error).strip() else repr(error)


def _native(column: npt.NDArray[Any]) -> npt.NDArray[Any]:
    if column.dtype.kind in "SU":
        return np.char.rstrip(column.astype(str))
    return np.ascontiguousarray(column, dtype=column.dtype.newbyteorder("="))
