"""The tables of the standard say what the standard says."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from phoenix.phase3.standard import (
    LATEST,
    PATTERNS,
    VERSIONS,
    Need,
    Where,
    is_allowed,
    load_standard,
)

TABLE8 = (Path(__file__).parents[2] / "../shared/data/phase3").resolve()

CASES = (
    ("8", "SPECTRUM", "SPECSYS", Where.PRIMARY, Need.MANDATORY),
    ("8", "SPECTRUM", "TITLE", Where.EXTENSION, Need.MANDATORY),
    ("8", "SPECTRUM", "EXT_OBJ", Where.PRIMARY, Need.APPLICABLE),
    ("8", "SPECTRUM", "LAMRMS", Where.PRIMARY, Need.OPTIONAL),
    ("8", "SPECTRUM", "SPEC_ERR", Where.PRIMARY, Need.RECOMMENDED),
    ("8", "SPECTRUM", "BUNIT", Where.PRIMARY, Need.NOT_ALLOWED),
    ("8", "SPECTRUM", "PROV12", Where.PRIMARY, Need.MANDATORY_ESO),
    ("8", "SPECTRUM", "CD1_1", Where.PRIMARY, Need.NOT_ALLOWED),
    ("8", "CUBE.IFS", "PIXNOISE", Where.PRIMARY, Need.MANDATORY),
    ("8", "CUBE.IFS", "SPEC_BIN", Where.PRIMARY, Need.NOT_ALLOWED),
    ("8", "IMAGE (MEF)", "PHOTZP", Where.EXTENSION, Need.MANDATORY),
    ("8", "IMAGE", "ARCFILE", Where.PRIMARY, Need.RESERVED),
    ("8", "CATALOG", "FPRA1A", Where.PRIMARY, Need.APPLICABLE),
    ("8", "CATALOG", "TSCAL3", Where.EXTENSION, Need.NOT_ALLOWED),
    ("8", "VISIBILITY", "NUM_CHAN", Where.PRIMARY, Need.MANDATORY),
    ("6", "SPECTRUM", "RA_ERR", Where.PRIMARY, Need.RECOMMENDED),
    ("6", "CUBE.IFS", "ERRDATA", Where.EXTENSION, Need.APPLICABLE),
)


@pytest.mark.parametrize(("version", "category", "keyword", "where", "need"), CASES)
def test_a_keyword_has_the_need_of_its_category(version, category, keyword, where, need):
    rule = load_standard(version).rule_of(keyword, where)
    assert rule is not None
    assert rule.need(category) is need


@pytest.mark.parametrize("version", VERSIONS)
def test_no_keyword_has_two_rows(version):
    rows = [(rule.keyword, rule.where) for rule in load_standard(version).rules]
    assert len(set(rows)) == len(rows)


@pytest.mark.parametrize("version", VERSIONS)
def test_every_row_is_complete(version):
    for rule in load_standard(version).rules:
        assert rule.kind in set("SIRL")
        assert rule.section
        assert rule.meaning
        assert rule.source
        assert any(rule.needs.values())


@pytest.mark.parametrize("version", VERSIONS)
def test_every_condition_is_told(version):
    for rule in load_standard(version).rules:
        conditional = Need.APPLICABLE in rule.needs.values()
        assert conditional == bool(rule.applicable), rule.keyword


@pytest.mark.parametrize("version", VERSIONS)
def test_every_pattern_named_in_the_table_exists(version):
    for rule in load_standard(version).rules:
        for choice in rule.allowed.split(" | "):
            assert not choice.startswith("<") or choice in PATTERNS, rule.allowed


def test_an_unknown_version_is_refused():
    with pytest.raises(KeyError, match="'7'"):
        load_standard("7")


@pytest.mark.parametrize(
    ("allowed", "value", "answer"),
    [
        ("", "anything", True),
        ("[0, 360)", 0.0, True),
        ("[0, 360)", 360.0, False),
        ("(0, 1]", 0, False),
        ("(0, 1]", 1, True),
        ("[1, inf)", 10**9, True),
        ("FK5 | ICRS", "ICRS", True),
        ("FK5 | ICRS", "icrs", False),
        ("MULTI | <programme>", "MULTI", True),
        ("MULTI | <programme>", "0104.D-0001(A)", True),
        ("MULTI | <programme>", "60.A-9100(Z)", True),
        ("MULTI | <programme>", "110.24CU.001", True),
        ("MULTI | <programme>", "110.24cu.1", False),
        ("<empty> | <bibcode> | <DOI>", "", True),
        ("<empty> | <bibcode> | <DOI>", "1924MNRAS..84..308E", True),
        ("<empty> | <bibcode> | <DOI>", "doi:10.1051/0004-6361/201730605", True),
        ("<empty> | <bibcode> | <DOI>", "in preparation", False),
        ("<date>", "2020-01-05", True),
        ("<date>", "2020-01-05T12:00:00.123", True),
        ("<date>", "2020-13-05", False),
    ],
)
def test_allowed_values(allowed, value, answer):
    assert is_allowed(allowed, value) is answer


CODES = {"MM": "M", "ME": "E", "RC": "R", "NO": "N", "OP": "O", "NA": "", "RE": "X", "SU": "S"}
MANDATORY_WITH_NOTE = {"M33", "M34", "M40", "M43", "M61", "M62"}
COLUMNS = ("IMAGE", "IMAGE (MEF)", "MEFIMAGE", "IMAGE.FLUXMAP", "SPECTRUM", "CUBE.IFS",
           "VISIBILITY", "SRCTBL", "MCATALOG", "CATALOGTILE", "CATALOG")  # fmt: skip
STRICTER = {
    ("FILTER", "primary", "CUBE.IFS"),
    ("CDi_j", "extension", "SPECTRUM"),
    ("BUNIT", "extension", "SPECTRUM"),
    ("CHECKSUM", "extension", "CATALOG"),
    ("DATASUM", "extension", "CATALOG"),
    *(("ORIGFILE", "extension", category) for category in COLUMNS),
    *(("EXTNAME", "extension", category) for category in COLUMNS),
}
"""Cells where a paragraph of the standard or the server asks more than the table."""


def published(where):
    with (TABLE8 / f"table_{where}.csv").open() as stream:
        for row in list(csv.reader(stream))[1:]:
            for category, cell in zip(COLUMNS, row[2:], strict=True):
                first = row[1].split()[0]
                yield first, where, category, cell.split()[0]


@pytest.mark.skipif(not TABLE8.is_dir(), reason="the published table is not at hand")
def test_version_8_agrees_with_the_published_table():
    standard = load_standard(LATEST)
    rules = {(rule.keyword, rule.where.value): rule for rule in standard.rules}
    for where in ("primary", "extension"):
        for keyword, hdu, category, cell in published(where):
            if (keyword, hdu, category) in STRICTER:
                continue
            rule = rules.get((keyword, hdu))
            code = CODES.get(cell) or ("M" if cell in MANDATORY_WITH_NOTE else "A")
            expected = "" if cell == "NA" else code
            assert (rule.need(category).value if rule else "") == expected, (keyword, category)
