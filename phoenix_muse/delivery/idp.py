"""From a cube of the recipes to a SCIENCE.CUBE.IFS with its image in white light.

**Pixels** are those of the recipe, copied; only headers change. The recipe's own form of the data
standard lacks much of it and has some of it wrong: the exposure time of a field that is smaller
than the whole, names of files of its own, the version of the standard.

**Exposures.** Those of the sky beside the target are in neither EXPTIME, NCOMBINE nor PROV (SDP
standard, 2.2). EXPTIME is that of the mean pixel.

**Numbers.** PIXNOISE, ABMAGLIM, SKY_RES and SPEC_RES are QC parameters, measured by the line.

**What travels with it.** White light, the combined log of all ABs behind it, the QC report and
those of the exposures.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

from phoenix.errors import DataError
from phoenix.model.ab import ABName
from phoenix.model.idp import Ancillary, Card, HduEdit, InternalDataProduct
from phoenix.toolkit.cubecards import COMMENTS as SHARED
from phoenix.toolkit.cubecards import (
    RESERVED,
    Depth,
    coverage,
    cube_edits,
    depth,
    target,
    white_light,
)
from phoenix.toolkit.exposures import Exposures
from phoenix.toolkit.files import find
from phoenix.toolkit.headers import (
    Header,
    integer,
    number,
    read_header,
    read_headers,
    required_text,
    text,
)
from phoenix.toolkit.idpcards import commented, provenance_cards, qc_cards
from phoenix.toolkit.spectrumcards import origin, reports, software
from phoenix_muse.delivery.log import combined_log, exposures_behind
from phoenix_muse.delivery.names import CUBE, IMAGE, filter_of, science_root
from phoenix_muse.quality.table import PARAMETERS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from phoenix.model.ab import AssociationBlock
    from phoenix.model.ancestor import Ancestor
    from phoenix.model.frames import Product
    from phoenix.model.idp import Value
    from phoenix.model.qc import Measurement, QCValue

__all__ = ["convert"]

COMMENTS: Mapping[str, str] = {
    **SHARED,
    "PIPEFILE": "Filename of data product",
    "QCFLAG": "Quality flags, 0 = good; first is bit 1",
}
"""Keyword to its comment, in the words of the standard."""

TABLES = ("PIXTABLE_OBJECT", "PIXTABLE_REDUCED")
"""PRO.CATGs of what a cube is made of; they come from the ABs of its exposures."""

DROPPED = ("DATAMD5", "ESO PRO DATANCOM")
"""Keywords of the recipe that are not true of the file that is delivered."""

SAID = frozenset(
    {"MJD_BEGIN", "MJD_END", "TPL_BEGIN", "EXPTIME", "TEXPTIME", "PIXNOISE", "ABMAGLIM",
     "SKY_RES", "SKY_RERR", "SPEC_RES", "WAVELMIN", "WAVELMAX", "N_COMBINED"}
)  # fmt: skip
"""QC parameters that are keywords of the standard."""

POINTING = 2.0 / 3600.0
"""CSYER1 and CSYER2 in degrees where the astrometry does not tell: how well the telescope points
(ours). The recipe writes -1, which FITS does not allow."""


def convert(
    ab: AssociationBlock,
    products: tuple[Product, ...],
    qc: tuple[Measurement, ...],
    qcflags: Mapping[int, str],
    ancestors: tuple[Ancestor, ...],
) -> tuple[InternalDataProduct, ...]:
    """Plan the IDP of an AB: its cube.

    Raises
    ------
    DataError
        If a file is missing or not what it must be, or was not measured.
    """
    path = _required(ab, products, "DATACUBE_FINAL")
    primary, data, *others = read_headers(path)
    error = next((one for one in others if text(one, "EXTNAME") == "STAT"), None)
    values = {row.parameter: row.value for row in qc if row.element == 0}
    told = _Told(ab, primary, _exposures(ab, primary, values, ancestors), values)
    uncertainty = _uncertainty(data)
    summary = {**told.summary("DATACUBE_FINAL"), **_quality(told, data)}
    if 0 in qcflags:
        summary["QCFLAG"] = qcflags[0]
    return (
        InternalDataProduct(
            name=f"{science_root(ab, primary, CUBE)}.fits",
            prodcatg="SCIENCE.CUBE.IFS",
            primary=(*commented(summary, COMMENTS), *provenance_cards(told.exposures), *_qc(qc)),
            path=path,
            edits=(
                HduEdit(0, removed=(*RESERVED, *DROPPED, "PROV*", "OBID*", "PROGID*")),
                *cube_edits(data, error, None, uncertainty),
            ),
            ancillaries=(
                _image(told, _white(ab, products), uncertainty),
                *_logs_and_reports(ab, products, ancestors),
            ),
        ),
    )


@frozen
class _Told:
    """What is known of a cube: AB, primary header, exposures, and QC parameters of the whole."""

    ab: AssociationBlock
    primary: Header
    exposures: Exposures
    values: Mapping[str, QCValue]

    def number(self, name: str) -> float | None:
        value = self.values.get(name)
        return float(value) if isinstance(value, int | float) else None

    def summary(self, pro_catg: str) -> dict[str, Value]:
        """Say what cube it is, in the cube itself and in its image."""
        mean = self.number("EXPTIME")
        return {
            **target(self.primary),
            **origin(self.primary, self.exposures),
            "EXPTIME": round(self.exposures.exptime if mean is None else mean, 3),
            "OBSTECH": "IFU",
            "PROCSOFT": software(self.primary),
            "PIPEFILE": _pipefile(self.ab, pro_catg),
        }


def _required(ab: AssociationBlock, products: Sequence[Product], pro_catg: str) -> Path:
    path = find(products, pro_catg)
    if path is None:
        have = ", ".join(product.pro_catg for product in products)
        raise DataError(
            f"{ab.name}: found {have or 'nothing'}, expected a {pro_catg}; reduce it again"
        )
    return path


def _white(ab: AssociationBlock, products: Sequence[Product]) -> Path:
    """Return the image in white light among those in several filters."""
    images = (one.path for one in products if one.pro_catg == "IMAGE_FOV")
    white = (path for path in images if filter_of(read_header(path)) == "white")
    return next(white, None) or _required(ab, products, "IMAGE_FOV")


def _without_images(products: Sequence[Product]) -> Iterator[Product]:
    """Yield the QC report alone, which is the one PNG."""
    return (one for one in products if one.pro_catg == "QC_REPORT")


def _exposures(
    ab: AssociationBlock,
    primary: Header,
    values: Mapping[str, QCValue],
    ancestors: Iterable[Ancestor],
) -> Exposures:
    """Take names from the AB, times from what was measured, programmes and OBs from those behind.

    A container has exposures of several OBs, of which the cube's header knows the first.
    """
    named = (one.parent for one in ab.calibrations if one.pro_catg in TABLES and one.parent)
    parents = sorted(dict.fromkeys(named))
    behind = {str(one.ab.name): one.ab for one in ancestors}
    blocks = [behind[name] for name in parents if name in behind]
    programmes = (one.obs_prog_id for one in blocks if one.obs_prog_id)
    obs = (one.obs_id for one in blocks if one.obs_id)
    return Exposures(
        names=tuple(f"MUSE.{ABName(parent).timestamp}.fits" for parent in parents)
        or (required_text(primary, "ARCFILE"),),
        begin=round(_measured(ab, values, "MJD_BEGIN"), 8),
        end=round(_measured(ab, values, "MJD_END"), 8),
        exptime=_measured(ab, values, "TEXPTIME"),
        programmes=tuple(dict.fromkeys(programmes))
        or (required_text(primary, "ESO OBS PROG ID"),),
        blocks=tuple(dict.fromkeys(obs)) or (integer(primary, "ESO OBS ID") or ab.obs_id,),
    )


def _measured(ab: AssociationBlock, values: Mapping[str, QCValue], name: str) -> float:
    value = values.get(name)
    if not isinstance(value, int | float):
        raise DataError(
            f"{ab.name}: found no {name} among what was measured, expected it; `phoenix run` "
            "measures it again"
        )
    return float(value)


def _pipefile(ab: AssociationBlock, pro_catg: str) -> str:
    """Return the PIPEFILE name of a product; the recipe knows its own name for it only."""
    names = (one.name for one in ab.products if one.pro_catg == pro_catg)
    return next(names, f"r.{ab.root}_{pro_catg}.fits")


def _quality(told: _Told, data: Header) -> dict[str, Value]:
    """Say what is in the cube, and how good it is."""
    return {
        "REFERENC": "",
        "FLUXCAL": "ABSOLUTE" if told.values.get("FLUX_CALIBRATED") else "UNCALIBRATED",
        "SPECSYS": text(told.primary, "SPECSYS") or "BARYCENT",
        **coverage(data),
        **depth(
            Depth(
                spec_res=told.number("SPEC_RES"),
                sky_res=told.number("SKY_RES"),
                pixnoise=told.number("PIXNOISE"),
                abmaglim=told.number("ABMAGLIM"),
                sky_rerr=told.number("SKY_RERR"),
            )
        ),
    }


def _uncertainty(data: Header) -> tuple[float, float]:
    one, other = (number(data, f"CSYER{axis}") for axis in (1, 2))
    if one is None or other is None or min(one, other) < 0:
        return round(POINTING, 9), round(POINTING, 9)
    return one, other


def _qc(qc: Sequence[Measurement]) -> tuple[Card, ...]:
    """Give the QC parameters of the whole cube that no keyword of the standard tells."""
    declared = {row.name for row in PARAMETERS} - SAID
    rows = [row for row in qc if row.element == 0 and row.parameter in declared]
    return qc_cards(rows).get(0, ())


def _image(told: _Told, path: Path, uncertainty: tuple[float, float]) -> Ancillary:
    """Plan the image in white light, which says of what cube it is."""
    cards = commented(told.summary("IMAGE_FOV"), COMMENTS)
    return white_light(
        f"{science_root(told.ab, read_header(path), IMAGE)}.fits",
        path,
        read_header(path, 1),
        (*cards, *provenance_cards(told.exposures)),
        uncertainty,
    )


def _logs_and_reports(
    ab: AssociationBlock, products: tuple[Product, ...], ancestors: tuple[Ancestor, ...]
) -> Iterator[Ancillary]:
    """Plan what tells how the cube was made: the combined log, QC reports of all behind it."""
    log = combined_log(ab, products, ancestors)
    yield Ancillary(f"r.{ab.root}.log", "ANCILLARY.README", text=log)
    yield from reports(ab, _without_images(products))
    for one in exposures_behind(ancestors):
        yield from reports(one.ab, _without_images(one.products))
