"""A cube in a file: its axes, and its planes read one after the other.

A cube of an integral-field spectrograph has gigabytes. It is never held as a whole: planes (one
wavelength, the whole field) lie one behind the other in the file and are read in pieces of some
megabytes, into memory of our own. A mapped file would cost less CPU, but its pages count as memory
of the process, and a worker of dask is killed for them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import fitsio
import numpy as np
from attrs import field, frozen

from phoenix.errors import DataError
from phoenix.toolkit.headers import (
    Header,
    integer,
    number,
    read_header,
    read_headers,
    required_number,
    required_text,
    text,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import numpy.typing as npt

    Plane = npt.NDArray[np.float32]

__all__ = ["Cube", "Volume", "open_cube"]

PIECE = 500_000
"""Bytes that are read at once (ours): they stay in the cache of a core until they are used."""

_TO_NM = {"angstrom": 0.1, "nm": 1.0, "um": 1e3, "m": 1e9}
_TYPES = {-32: ">f4", -64: ">f8"}
_AXES = 3


@frozen
class Volume:
    """The pixels of one extension of a cube.

    Attributes
    ----------
    path : Path
        The file.
    name : str
        EXTNAME.
    shape : tuple of int
        Planes, rows, columns.
    start : int
        Byte of the file at which the pixels begin.
    dtype : str
        As they are stored.
    header : Header
        Of the extension.
    """

    path: Path
    name: str
    shape: tuple[int, int, int]
    start: int = field(repr=False)
    dtype: str = field(repr=False)
    header: Header = field(eq=False, repr=False)

    def planes(self, first: int = 0, stop: int | None = None) -> Iterator[Plane]:
        """Yield planes in the order of wavelength.

        Parameters
        ----------
        first, stop : int
            Those from `first` on, below `stop`; to the last one if it is None.

        Yields
        ------
        ndarray of float32, shape (rows, columns)
            A view of a piece of some planes, which the caller may write on.

        Raises
        ------
        DataError
            If the file ends before the pixels do.
        """
        for piece in self._pieces(first, stop):
            yield from piece.astype(np.float32).reshape(-1, *self.shape[1:])

    def spaxels(self, places: npt.NDArray[np.int64]) -> Iterator[npt.NDArray[np.float32]]:
        """Yield some spaxels of all planes, a run of planes at a time.

        Parameters
        ----------
        places : ndarray, shape (n,)
            Which of a flattened plane.

        Yields
        ------
        ndarray of float32, shape (planes of the run, n)

        Raises
        ------
        DataError
            If the file ends before the pixels do.
        """
        for piece in self._pieces(0, None):
            yield piece[:, places].astype(np.float32)

    def _pieces(self, first: int, stop: int | None) -> Iterator[npt.NDArray[Any]]:
        """Yield runs of flattened planes as they are stored."""
        total, rows, columns = self.shape
        last = total if stop is None else min(stop, total)
        size = rows * columns * np.dtype(self.dtype).itemsize
        step = max(PIECE // max(size, 1), 1)
        with self.path.open("rb") as stream:
            stream.seek(self.start + first * size)
            for begin in range(first, last, step):
                count = min(step, last - begin)
                raw = np.fromfile(stream, self.dtype, count * rows * columns)
                if raw.size < count * rows * columns:
                    raise DataError(
                        f"{self.path}[{self.name}]: found {begin * size + raw.nbytes} bytes of "
                        f"pixels, expected {total * size}; the file is cut off: make it again"
                    )
                yield raw.reshape(count, rows * columns)

    def tile(self, rows: slice, columns: slice) -> npt.NDArray[np.float32]:
        """Return the spectra of a rectangle of the field; only its rows are read.

        Returns
        -------
        ndarray of float32, shape (planes, rows of the tile, columns of the tile)
        """
        total, height, width = self.shape
        low, high, _ = rows.indices(height)
        item = np.dtype(self.dtype).itemsize
        parts = []
        with self.path.open("rb") as stream:
            for plane in range(total):
                stream.seek(self.start + (plane * height + low) * width * item)
                strip = np.fromfile(stream, self.dtype, max(high - low, 0) * width)
                parts.append(strip.reshape(-1, width)[:, columns].astype(np.float32))
        return np.stack(parts)


@frozen
class Cube:
    """A cube: pixels, their variance, and where they lie in wavelength and on the sky.

    Attributes
    ----------
    data : Volume
        The pixels.
    variance : Volume or None
        Their variance in the square of the unit.
    wave : ndarray, shape (planes,)
        Wavelength in nm of the middle of each plane, as the file gives it (air or vacuum).
    pixel : float
        Size of a pixel on the sky in arcsec, the larger of both axes.
    unit : str
        BUNIT of the pixels.
    primary : Header
        Of the file.
    """

    data: Volume
    variance: Volume | None
    wave: npt.NDArray[np.float64] = field(eq=False, repr=False)
    pixel: float
    unit: str
    primary: Header = field(eq=False, repr=False)

    @property
    def step(self) -> float:
        """Width of a plane in nm."""
        return float(self.wave[1] - self.wave[0]) if self.wave.size > 1 else 0.0

    def plane_at(self, wavelength: float) -> int:
        """Return the number of the plane that is nearest to a wavelength (nm)."""
        return int(np.abs(self.wave - wavelength).argmin())

    def sky_of(self, x: float, y: float) -> tuple[float, float]:
        """Return right ascension and declination (deg) of a pixel, counted from 0."""
        from astropy.wcs import WCS  # noqa: PLC0415 - for the few who ask

        keys = ("CTYPE", "CUNIT", "CRVAL", "CRPIX")
        header = self.data.header
        names = [f"{key}{axis}" for key in keys for axis in (1, 2)]
        cards: dict[str, Any] = {name: header.get(name) for name in names}
        cards |= {f"CD{i}_{j}": _element(header, i, j) for i in (1, 2) for j in (1, 2)}
        place = WCS(cards).all_pix2world(x, y, 0)
        return float(place[0]), float(place[1])


def open_cube(path: Path, data: str = "DATA", variance: str = "STAT") -> Cube:
    """Look at a cube without reading its pixels.

    Parameters
    ----------
    path : Path
        The file.
    data, variance : str
        EXTNAME of pixels and of their variance; a cube without the second has none.

    Raises
    ------
    DataError
        If it is no cube of floating-point numbers with a linear wavelength axis.
    """
    volumes = _volumes(path)
    if data not in volumes:
        have = ", ".join(volumes) or "none"
        raise DataError(f"{path}: found the cubes {have}, expected one that is called {data}")
    pixels, errors = volumes[data], volumes.get(variance)
    if errors is not None and errors.shape != pixels.shape:
        raise DataError(
            f"{path}[{variance}]: found the shape {errors.shape}, expected that of {data}, "
            f"{pixels.shape}"
        )
    return Cube(
        data=pixels,
        variance=errors,
        wave=_wavelengths(pixels.header, pixels.shape[0]),
        pixel=_pixel_size(pixels.header),
        unit=text(pixels.header, "BUNIT"),
        primary=read_header(path),
    )


def _volumes(path: Path) -> dict[str, Volume]:
    headers = read_headers(path)
    try:
        with fitsio.FITS(str(path)) as hdus:
            starts = [int(hdu.get_offsets()["data_start"]) for hdu in hdus]
    except (OSError, ValueError) as error:
        raise DataError(f"{path}: cannot be read: {error}") from error
    return {
        text(header, "EXTNAME"): Volume(
            path, text(header, "EXTNAME"), _shape(header), start, dtype, header
        )
        for header, start in zip(headers, starts, strict=True)
        if integer(header, "NAXIS") == _AXES
        and (dtype := _TYPES.get(integer(header, "BITPIX") or 0)) is not None
    }


def _shape(header: Header) -> tuple[int, int, int]:
    planes, rows, columns = (int(required_number(header, f"NAXIS{i}")) for i in (3, 2, 1))
    return planes, rows, columns


def _wavelengths(header: Header, planes: int) -> npt.NDArray[np.float64]:
    unit = required_text(header, "CUNIT3").lower()
    if unit not in _TO_NM:
        raise DataError(
            f"{header.source}: CUNIT3: found {unit!r}, expected one of {', '.join(_TO_NM)}"
        )
    step = number(header, "CD3_3") or required_number(header, "CDELT3")
    pixels = np.arange(1, planes + 1) - (number(header, "CRPIX3") or 1.0)
    wave = required_number(header, "CRVAL3") + pixels * step
    return np.asarray(_TO_NM[unit] * wave, dtype=np.float64)


def _pixel_size(header: Header) -> float:
    """Return the larger side of a pixel in arcsec (matrix in degrees)."""
    sides = (np.hypot(_element(header, 1, axis), _element(header, 2, axis)) for axis in (1, 2))
    size = float(max(sides)) * 3600.0
    if size <= 0:
        raise DataError(f"{header.source}: CD1_1: found no size of a pixel, expected a CD matrix")
    return size


def _element(header: Header, i: int, j: int) -> float:
    """Return CDi_j, or CDELTi times PCi_j where the header has those (FITS WCS paper I)."""
    given = number(header, f"CD{i}_{j}")
    if given is not None:
        return given
    turn = number(header, f"PC{i}_{j}")
    return (number(header, f"CDELT{i}") or 0.0) * (float(i == j) if turn is None else turn)
