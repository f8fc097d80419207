"""Genuine UVES products of ESO's archive: their main columns are the fifth and sixth."""

from __future__ import annotations

from pathlib import Path

import pytest

from phoenix.phase3.report import Severity
from phoenix.phase3.validate import validate_many

FOLDER = Path(__file__).parents[3] / "shared" / "data" / "uves_idps"
FILES = sorted(FOLDER.glob("*.fits"))

pytestmark = pytest.mark.skipif(not FILES, reason="the real files of uves_idps are not here")


def test_a_real_product_that_is_looked_at_alone_has_no_error():
    batch = validate_many(FILES, dataset=False)
    assert [str(finding) for finding in batch.findings if finding.severity is Severity.ERROR] == []


def test_a_companion_that_is_not_beside_it_is_noted():
    batch = validate_many(FILES[:1], dataset=False)
    noted = [one for one in batch.findings if one.severity is Severity.NOTE]
    assert {one.rule for one in noted} == {"associated-file"}


def test_a_data_set_without_its_companions_is_refused():
    assert not validate_many(FILES[:1]).ok
