"""The reference page of GIRAFFE says what the rows say."""

from __future__ import annotations

from pathlib import Path

from phoenix.testing.instrument_page import instrument_page

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "giraffe.md"


def test_the_reference_page_is_that_of_the_rows(giraffe):
    assert PAGE.read_text("utf-8") == instrument_page(giraffe), (
        "run python -m phoenix.testing.instrument_page giraffe > docs/reference/giraffe.md"
    )


def test_every_qc_parameter_and_bit_stands_on_it(giraffe, process):
    page = PAGE.read_text("utf-8")
    for row in (*giraffe.qc_parameters(process), *giraffe.score_bits(process)):
        assert f"| {row.name} |" in page
