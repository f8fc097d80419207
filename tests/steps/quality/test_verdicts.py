"""What a person said lies beside the manifest."""

from __future__ import annotations

import datetime as dt

import pytest

from phoenix.model.score import Verdict, VerdictKind
from phoenix.model.workspace import Workspace
from phoenix.steps.quality.verdicts import Said, read_verdicts, write_verdict
from phoenix.steps.shelf.places import Places, Record

NOON = dt.datetime(2020, 1, 2, 12, tzinfo=dt.UTC)
REJECTED = Said(Verdict(VerdictKind.REJECTED, "a cloud <b>", "anna"), NOON)
WITHDRAWN = Said(Verdict(VerdictKind.WITHDRAWN, "no", "ben"), NOON + dt.timedelta(hours=1))


@pytest.fixture
def places(tmp_path):
    return Places(Workspace(tmp_path), "2020-01-01", "TOY.2020-01-02T01:00:00.000")


def test_all_that_was_said_is_kept_in_order(places):
    for said in (REJECTED, WITHDRAWN):
        write_verdict(places, said)
    assert read_verdicts(places) == (REJECTED, WITHDRAWN)


def test_it_lies_beside_the_manifest_of_a_published_ab(places):
    places.published.mkdir(parents=True)
    write_verdict(places, REJECTED)
    assert places.fresh(Record.VERDICT).exists()


@pytest.mark.parametrize("content", ["", "[1]", "{}", '[{"kind": "x"}]'])
def test_what_cannot_be_read_says_nothing(places, content):
    path = places.finished(Record.VERDICT)
    path.parent.mkdir(parents=True)
    path.write_text(content)
    assert read_verdicts(places) == ()
