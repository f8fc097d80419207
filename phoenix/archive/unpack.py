"""Compressed FITS files made plain: gzip, compress and tile compression."""

from __future__ import annotations

import gzip
import math
import shutil
import subprocess
import zlib
from typing import IO, TYPE_CHECKING, Any

import numpy as np

from phoenix.errors import ArchiveError
from phoenix.formats.files import open_plain
from phoenix.formats.fits.standard import BLOCK

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

__all__ = ["MOST_UNPACKED", "SUFFIXES", "unpack"]

MOST_UNPACKED = 20_000_000_000
"""Bytes that a packed file may unpack to (ours): no detector makes as much. By size and never by
ratio, since masks pack a thousand to one."""
_PIECE = 1 << 20
_SLAB = 1 << 23
"""Bytes of an image that are unpacked at a time."""
_LARGEST_TILE = 1 << 27
"""Bytes of a tile (ours): tiles are rows of an image, or some of them; each is unpacked whole."""
_BYTE = 8  # BITPIX of the only pixels without a sign


def unpack(packed: Path, plain: Path, most: int = MOST_UNPACKED) -> None:
    """Write the plain FITS file of a packed one.

    Parameters
    ----------
    packed : Path
        A file whose name ends in one of :data:`SUFFIXES`.
    plain : Path
        The file to write; left half-written where the packed one is broken.
    most : int
        Bytes of it; more are refused.

    Raises
    ------
    ArchiveError
        If it cannot be unpacked, or is larger than that.
    """
    try:
        _UNPACKERS[packed.suffix](packed, plain, most)
    except (EOFError, zlib.error, gzip.BadGzipFile, subprocess.CalledProcessError) as error:
        raise _broken(packed, error) from error


def _gunzip(packed: Path, plain: Path, most: int) -> None:
    with open_plain(packed) as stream, gzip.open(stream) as source, plain.open("wb") as target:
        _copy(packed, source.read, target, most)


def _uncompress(packed: Path, plain: Path, most: int) -> None:
    program = shutil.which("gzip", path="/usr/local/bin:/usr/bin:/bin")
    if program is None:
        raise ArchiveError(f"{packed}: found no gzip program, expected it for .Z; install gzip")
    words = [program, "-dc"]
    with (
        open_plain(packed) as source,
        plain.open("wb") as target,
        subprocess.Popen(
            words, stdin=source, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        ) as unpacking,
    ):
        try:
            if unpacking.stdout is not None:
                _copy(packed, unpacking.stdout.read, target, most)
        except BaseException:
            unpacking.kill()
            raise
    if unpacking.returncode:
        raise subprocess.CalledProcessError(unpacking.returncode, words)


def _copy(packed: Path, read: Callable[[int], bytes], target: IO[bytes], most: int) -> None:
    """Copy in pieces what comes out of a packed file, as long as it is not without end."""
    size = 0
    while piece := read(_PIECE):
        size += len(piece)
        _refuse_too_large(packed, size, most)
        target.write(piece)


def _untile(packed: Path, plain: Path, most: int) -> None:
    """Undo tile compression; the pixels keep their integers, nothing is scaled."""
    from astropy.io import fits  # noqa: PLC0415 - 0.3 s of CPU that a night without .fz saves

    try:
        with fits.open(packed, do_not_scale_image_data=True) as hdus, open_plain(packed) as source:
            _refuse_too_large(packed, sum(_plain_size(fits, hdu) for hdu in hdus), most)
            images = fits.HDUList([_plain(packed, fits, hdu) for hdu in hdus])
            # The image of a primary HDU was packed into the first extension.
            first = 1 if len(images) > 1 and isinstance(images[1], fits.PrimaryHDU) else 0
            images = images[first:]
            images.update_extend()
            with plain.open("wb") as target:
                for image, hdu in zip(images, hdus[first:], strict=True):
                    _write_plain(image, hdu, source, target)
    except ArchiveError:
        raise
    except Exception as error:
        # astropy tells a broken file by any exception, one of its own that derives from no other
        # among them; a full disk must stay what it is.
        if isinstance(error, OSError) and error.errno is not None:
            raise
        raise _broken(packed, error) from error


