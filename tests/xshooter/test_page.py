"""The reference page of X-shooter says what the rows say."""

from __future__ import annotations

from pathlib import Path

from phoenix.testing.instrument_page import instrument_page

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "xshooter.md"


def test_the_reference_page_is_that_of_the_rows(xshooter):
    assert PAGE.read_text("utf-8") == instrument_page(xshooter), (
        "run python -m phoenix.testing.instrument_page xshooter > docs/reference/xshooter.md"
    )
