"""The tables of header overlays and of instrument breakpoints, as persons write them."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from phoenix.errors import DataError
from phoenix.formats.breakpoints import read_breakpoints
from phoenix.formats.overlays import read_overlays
from phoenix.model.dates import CivilDate, mjd_of

OVERLAYS = "ARCFILE,keyword,value,why\n"
BREAKPOINTS = "date,setup,why\n"
FILE = "GIRAF.2020-01-02T10:06:20.003"


@pytest.fixture
def path(tmp_path):
    return tmp_path / "table.csv"


def overlays(path, text):
    path.write_text(OVERLAYS + text, encoding="utf-8")
    return read_overlays(path)


def breakpoints(path, text):
    path.write_text(BREAKPOINTS + text, encoding="utf-8")
    return read_breakpoints(path)


# ---- overlays ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("BIAS", "BIAS"),
        ("'1'", "1"),
        ("'it''s'", "it's"),
        ("''", ""),
        ("1", 1),
        ("-2.5", -2.5),
        ("1D3", 1000.0),
        ("T", True),
        ("F", False),
        ('"a, b"', "a, b"),
    ],
)
def test_a_value_is_of_the_kind_that_a_header_would_have(path, text, value):
    (row,) = overlays(path, f"{FILE}.fits,ESO DET X,{text},why\n")
    assert (type(row.value), row.value) == (type(value), value)


@pytest.mark.parametrize("keyword", ["ESO DPR TYPE", "HIERARCH ESO DPR TYPE", "DPR.TYPE"])
def test_a_keyword_is_written_as_in_a_header_or_as_in_the_rules(path, keyword):
    (row,) = overlays(path, f"{FILE},{keyword},BIAS,why\n")
    assert row.keyword == "ESO DPR TYPE"


def test_comments_and_empty_lines_are_passed_over_and_lines_are_those_of_the_file(path):
    text = f"# first\n\n{FILE},DPR.TYPE,BIAS,why\n# second\n{FILE},dpr.type,BIAS,why\n"
    with pytest.raises(DataError, match=r"table\.csv, line 6: found keyword 'dpr\.type'"):
        overlays(path, text)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (f"{FILE},ESO DPR TYPÉ,BIAS,why", "line 2: found keyword"),
        (f"{FILE},TOOLONGKEY,BIAS,why", "line 2: found keyword 'TOOLONGKEY', expected one like"),
        (f"{FILE},ARCFILE,X,why", "by ARCFILE a file is known"),
        (f"{FILE},MJD-OBS,soon,why", "found value 'soon', expected a number"),
        (f"{FILE},EXPTIME,T,why", "found value 'T', expected a number"),
        (f"{FILE},DPR.TYPE,7,why", "expected a text: ESO DPR TYPE is one; write '7'"),
        (f"{FILE},DATE-OBS,yesterday,why", "expected a time like"),
        (f"{FILE},DPR.TYPE,,why", "found value '', expected one"),
        (f"{FILE},EXPTIME,1e999,why", "finite"),
        (f"{FILE},EXPTIME,{'9' * 400},why", "64 bits"),
        (f"{FILE},DPR.TYPE,{'x' * 69},why", "at most 68 printable letters"),
        (f"{FILE},DPR.TYPE,a\x1b[31m,why", "printable"),
        (f"{FILE},DPR.TYPE,BIAS,", "found why '', expected a reason"),
        (f"{FILE},DPR.TYPE,BIAS,{'x' * 100_000}", "line 2: comment: found 100000 characters"),
        (f"{FILE},DPR.TYPE,BIAS,{'x' * 200_000}", "field larger than"),
        (f"{FILE},DPR.TYPE,BIAS,why,more", "found 5 cells, expected 4"),
        (f"{FILE},DPR.TY", "found 2 cells, expected 4 .* is the file cut"),
        (f'{FILE},DPR.TYPE,BIAS,"why', "is the file cut"),
        ("<b>,DPR.TYPE,BIAS,why", "found ARCFILE '<b>', expected a name like"),
    ],
)
def test_a_row_that_cannot_be_is_told_with_its_line(path, text, told):
    with pytest.raises(DataError, match=told):
        overlays(path, text)


def test_two_rows_for_one_keyword_of_a_file_are_refused_with_both_lines(path):
    text = f"{FILE},DPR.TYPE,BIAS,why\n{FILE}.fits,ESO DPR TYPE,DARK,why\n"
    with pytest.raises(DataError, match=r"line 3: found a second row .* is in line 2"):
        overlays(path, text)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "found no title line"),
        (b"ARCFILE,keyword\n", "found the title line 'ARCFILE,keyword', expected"),
        (b"\xff\xfe\x00", "expected text in UTF-8"),
        (b"ARCFILE,keyword,value,why\na\x00b,c,d,e\n", "line 2: found"),
    ],
)
def test_what_is_no_table_is_refused(path, content, told):
    path.write_bytes(content)
    with pytest.raises(DataError, match=told):
        read_overlays(path)


def test_a_table_that_is_not_there_is_told(path):
    with pytest.raises(DataError, match=r"expected a table; mend \[rules\] in phoenix\.toml"):
        read_overlays(path)


def test_a_mark_of_utf_8_and_line_ends_of_windows_are_taken(path):
    path.write_bytes(b"\xef\xbb\xbf" + f"{OVERLAYS}{FILE},A,1,why".replace("\n", "\r\n").encode())
    assert [row.value for row in read_overlays(path)] == [1]


@given(text=st.text(max_size=200))
def test_whatever_stands_in_a_table_gives_rows_or_a_complaint(tmp_path_factory, text):
    path = tmp_path_factory.mktemp("t") / "t.csv"
    path.write_text(OVERLAYS + text, encoding="utf-8", errors="replace", newline="")
    with suppress(DataError):
        assert all(row.why and row.why.isprintable() for row in read_overlays(path))


# ---- breakpoints -------------------------------------------------------------------------------


def test_a_breakpoint_is_a_night_from_its_begin_or_a_moment(path):
    night, moment = breakpoints(path, "2020-01-02T15:00,,b\n2020-01-01,,a\n")
    assert (night.mjd, night.why) == (CivilDate(2020, 1, 1).mjd, "a")
    assert moment.mjd == mjd_of("2020-01-02T15:00:00")


def test_a_setup_is_keywords_with_values(path):
    (row,) = breakpoints(path, "2020-01-01,INS.SLIT.NAME=Argus ESO.INS.EXP.MODE=H525*,fibres\n")
    assert row.setup == (("INS.EXP.MODE", "H525*"), ("INS.SLIT.NAME", "Argus"))
    assert str(row) == (
        "breakpoint of 2020-01-01 (INS.EXP.MODE=H525* INS.SLIT.NAME=Argus): fibres"
    )


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("2020-02-30,,why", "line 2: found date '2020-02-30', expected a night"),
        ("soon,,why", "found date 'soon'"),
        ("2020-01-01,Argus,why", "found setup 'Argus', expected nothing, or KEY=VALUE"),
        ("2020-01-01,A=1 A=2,why", "found setup"),
        ("2020-01-01,A=,why", "found setup"),
        ("2020-01-01,,", "found why"),
        ("2020-01-01,", "found 2 cells, expected 3"),
        ("2020-01-01,,a\n2020-01-01,,b", "line 3: found a second breakpoint"),
    ],
)
def test_a_breakpoint_that_cannot_be_is_told_with_its_line(path, text, told):
    with pytest.raises(DataError, match=told):
        breakpoints(path, text)
