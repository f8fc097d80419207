"""Judge files by the Science Data Products Standard.

::

    report = validate(Path("GI_SRBS_200123456_2020-01-02T03:04:05.678_H525.8B_o8_007.fits"))
    report.ok                  # the archive would take it
    print(report)              # every finding with file, HDU, keyword, rule and section
    validate_many(paths)       # the same for many, and what only the batch can tell
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from functools import lru_cache
from itertools import chain
from typing import TYPE_CHECKING, TypeAlias

from attrs import evolve

from phoenix.formats.files import open_plain
from phoenix.phase3 import collection
from phoenix.phase3.categories import ANCILLARY_FITS, SCIENCE
from phoenix.phase3.checks import CHECKS, structure
from phoenix.phase3.fitsfile import read_fits
from phoenix.phase3.keywords import NEEDS, keyword_faults
from phoenix.phase3.product import Product, text_of
from phoenix.phase3.report import Batch, Fault, Finding, Report, Severity
from phoenix.phase3.standard import LATEST, load_standard

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from phoenix.model.idp import Value
    from phoenix.phase3.checks.check import Check
    from phoenix.phase3.collection import Companion, Member

    _Examined: TypeAlias = tuple[Report, Member | None]

__all__ = ["CHECKS", "FILE_RULES", "validate", "validate_many"]

FILE_RULES = {
    "fits-signature": ("3.1", "a FITS file begins with SIMPLE"),
    "fits-truncated": ("3.1", "headers and data are complete"),
    "fits-trailing": ("3.1", "nothing follows the last HDU"),
    "fits-fill": ("3.1", "blanks fill headers and ASCII tables, zeros fill data"),
    "card-syntax": ("3.1", "cards follow the FITS standard"),
    "card-characters": ("3.1", "cards hold printable ASCII"),
    "keyword-case": ("5.13", "keywords have no lower-case letters"),
    "keyword-repeated": ("3.1", "a keyword stands once in a header"),
    "continue": ("3.5", "long strings are not supported"),
    "checksum": ("5.12", "CHECKSUM fits the HDU"),
    "datasum": ("5.12", "DATASUM fits the data"),
}
"""What reading the file alone tells: rule, section and sentence."""


def validate(path: Path, version: str = LATEST) -> Report:
    """Judge one file.

    Parameters
    ----------
    path : Path
        A FITS file, plain or gzipped.
    version : str
        Version of the standard, see :data:`phoenix.phase3.standard.VERSIONS`.

    Returns
    -------
    Report
        All findings; ``report.ok`` is true where there is no ERROR.

    Raises
    ------
    OSError
        The file cannot be opened.
    KeyError
        There is no such version of the standard.
    """
    return _examine(path, version, dataset=False)[0]


def validate_many(paths: Iterable[Path], version: str = LATEST, *, dataset: bool = True) -> Batch:
    """Judge many files, each and together: names, titles, associated files, white light.

    Associated files are looked for beside the product. What the batch finds stands in the report
    of the file it concerns.

    Parameters
    ----------
    paths : iterable of Path
        FITS files.
    version : str
        Version of the standard.
    dataset : bool
        Whether the files are a whole data set, as it is handed over: an associated file that is
        not there is an ERROR, and associated FITS files are judged, too (in the report of the
        first file that names them). Else what is not there is a NOTE: a file may be looked at
        alone.

    Returns
    -------
    Batch
        A report for each path, in their order.

    Raises
    ------
    OSError
        A file cannot be opened.
    """
    examined = [_examine(path, version, dataset=dataset) for path in paths]
    members = tuple(member for _, member in examined if member is not None)
    beside = _beside(members, version, dataset=dataset)
    found = _batch_findings(members, beside, dataset=dataset)
    return Batch(
        tuple(
            report if member is None else report.with_findings(found.get(member.path, ()))
            for report, member in examined
        )
    )


def _examine(path: Path, version: str, *, dataset: bool) -> _Examined:
    standard = load_standard(version)
    file = read_fits(path)
    of_file = _file_findings(path.name, chain(file.faults, *(hdu.faults for hdu in file.hdus)))
    if not file.hdus:
        return Report(path.name, "", version, tuple(of_file)), None
    product = Product(file)
    findings = chain(
        of_file, _keyword_findings(product, version, dataset=dataset), _check_findings(product)
    )
    ordered = sorted(findings, key=lambda one: -1 if one.hdu is None else one.hdu)
    report = Report(path.name, product.category, standard.version, tuple(ordered))
    return report, collection.member_of(product)


def _file_findings(name: str, faults: Iterable[Fault]) -> Iterator[Finding]:
    for fault in faults:
        section, says = FILE_RULES[fault.rule]
        yield _finding(name, fault, fault.rule, section, Severity.ERROR, says)


def _keyword_findings(product: Product, version: str, *, dataset: bool) -> Iterator[Finding]:
    # What the archive wrote into its own files is no fault, until one hands them over again.
    archived = not dataset and text_of(product.primary, "ARCFILE").startswith("ADP.")
    for one in keyword_faults(product, load_standard(version)):
        if archived and one.rule == "reserved":
            continue
        severity, says = NEEDS[one.rule]
        yield _finding(product.name, one.fault, one.rule, one.section, severity, says)


def _check_findings(product: Product) -> Iterator[Finding]:
    # A file of no known category is judged as far as every file is.
    known = product.category in SCIENCE | ANCILLARY_FITS
    category = product.category if known else "ANCILLARY."
    for check in _checks_of(category):
        for fault in check.find(product):
            told = _as_it_stands(product, fault)
            yield _finding(
                product.name, told, check.rule, check.section, check.severity, check.says
            )


@lru_cache
def _checks_of(category: str) -> tuple[Check, ...]:
    return tuple(check for check in CHECKS if check.applies_to(category))


def _as_it_stands(product: Product, fault: Fault) -> Fault:
    """Say "nothing" of a card that is not there, which a check takes for an empty string."""
    if fault.found != "" or fault.hdu is None:
        return fault
    there = fault.keyword in product.file.hdus[fault.hdu].keywords
    return evolve(fault, found="an empty string" if there else "nothing")


def _beside(members: Sequence[Member], version: str, *, dataset: bool) -> Mapping[Path, _Examined]:
    """Look once at every associated FITS file that is there and not of the batch itself."""
    given = {member.path for member in members}
    return {
        place: _examine(place, version, dataset=dataset)
        for place in _places(members)
        if place not in given and structure.FITS_NAME.fullmatch(place.name)
    }


def _places(members: Iterable[Member]) -> list[Path]:
    """Where the associated files that are there lie."""
    places = {
        collection.place_of(member, association)
        for member in members
        for association in member.associations
    }
    return sorted(place for place in places if place.is_file())


def _batch_findings(
    members: Sequence[Member], beside: Mapping[Path, _Examined], *, dataset: bool
) -> Mapping[Path, tuple[Finding, ...]]:
    """Return by product what only the batch tells, and in a data set what its ancillaries lack."""
    known = {member.path: member for member in members}
    known |= {path: member for path, (_, member) in beside.items() if member is not None}
    companions = {place: _companion(place, known.get(place)) for place in _places(members)}
    judged = tuple(known.values()) if dataset else tuple(members)
    found: dict[Path, tuple[Finding, ...]] = defaultdict(tuple)
    if dataset:
        for path, (report, _) in beside.items():
            found[path] = report.findings
    for check in collection.CHECKS:
        alone = check.rule == collection.PRESENCE and not dataset
        severity = Severity.NOTE if alone else Severity.ERROR
        for member, fault in check.find(judged, companions):
            finding = _finding(
                member.path.name, fault, check.rule, check.section, severity, check.says
            )
            found[member.path] += (finding,)
    for place, owner in _owners(members, beside).items():
        found[owner] += found.pop(place, ())
    return found


def _owners(members: Iterable[Member], beside: Mapping[Path, _Examined]) -> Mapping[Path, Path]:
    """Return for every file beside the batch the first product that names it."""
    owners: dict[Path, Path] = {}
    for member in members:
        for association in member.associations:
            place = collection.place_of(member, association)
            if place in beside:
                owners.setdefault(place, member.path)
    return owners


def _companion(path: Path, member: Member | None) -> Companion:
    if member is not None:
        return collection.Companion(category=member.category, axes=member.axes)
    if structure.FITS_NAME.fullmatch(path.name):
        return collection.Companion()
    with open_plain(path) as stream:
        return collection.Companion(md5=hashlib.file_digest(stream, "md5").hexdigest())


def _finding(
    file: str, fault: Fault, rule: str, section: str, severity: Severity, says: str
) -> Finding:
    return Finding(
        file=file,
        hdu=fault.hdu,
        keyword=fault.keyword,
        rule=rule,
        section=section,
        severity=severity,
        found=_shown(fault.found),
        expected=_shown(fault.expected),
        message=says,
    )


def _shown(value: Value) -> str:
    """Write a value as a header would."""
    return {True: "T", False: "F"}[value] if isinstance(value, bool) else str(value)
