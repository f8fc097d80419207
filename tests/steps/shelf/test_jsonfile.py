"""JSON for people to read: the text of json.dumps, of values of attrs classes too."""

from __future__ import annotations

import json
import math

import pytest
from attrs import asdict, frozen
from hypothesis import given
from hypothesis import strategies as st

from phoenix.errors import DataError
from phoenix.model.frames import Role
from phoenix.steps.shelf.jsonfile import json_text, read_json

LEAVES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
VALUES = st.recursive(
    LEAVES,
    lambda values: (
        st.lists(values)
        | st.tuples(values, values)
        | st.dictionaries(st.text() | st.integers() | st.booleans() | st.none(), values)
    ),
    max_leaves=20,
)


@frozen
class Part:
    name: str
    value: object = None


@frozen
class Whole:
    parts: tuple[Part, ...]
    of: dict[str, Part]


@given(VALUES)
def test_the_text_is_that_of_json(value):
    assert json_text(value) == json.dumps(value, indent=1, ensure_ascii=False) + "\n"


@given(VALUES, st.text())
def test_a_value_of_a_class_is_the_mapping_of_its_fields(value, text):
    whole = Whole((Part(text, value), Part("b")), {text: Part("c", value)})
    assert json_text(whole) == json.dumps(asdict(whole), indent=1, ensure_ascii=False) + "\n"


def test_a_member_of_an_enumeration_is_its_value():
    assert json_text({"role": Role.SCIENCE}) == json_text({"role": Role.SCIENCE.value})


def test_what_json_has_no_word_for_is_refused():
    with pytest.raises(TypeError):
        json_text([object()])


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_numbers_that_only_python_reads_are_written_where_they_may_be(number):
    assert json_text([number]) == json.dumps([number], indent=1) + "\n"
    with pytest.raises(ValueError, match="not JSON compliant"):
        json_text([number], allow_nan=False)


def test_a_file_of_nothing_but_brackets_is_no_json(tmp_path):
    path = tmp_path / "manifest.json"
    path.write_text("[" * 200_000)
    with pytest.raises(DataError, match=r"manifest\.json: found maximum recursion depth exceeded"):
        read_json(path)
