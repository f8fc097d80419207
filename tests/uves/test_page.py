"""The reference page of UVES says what the rows say."""

from __future__ import annotations

from pathlib import Path

from phoenix.testing.instrument_page import instrument_page

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "uves.md"


def test_the_reference_page_is_that_of_the_rows(uves):
    assert PAGE.read_text("utf-8") == instrument_page(uves), (
        "run python -m phoenix.testing.instrument_page uves > docs/reference/uves.md"
    )
