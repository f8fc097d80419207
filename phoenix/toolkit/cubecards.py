"""What the headers of a SCIENCE.CUBE.IFS and of its white light say, whatever instrument it is of.

Each function gives one group of keywords, or the edits of the headers of a cube that is copied; a
plugin puts them in order and adds its own. Who took the data, when and how is said as for spectra
(:mod:`phoenix.toolkit.spectrumcards`: ``origin``, ``software``, ``reports``, ``logs``).
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

from attrs import frozen

from phoenix.errors import HeaderError
from phoenix.model.idp import Ancillary, Card, HduEdit
from phoenix.toolkit.headers import number, required_number, required_text, text
from phoenix.toolkit.idpcards import COMMENTS as SHARED

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from phoenix.model.idp import Value
    from phoenix.toolkit.headers import Header

__all__ = [
    "COMMENTS",
    "RESERVED",
    "Depth",
    "coverage",
    "cube_edits",
    "depth",
    "proper_unit",
    "target",
    "white_light",
]

COMMENTS: Mapping[str, str] = {
    **SHARED,
    "RA": "[deg] Target position or centre (J2000)",
    "DEC": "[deg] Target position or centre (J2000)",
    "EXPTIME": "[s] Total integration time per pixel",
    "WAVELMIN": "[nm] Minimum wavelength",
    "WAVELMAX": "[nm] Maximum wavelength",
    "SPEC_RES": "Mean spectral resolving power",
    "SKY_RES": "[arcsec] FWHM of the spatial resolution",
    "SKY_RERR": "[arcsec] Error of SKY_RES",
    "PIXNOISE": "[erg.s**(-1).cm**(-2).angstrom**(-1)] Noise",
    "ABMAGLIM": "[mag] 5-sigma AB magnitude limit, point source",
    "BUNIT": "Unit of the pixels",
    "CSYER1": "[deg] Systematic error in coordinate",
    "CSYER2": "[deg] Systematic error in coordinate",
    "HDUCLASS": "Class name (ESO format)",
    "HDUDOC": "ESO Science Data Products standard",
    "HDUVERS": "Version number",
    "HDUCLAS1": "Image data format",
    "HDUCLAS2": "What this extension contains",
    "HDUCLAS3": "How it contains it",
    "SCIDATA": "Extension of the data",
    "ERRDATA": "Extension of their errors",
    "QUALDATA": "Extension of their quality",
}
"""Keyword to its comment, in the words of the standard; a plugin adds and replaces rows."""

RESERVED = ("ARCFILE", "ORIGFILE", "P3ORIG", "HDRVER")
"""Keywords that the archive writes itself (SDP standard, 5.12); ``removed`` of the primary HDU."""

_STANDARD = "SDP version 8"
_NANOMETRES = {"nm": 1.0, "angstrom": 0.1, "Angstrom": 0.1, "um": 1e3, "m": 1e9}
_OLD_AXES = ("CDELT*", "CROTA*", "PC1_*", "PC2_*", "PC3_*")
"""Spellings of the world coordinates that the standard forbids (5.4)."""
_KINDS = {"DATA": "", "ERROR": "MSE", "QUALITY": "FLAG32BIT"}
"""HDUCLAS2, and HDUCLAS3 of the extensions of the recipes: variances, and flags of 32 bits."""
_POINTERS = {"DATA": "SCIDATA", "ERROR": "ERRDATA", "QUALITY": "QUALDATA"}


# ---- the primary header -----------------------------------------------------------------------


def target(header: Header) -> dict[str, Value]:
    """Say what was observed, and where.

    Parameters
    ----------
    header : Header
        Primary of the cube or of its white light. Recipes write the filter behind OBJECT: the OB
        knows the target better.

    Raises
    ------
    HeaderError
        If the header lacks what it must have.
    """
    return {
        "OBJECT": text(header, "ESO OBS TARG NAME") or required_text(header, "OBJECT"),
        "RA": required_number(header, "RA") % 360.0,
        "DEC": required_number(header, "DEC"),
    }


def coverage(data: Header) -> dict[str, Value]:
    """Say between which wavelengths the cube reaches, the middles of its outermost pixels.

    Parameters
    ----------
    data : Header
        Of the extension with the data; its third axis is wavelength.

    Returns
    -------
    dict
        WAVELMIN and WAVELMAX in nm.

    Raises
    ------
    HeaderError
        If the axis is not described, or its unit is none of wavelength.
    """
    unit = text(data, "CUNIT3")
    if unit not in _NANOMETRES:
        found = repr(unit) if unit else "no such keyword"
        known = ", ".join(_NANOMETRES)
        raise HeaderError(f"{_where(data)}: CUNIT3: found {found}, expected one of {known}")
    value, pixel, count = (required_number(data, key) for key in ("CRVAL3", "CRPIX3", "NAXIS3"))
    step = _element(data, "3_3")
    ends = sorted((value + (end - pixel) * step) * _NANOMETRES[unit] for end in (1.0, count))
    return {"WAVELMIN": round(ends[0], 6), "WAVELMAX": round(ends[1], 6)}


@frozen
class Depth:
    """What was measured of a cube; None, or no number, is not said, and the standard misses it.

    Attributes
    ----------
    spec_res : float or None
        Mean resolving power.
    sky_res, sky_rerr : float or None
        FWHM of a point source and its error (arcsec).
    pixnoise : float or None
        Median noise from pixel to pixel (erg s-1 cm-2 angstrom-1).
    abmaglim : float or None
        AB magnitude of a point source at five sigma.
    """

    spec_res: float | None = None
    sky_res: float | None = None
    pixnoise: float | None = None
    abmaglim: float | None = None
    sky_rerr: float | None = None


def depth(measured: Depth) -> dict[str, Value]:
    """Say how deep and how sharp the cube is (SDP standard, 5.11)."""
    rows = (
        ("SPEC_RES", measured.spec_res, "{:.1f}"),
        ("SKY_RES", measured.sky_res, "{:.3f}"),
        ("SKY_RERR", measured.sky_rerr, "{:.3f}"),
        ("PIXNOISE", measured.pixnoise, "{:.4g}"),
        ("ABMAGLIM", measured.abmaglim, "{:.3f}"),
    )
    known = ((*row[::2], row[1]) for row in rows if row[1] is not None and math.isfinite(row[1]))
    return {name: float(form.format(value)) for name, form, value in known}


# ---- the extensions ---------------------------------------------------------------------------


def cube_edits(
    data: Header,
    error: Header | None,
    quality: Header | None,
    uncertainty: tuple[float, float],
    removed: Iterable[str] = (),
) -> tuple[HduEdit, ...]:
    """Edit the extensions of a cube: what each holds, and where it is on the sky.

    Parameters
    ----------
    data, error, quality : Header or None
        Of the extensions; errors are variances, quality flags of 32 bits.
    uncertainty : tuple of float
        CSYER1 and CSYER2 (deg): how wrong the coordinates may be as a whole.
    removed : iterable of str
        Further keywords that go from all of them.

    Raises
    ------
    HeaderError
        If an extension has no name, or its axes are not described.
    """
    given = {"DATA": data, "ERROR": error, "QUALITY": quality}
    headers = {kind: header for kind, header in given.items() if header is not None}
    names = {kind: required_text(header, "EXTNAME") for kind, header in headers.items()}
    edits = []
    for kind, header in headers.items():
        others = ("DATA",) if kind != "DATA" else ("ERROR", "QUALITY")
        values = {
            **_classes(kind),
            **{_POINTERS[other]: names[other] for other in others if other in names},
            **(_unit(header) if kind != "QUALITY" else {}),
            **_place(header, 3, data, uncertainty),
        }
        gone = (*_OLD_AXES, *(key for key in _POINTERS.values() if key not in values), *removed)
        gone = gone if "HDUCLAS3" in values else (*gone, "HDUCLAS3")
        edits.append(HduEdit(names[kind], tuple(_cards(values)), gone))
    return tuple(edits)


def white_light(
    name: str,
    path: Path,
    data: Header,
    cards: Iterable[Card] = (),
    uncertainty: tuple[float, float] = (0.0, 0.0),
) -> Ancillary:
    """Plan the white light of a cube: the image that the recipe made, copied.

    ASSON1 names it: it is the first of the ancillaries (SDP standard, 4.3.5).

    Parameters
    ----------
    name : str
        File name in the archive.
    path : Path
        The image.
    data : Header
        Of the HDU with its pixels.
    cards : iterable of Card
        Set in its primary HDU.
    uncertainty : tuple of float
        CSYER1 and CSYER2 (deg), those of the cube.

    Raises
    ------
    HeaderError
        If the extension has no name, or its axes are not described.
    """
    values = {**_classes("DATA"), **_unit(data), **_place(data, 2, data, uncertainty)}
    edit = HduEdit(required_text(data, "EXTNAME"), tuple(_cards(values)), _OLD_AXES)
    return Ancillary(
        name=name,
        category="ANCILLARY.IMAGE.WHITELIGHT",
        path=path,
        cards=tuple(cards),
        edits=(HduEdit(0, removed=RESERVED), edit),
    )


def _cards(values: Mapping[str, Value]) -> Iterator[Card]:
    return (Card(keyword, value, COMMENTS.get(keyword, "")) for keyword, value in values.items())


def _classes(kind: str) -> dict[str, Value]:
    """Say what an extension holds (SDP standard, 5.10)."""
    values: dict[str, Value] = {
        "HDUCLASS": "ESO",
        "HDUDOC": "SDP",
        "HDUVERS": _STANDARD,
        "HDUCLAS1": "IMAGE",
        "HDUCLAS2": kind,
    }
    return {**values, "HDUCLAS3": _KINDS[kind]} if _KINDS[kind] else values


def _unit(header: Header) -> dict[str, Value]:
    return {"BUNIT": proper_unit(required_text(header, "BUNIT"))}


def _place(
    header: Header, axes: int, data: Header, uncertainty: tuple[float, float]
) -> dict[str, Value]:
    """Say where the pixels are, as far as the header does not say it in the words wanted."""
    # An extension without coordinates of its own has those of the data.
    source = header if "CRVAL1" in header else data
    keys = [f"{stem}{i}" for i in range(1, axes + 1) for stem in _AXIS]
    said: dict[str, Value] = {} if source is header else _copied(source, keys)
    matrix = {f"CD{place}": _element(source, place) for place in _MATRIX[axes]}
    lacking = {key: value for key, value in matrix.items() if key not in header}
    return {**said, **lacking, "CSYER1": uncertainty[0], "CSYER2": uncertainty[1]}


_AXIS = ("CTYPE", "CUNIT", "CRPIX", "CRVAL")


def _copied(header: Header, keys: Iterable[str]) -> dict[str, Value]:
    found = ((key, header.get(key)) for key in keys)
    return {key: value for key, value in found if isinstance(value, str | int | float)}


_MATRIX = {2: ("1_1", "1_2", "2_1", "2_2"), 3: ("1_1", "1_2", "2_1", "2_2", "3_3")}
"""Elements of the matrix that an image and a cube must have."""


def _element(header: Header, place: str) -> float:
    """Return CDi_j (FITS WCS paper I): that of the header, else CDELTi times PCi_j."""
    diagonal = place[0] == place[-1]
    given, step, turn = (
        number(header, key) for key in (f"CD{place}", f"CDELT{place[0]}", f"PC{place}")
    )
    if given is not None:
        return given
    if step is not None:
        return step * (float(diagonal) if turn is None else turn)
    if diagonal:
        raise HeaderError(
            f"{_where(header)}: CD{place}: found no such keyword, expected the scale of axis "
            f"{place[0]}"
        )
    return 0.0


def _where(header: Header) -> str:
    return getattr(header, "source", "") or "header"


# ---- units ------------------------------------------------------------------------------------

_POWER_OF_ALL = re.compile(r"\((?P<inner>.*)\)\*\*\(?(?P<power>[+-]?\d+)\)?")
_FACTOR = re.compile(r"(?P<base>10|[A-Za-z%-]+)(?:\*\*)?\(?(?P<power>[+-]?\d+)?\)?")
_BETWEEN = re.compile(r"(?<!\*)([*/ .])(?!\*)")


def proper_unit(unit: str) -> str:
    """Write a unit as ESO's Data Interface Control Document has it.

    The recipes write ``10**(-20)*erg/s/cm**2/Angstrom`` and, of variances, the same in brackets
    and squared: no reader of FITS units takes the latter.

    Parameters
    ----------
    unit : str
        What BUNIT says.

    Returns
    -------
    str
        ``10**(-20)erg.s**(-1).cm**(-2).angstrom**(-1)``; what cannot be taken apart stays.
    """
    whole = _POWER_OF_ALL.fullmatch(unit.strip())
    inner, power = (whole["inner"], int(whole["power"])) if whole else (unit.strip(), 1)
    parts = ["*", *_BETWEEN.split(inner)]
    factors = [_FACTOR.fullmatch(part) for part in parts[1::2]]
    if not all(factors):
        return unit
    scale, names = "", []
    for sign, factor in zip(parts[::2], factors, strict=True):
        if factor is None:
            continue
        exponent = int(factor["power"] or 1) * power * (-1 if sign == "/" else 1)
        if factor["base"] == "10":
            scale += f"10**({exponent})"
        else:
            name = "angstrom" if factor["base"] == "Angstrom" else factor["base"]
            names.append(name if exponent == 1 else f"{name}**{_bracketed(exponent)}")
    return scale + ".".join(names)


def _bracketed(exponent: int) -> str:
    return f"({exponent})" if exponent < 0 else str(exponent)
