"""The reference page of MUSE says what the rows say."""

from __future__ import annotations

from pathlib import Path

from phoenix.testing.instrument_page import instrument_page

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "muse.md"


def test_the_reference_page_is_that_of_the_rows(muse):
    assert PAGE.read_text("utf-8") == instrument_page(muse), (
        "run python -m phoenix.testing.instrument_page muse > docs/reference/muse.md"
    )
