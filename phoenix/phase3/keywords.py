"""Compare headers with the rows of the standard, keyword by keyword."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import field, frozen

from phoenix.phase3.categories import ANCILLARY_FITS, SCIENCE
from phoenix.phase3.product import text_of
from phoenix.phase3.report import Fault, Severity
from phoenix.phase3.standard import KIND_NAMES, Need, Where, is_allowed, is_kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from phoenix.phase3.fitsfile import Hdu
    from phoenix.phase3.product import Product
    from phoenix.phase3.standard import KeywordRule, Standard

__all__ = ["NEEDS", "KeywordFault", "keyword_faults"]

NEEDS = {
    "mandatory": (Severity.ERROR, "a mandatory keyword is there"),
    "recommended": (Severity.WARNING, "a recommended keyword is there"),
    "not-allowed": (Severity.ERROR, "a forbidden keyword is not there"),
    "reserved": (Severity.WARNING, "the archive writes this keyword itself"),
    "ask-support": (Severity.WARNING, "ESO's support is asked before using this keyword"),
    "type": (Severity.ERROR, "a value has the type of its keyword"),
    "value": (Severity.ERROR, "a value is one of those allowed"),
}
"""Rules that speak of any keyword: severity and sentence."""

UNWANTED = {
    Need.NOT_ALLOWED: "not-allowed",
    Need.RESERVED: "reserved",
    Need.ASK: "ask-support",
}

WAIVED = (
    ("CUBE.IFS", "SKY_RES", "KMOS"),
    ("CUBE.IFS", "ABMAGLIM", "KMOS"),
)
"""Category, keyword and instrument that does not need it (checks of the server, 2025)."""

FOR_SCIENCE = ("5.5", "5.11")
"""Sections that say nothing of error and quality extensions."""

OLD_NAMES = {"RADESYS": "RADECSYS"}
"""Spellings that the Phase 3 server tolerates."""


@frozen
class KeywordFault:
    """A fault with the section of its row and the name of the rule."""

    rule: str
    section: str
    fault: Fault = field()


def keyword_faults(product: Product, standard: Standard) -> Iterator[KeywordFault]:
    """Compare every HDU with the rows of its kind; ancillary files need checksums only."""
    if product.category in ANCILLARY_FITS:
        for hdu in product.file.hdus:
            yield from _sum_faults(hdu, standard)
    if product.category not in SCIENCE:
        return
    yield from _hdu_faults(product, product.file.hdus[0], Where.PRIMARY, standard)
    for hdu in product.extensions:
        yield from _hdu_faults(product, hdu, Where.EXTENSION, standard)
    for hdu in product.provenance:
        yield from _sum_faults(hdu, standard)


def _hdu_faults(
    product: Product, hdu: Hdu, where: Where, standard: Standard
) -> Iterator[KeywordFault]:
    category = product.column_of_standard
    for rule in standard.rules_for(category, where):
        yield from _missing(product, hdu, rule)
    for keyword in hdu.keywords:
        known = standard.rule_of(keyword, where)
        if known is not None and (need := known.need(category)) is not Need.NOT_APPLICABLE:
            yield from _present(hdu, keyword, known, need)


def _sum_faults(hdu: Hdu, standard: Standard) -> Iterator[KeywordFault]:
    """Look at checksums."""
    for keyword in ("CHECKSUM", "DATASUM"):
        rule = standard.rule_of(keyword, Where.EXTENSION)
        if rule is None:
            continue
        if keyword in hdu.present:
            yield from _present(hdu, keyword, rule, Need.MANDATORY)
        else:
            yield _absent("mandatory", hdu, rule)


def _missing(product: Product, hdu: Hdu, rule: KeywordRule) -> Iterator[KeywordFault]:
    if rule.first in hdu.present or OLD_NAMES.get(rule.keyword) in hdu.present:
        return
    need = rule.need(product.column_of_standard)
    if need in {Need.MANDATORY, Need.MANDATORY_ESO} and not _waived(product, hdu, rule, need):
        yield _absent("mandatory", hdu, rule)
    elif need is Need.RECOMMENDED:
        yield _absent("recommended", hdu, rule)


def _absent(name: str, hdu: Hdu, rule: KeywordRule) -> KeywordFault:
    expected = f"{rule.meaning}{f' [{rule.unit}]' if rule.unit else ''}"
    return KeywordFault(name, rule.section, Fault(hdu.index, rule.first, "nothing", expected))


def _waived(product: Product, hdu: Hdu, rule: KeywordRule, need: Need) -> bool:
    header = product.primary
    if need is Need.MANDATORY_ESO and header.get("NOESODAT") is True:
        return True
    if rule.keyword == "PROVi" and header.get("PROVXTN") is True:
        return True
    kind = text_of(hdu.header, "HDUCLAS2")
    if kind and kind != "DATA" and rule.section in FOR_SCIENCE:
        return True
    if kind == "QUALITY" and rule.keyword == "BUNIT":
        return True
    return (product.column_of_standard, rule.keyword, text_of(header, "INSTRUME")) in WAIVED


def _present(hdu: Hdu, keyword: str, rule: KeywordRule, need: Need) -> Iterator[KeywordFault]:
    value = hdu.header.get(keyword)
    found = "no value" if value is None else value
    if need in UNWANTED:
        fault = Fault(hdu.index, keyword, found, "no such keyword")
        yield KeywordFault(UNWANTED[need], rule.section, fault)
    if value is None or not is_kind(rule.kind, value):
        fault = Fault(hdu.index, keyword, found, KIND_NAMES[rule.kind])
        yield KeywordFault("type", rule.section, fault)
    elif not is_allowed(rule.allowed, value):
        fault = Fault(hdu.index, keyword, found, rule.allowed)
        yield KeywordFault("value", rule.section, fault)
