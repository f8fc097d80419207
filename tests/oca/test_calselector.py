"""Reading calSelector's XML, which comes from the net."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from phoenix.errors import DataError
from phoenix.oca import read_answer, read_answers

DATA = Path(__file__).parents[2] / "../shared/data/calselector"
ENTITIES = b"""<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x "boom"><!ENTITY y "&x;&x;&x;">]>
<association category="&y;"><mainFiles/></association>"""
OUTSIDE = b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><association category="A"/>'


@pytest.fixture(scope="module")
def answers():
    if not DATA.exists():
        pytest.skip("the real calSelector answers are not here")
    return {path.name: path.read_bytes() for path in DATA.glob("*.xml")}


def test_a_real_answer_is_read_with_all_its_levels(answers):
    (data,) = [data for name, data in answers.items() if "multipart" not in name]
    tree = read_answer(data)
    assert (tree.category, tree.mode) == ("SCI_IMG_2x2_low", "Raw2Raw")
    assert (tree.complete, tree.certified) == (True, True)
    assert tree.files[0].name == "FORS2.2021-01-02T00:59:12.533"
    categories = Counter(entry.category for entry in tree.every())
    assert {"BIAS", "FLAT_SKY", "STD_IMA"} <= set(categories)
    assert tree.needs[0].match == "calib_plan"


def test_every_file_element_of_a_real_answer_is_found(answers):
    (data,) = [data for name, data in answers.items() if "multipart" not in name]
    found = sum(len(entry.files) for entry in read_answer(data).every())
    assert found == data.count(b"<file ")


def test_a_real_multipart_answer_gives_one_tree_for_each_file(answers):
    (data,) = [data for name, data in answers.items() if "multipart" in name]
    trees = read_answers(data)
    assert len(trees) == data.count(b"Content-Disposition")
    assert len({tree.files[0].name for tree in trees}) == len(trees)


def test_a_single_answer_is_a_multipart_of_one():
    assert len(read_answers(b'<association category="A"/>')) == 1


@pytest.mark.parametrize("data", [ENTITIES, OUTSIDE])
def test_document_types_and_entities_are_refused(data):
    with pytest.raises(DataError, match="found a document type or entity"):
        read_answer(data)


def test_broken_xml_is_refused_with_its_place():
    with pytest.raises(DataError, match=r"my\.xml, line 2, column \d+: found broken XML"):
        read_answer(b"<association>\n<file></association>", "my.xml")


def test_a_tower_of_associations_is_refused():
    with pytest.raises(DataError, match="nested"):
        read_answer(b"<association>" * 1000)


def test_a_login_page_is_no_answer():
    with pytest.raises(DataError, match="found 0 associations, expected one"):
        read_answer(b"<html><body>please log in</body></html>")
