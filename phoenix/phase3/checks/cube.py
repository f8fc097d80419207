"""Checks of IFS cubes (SDP, sections 5.4, 5.10 and 10)."""

from __future__ import annotations

import math
import re
from functools import partial
from typing import TYPE_CHECKING

from phoenix.phase3.checks.check import Check
from phoenix.phase3.product import integer_of, number_of, text_of
from phoenix.phase3.report import Fault, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from phoenix.phase3.fitsfile import Hdu
    from phoenix.phase3.product import Product

__all__ = ["CHECKS"]

CUBES = ("SCIENCE.CUBE.IFS",)
AXES = 3
HALF = 0.5
"""Pixel 1 reaches from 0.5 to 1.5."""

WCS = (
    *(f"{stem}{i}" for stem in ("CRVAL", "CRPIX", "CTYPE", "CUNIT") for i in (1, 2, 3)),
    *("CD1_1", "CD1_2", "CD2_1", "CD2_2", "CD3_3", "CSYER1", "CSYER2"),
)
"""World coordinates that every extension must have (checks of the Phase 3 server, 2025)."""

KINDS = {
    "DATA": ("",),
    "ERROR": ("MSE", "RMSE", "INVMSE", "INVRMSE"),
    "QUALITY": ("MASKZERO", "MASKONE", "FLAG32BIT", "FLAG16BIT"),
}
"""HDUCLAS2, and the HDUCLAS3 that goes with it (section 5.10)."""

POINTERS = {"SCIDATA": "DATA", "ERRDATA": "ERROR", "QUALDATA": "QUALITY"}
"""Keyword, and HDUCLAS2 of the extension it names."""

CELESTIAL = re.compile(r"(RA--|DEC-|GLON|GLAT|ELON|ELAT)-[A-Z]{3}")
SPECTRAL = re.compile(r"(WAVE|AWAV|FREQ|ENER)(-[A-Z0-9]{3})?")
NANOMETRES = {"nm": 1.0, "angstrom": 0.1, "Angstrom": 0.1, "um": 1e3, "m": 1e9}


def _kind(hdu: Hdu) -> str:
    return text_of(hdu.header, "HDUCLAS2")


def _data(product: Product) -> Hdu | None:
    return next((hdu for hdu in product.extensions if _kind(hdu) == "DATA"), None)


def _three_axes(product: Product) -> Iterator[Fault]:
    for hdu in product.extensions:
        found = integer_of(hdu.header, "NAXIS")
        if found != AXES or hdu.header.get("XTENSION") not in {"IMAGE", "BINTABLE"}:
            yield Fault(hdu.index, "NAXIS", found, "an image of 3 axes")


def _members(product: Product) -> Iterator[Fault]:
    kinds = [_kind(hdu) for hdu in product.extensions]
    if kinds.count("DATA") != 1:
        yield Fault(None, "HDUCLAS2", f"{kinds.count('DATA')} x DATA", "one DATA extension")
    for kind in ("ERROR", "QUALITY"):
        if kinds.count(kind) > 1:
            yield Fault(None, "HDUCLAS2", f"{kinds.count(kind)} x {kind}", f"at most one {kind}")
    for hdu in product.extensions:
        if _kind(hdu) not in KINDS:
            yield Fault(hdu.index, "HDUCLAS2", _kind(hdu), "DATA, ERROR or QUALITY")


def _classes(product: Product) -> Iterator[Fault]:
    for hdu in product.extensions:
        if text_of(hdu.header, "HDUCLAS1") != "IMAGE":
            yield Fault(hdu.index, "HDUCLAS1", text_of(hdu.header, "HDUCLAS1"), "IMAGE")
        found, expected = text_of(hdu.header, "HDUCLAS3"), KINDS.get(_kind(hdu))
        if expected is not None and found not in expected:
            yield Fault(hdu.index, "HDUCLAS3", found, " or ".join(expected) or "no card")


def _pointers(product: Product) -> Iterator[Fault]:
    names = {hdu.name: _kind(hdu) for hdu in product.extensions}
    for hdu in product.extensions:
        for keyword, kind in POINTERS.items():
            name = hdu.header.get(keyword)
            if name is None:
                continue
            if kind == _kind(hdu):
                yield Fault(hdu.index, keyword, name, "no reference to itself")
            elif names.get(str(name)) != kind:
                yield Fault(hdu.index, keyword, name, f"the EXTNAME of the {kind} extension")


def _linked(product: Product) -> Iterator[Fault]:
    kinds = {_kind(hdu) for hdu in product.extensions}
    for hdu in product.extensions:
        for keyword, kind in POINTERS.items():
            wanted = kind in kinds and kind != _kind(hdu) and "DATA" in {kind, _kind(hdu)}
            if wanted and keyword not in hdu.header:
                expected = f"the EXTNAME of the {kind} extension"
                yield Fault(hdu.index, keyword, "nothing", expected)


def _coordinates(product: Product) -> Iterator[Fault]:
    for hdu in product.extensions:
        for keyword in WCS:
            if keyword not in hdu.header:
                yield Fault(hdu.index, keyword, "nothing", "a complete WCS")


def _axis_types(product: Product) -> Iterator[Fault]:
    for hdu in product.extensions:
        types = [text_of(hdu.header, f"CTYPE{i}") for i in (1, 2, 3)]
        for i, (found, pattern) in enumerate(
            zip(types, (CELESTIAL, CELESTIAL, SPECTRAL), strict=True), 1
        ):
            if found and not pattern.fullmatch(found):
                expected = "a spectral axis" if pattern is SPECTRAL else "a celestial axis"
                yield Fault(hdu.index, f"CTYPE{i}", found, expected)