def _plain_size(fits: Any, hdu: Any) -> int:  # noqa: ANN401 - astropy is untyped
    """Return how many bytes the data of an HDU are unpacked; its header tells before they are."""
    if not isinstance(hdu, fits.CompImageHDU):
        return int(hdu.size)
    header = hdu.header
    axes = [int(header[f"NAXIS{n}"]) for n in range(1, int(header["NAXIS"]) + 1)]
    return math.prod(axes) * abs(int(header["BITPIX"])) // 8 if axes else 0


def _plain(packed: Path, fits: Any, hdu: Any) -> Any:  # noqa: ANN401 - astropy is untyped
    """Return the HDU as it is unpacked, its header right and its data none that take room."""
    if not isinstance(hdu, fits.CompImageHDU):
        return hdu
    header = hdu.header.copy()
    kind = fits.PrimaryHDU if "SIMPLE" in header else fits.ImageHDU
    data = None
    if hdu.shape:
        tile = math.prod(hdu.tile_shape) * abs(int(header["BITPIX"])) // 8
        if tile > _LARGEST_TILE:
            raise ArchiveError(
                f"{packed}: found tiles of {tile} bytes, expected at most {_LARGEST_TILE}"
            )
        data = np.broadcast_to(np.zeros((), _dtype(header)), hdu.shape)
    image = kind(data, header, do_not_scale_image_data=True)
    # astropy drops these with the data, which still are the stored integers.
    image.header.update({key: header[key] for key in ("BSCALE", "BZERO") if key in header})
    return image


def _dtype(header: Any) -> np.dtype[Any]:  # noqa: ANN401 - astropy is untyped
    """Return the type of the pixels in a file (FITS 4.0, 4.4.1.1 and 5.2)."""
    bits = int(header["BITPIX"])
    return np.dtype(f">{'f' if bits < 0 else 'i'}{abs(bits) // 8}" if bits != _BYTE else "u1")


def _write_plain(image: Any, hdu: Any, source: IO[bytes], target: IO[bytes]) -> None:  # noqa: ANN401 - the same
    """Write an HDU, a packed one some tiles at a time, any other as it stands in the file."""
    if image is hdu:
        place = hdu.fileinfo()
        source.seek(place["hdrLoc"])
        _copy_some(source, target, place["datLoc"] + place["datSpan"] - place["hdrLoc"])
        return
    target.write(image.header.tostring().encode("ascii"))
    if not hdu.shape:
        return
    kind, before = _dtype(image.header), target.tell()
    for begin, end in _slabs(hdu):
        target.write(np.ascontiguousarray(hdu.section[begin:end], kind).tobytes())
    target.write(bytes(-(target.tell() - before) % BLOCK))


def _slabs(hdu: Any) -> Iterator[tuple[int, int]]:  # noqa: ANN401 - the same
    """Yield parts of the first axis, each some tiles high and of bounded size."""
    rows, high = hdu.shape[0], hdu.tile_shape[0]
    row = math.prod(hdu.shape[1:]) * abs(int(hdu.header["BITPIX"])) // 8
    step = max(1, _SLAB // max(1, row * high)) * high
    for begin in range(0, rows, step):
        yield begin, min(begin + step, rows)


def _copy_some(source: IO[bytes], target: IO[bytes], size: int) -> None:
    while size > 0 and (piece := source.read(min(size, _PIECE))):
        target.write(piece)
        size -= len(piece)


def _refuse_too_large(packed: Path, size: int, most: int) -> None:
    if size > most:
        raise ArchiveError(
            f"{packed}: found more than {most} bytes unpacked, expected a frame; look at the "
            "file, and raise limits.unpacked_gb in phoenix.toml if it is one"
        )


def _broken(packed: Path, error: Exception) -> ArchiveError:
    return ArchiveError(
        f"{packed}: found a broken compressed file ({error}), expected a whole one; fetch it again"
    )


_UNPACKERS: dict[str, Callable[[Path, Path, int], None]] = {
    ".gz": _gunzip,
    ".Z": _uncompress,
    ".fz": _untile,
}

SUFFIXES = tuple(_UNPACKERS)
"""Name endings of packed files, in the order in which they are looked for."""
