"""Tables of grades: all of it, or nothing."""

from __future__ import annotations

import pytest

from phoenix.errors import DataError
from phoenix.formats.gradefile import LARGEST, read_grade_file
from phoenix.model.grade import OBGrade
from phoenix.model.plain import LONGEST


@pytest.fixture
def table(tmp_path):
    def write(text):
        path = tmp_path / "g.csv"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


def test_columns_are_found_by_their_names_and_others_left_alone(table):
    path = table('\ufeffOB,Moon,Grades,SM_VM,Run status,Comments\n7,full,b,vm,done,"a, b"\n\n')
    assert read_grade_file(path) == (
        OBGrade(7, grade="B", mode="visitor", status="done", comment="a, b", source="g.csv"),
    )


def test_only_the_ob_is_needed(table):
    assert read_grade_file(table("obs_id,night\n7,2020-01-01\n")) == (
        OBGrade(7, "2020-01-01", source="g.csv"),
    )


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("x,A,,", "line 3: found OB 'x'"),
        ("0,A,,", "found OB '0'"),
        ("9999999999999999999999,A,,", "found OB"),
        ("7,Q,,", "line 3: found grade 'Q'"),
        ("7,A,tourist,", "found mode 'tourist'"),
        ("7,A,,2020-13-01", "expected a date of the calendar"),
        ("7,\x1b[31m,,", r"found grade '\\\\x1b"),
    ],
)
def test_one_wrong_line_and_nothing_is_taken(table, row, why):
    path = table(f"ob,grade,mode,night\n8,A,SM,\n{row}\n")
    with pytest.raises(DataError, match=why):
        read_grade_file(path)


def test_of_many_wrong_lines_the_first_are_told(table):
    with pytest.raises(DataError, match="and 95 lines more; nothing was taken"):
        read_grade_file(table("ob\n" + "x\n" * 100))


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("", "found columns ''"),
        ("grade\nA\n", "expected OB"),
        (b"ob\n\xff\n", "expected text in UTF-8"),
        (b"ob\n\x00\n", "no text"),
        (b"ob\n" + b"1\n" * LARGEST, "more than"),
        ('ob\n"7\n', "expected values parted by commas"),
        (f"ob,comment\n7,{'x' * (LONGEST + 1)}\n", "10001 characters"),
    ],
    ids=["empty", "no ob", "latin", "binary", "large", "quote", "long"],
)
def test_what_is_no_table_of_grades_is_refused(table, content, why):
    with pytest.raises(DataError, match=why):
        read_grade_file(table(content))