def _degrees(product: Product) -> Iterator[Fault]:
    for hdu in product.extensions:
        for keyword in ("CUNIT1", "CUNIT2"):
            found = hdu.header.get(keyword, "deg")
            if found != "deg":
                yield Fault(hdu.index, keyword, found, "deg")


def _same_grid(product: Product) -> Iterator[Fault]:
    science = _data(product)
    if science is None:
        return
    keywords = ("NAXIS1", "NAXIS2", "NAXIS3", *WCS)
    for hdu in product.extensions:
        for keyword in keywords:
            found, expected = hdu.header.get(keyword), science.header.get(keyword)
            if found is not None and expected is not None and found != expected:
                yield Fault(hdu.index, keyword, found, f"{expected}, as in the DATA extension")


def _spectral_range(product: Product) -> Iterator[Fault]:
    science = _data(product)
    unit = "" if science is None else text_of(science.header, "CUNIT3")
    if science is None or unit not in NANOMETRES:
        return
    keys = ("CRVAL3", "CRPIX3", "CD3_3", "NAXIS3")
    value, pixel, step, count = (number_of(science.header, key) for key in keys)
    if value is None or pixel is None or not step or count is None:
        return
    ends = ((value + (end - pixel) * step) * NANOMETRES[unit] for end in (1, count))
    first, last = sorted(ends)
    half = abs(step) * NANOMETRES[unit] / 2
    for keyword in ("WAVELMIN", "WAVELMAX"):
        found = number_of(product.primary, keyword)
        if found is not None and not first - half <= found <= last + half:
            yield Fault(0, keyword, found, f"{first:.6g} to {last:.6g} nm")


def _target_inside(product: Product) -> Iterator[Fault]:
    science = _data(product)
    place = None if science is None else _pixel_of_target(product, science)
    if science is None or place is None:
        return
    size = [integer_of(science.header, key) for key in ("NAXIS1", "NAXIS2")]
    if not all(HALF <= at <= n + HALF for at, n in zip(place, size, strict=True)):
        found = f"pixel {place[0]:.1f}, {place[1]:.1f}"
        yield Fault(0, "RA", found, f"a place in the field of {size[0]} x {size[1]} pixels")


def _pixel_of_target(product: Product, hdu: Hdu) -> tuple[float, float] | None:
    """Where RA and DEC fall, for a gnomonic projection with CDi_j (FITS WCS paper II)."""
    if text_of(hdu.header, "CTYPE1") != "RA---TAN" or text_of(hdu.header, "CTYPE2") != "DEC--TAN":
        return None
    keys = ("CRVAL1", "CRVAL2", "CRPIX1", "CRPIX2", "CD1_1", "CD1_2", "CD2_1", "CD2_2")
    numbers = [number_of(product.primary, key) for key in ("RA", "DEC")]
    numbers += [number_of(hdu.header, key) for key in keys]
    known = [number for number in numbers if number is not None]
    if len(known) < len(numbers):
        return None
    ra, dec, ra0, dec0, x0, y0, a, b, c, d = known
    return _from_plane(_gnomonic(ra, dec, ra0, dec0), (a, b, c, d), (x0, y0))


def _gnomonic(ra: float, dec: float, ra0: float, dec0: float) -> tuple[float, float] | None:
    """Project on the tangent plane, in degrees; None behind it."""
    angle, here, there = (math.radians(value) for value in (ra - ra0, dec, dec0))
    depth = math.sin(here) * math.sin(there) + math.cos(here) * math.cos(there) * math.cos(angle)
    if depth <= 0:
        return None
    xi = math.cos(here) * math.sin(angle) / depth
    eta = math.sin(here) * math.cos(there) - math.cos(here) * math.sin(there) * math.cos(angle)
    return math.degrees(xi), math.degrees(eta / depth)


def _from_plane(
    plane: tuple[float, float] | None,
    matrix: tuple[float, float, float, float],
    reference: tuple[float, float],
) -> tuple[float, float] | None:
    a, b, c, d = matrix
    determinant = a * d - b * c
    if not determinant:
        return None
    if plane is None:
        return math.inf, math.inf
    xi, eta = plane
    x = (d * xi - b * eta) / determinant
    y = (a * eta - c * xi) / determinant
    return reference[0] + x, reference[1] + y


def _physical(product: Product) -> Iterator[Fault]:
    for hdu in product.extensions:
        for keyword in ("BSCALE", "BZERO"):
            if keyword in hdu.header and _kind(hdu) != "QUALITY":
                yield Fault(hdu.index, keyword, hdu.header[keyword], "floating-point pixels")


_row = partial(Check, categories=CUBES)

CHECKS = (
    _row("cube-axes", "10.2", "all extensions are images of three axes", _three_axes),
    _row("cube-members", "10.2", "one DATA, at most one ERROR and one QUALITY", _members),
    _row("cube-classes", "5.10", "HDUCLASn say what an extension holds", _classes),
    _row("cube-pointers", "5.10", "SCIDATA, ERRDATA, QUALDATA name other HDUs", _pointers),
    _row("cube-links", "10.2", "extensions name the ones that belong to them", _linked),
    _row("cube-wcs", "5.4", "every extension has a complete WCS", _coordinates),
    _row("cube-axis-types", "10.2", "two axes are celestial, the third spectral", _axis_types),
    _row("cube-degrees", "5.4", "celestial axes are in degrees", _degrees),
    _row("cube-grid", "10.2", "all extensions have the same grid", _same_grid),
    _row("cube-range", "5.6", "WAVELMIN and WAVELMAX lie within the cube", _spectral_range),
    _row("cube-target", "5.1", "RA and DEC lie in the field", _target_inside),
    _row(
        "cube-scaled", "10.2", "pixels hold physical values", _physical,
        severity=Severity.WARNING,
    ),
)  # fmt: skip
"""The checks of this module, in the order they are made."""
