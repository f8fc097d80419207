from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from phoenix.errors import DataError
from phoenix.model.frames import Role
from phoenix.model.report import JobState
from phoenix.steps.shelf.jsonfile import json_text
from phoenix.steps.shelf.manifest import (
    InputFile,
    Manifest,
    ProductFile,
    manifest_from,
    read_manifest,
    write_manifest,
)

TEXT = st.text(st.characters(exclude_categories=("Cs",)), max_size=20)
SIZES = st.integers(0, 2**60)
SECONDS = st.floats(0, 1e9)
PAIRS = st.lists(st.tuples(TEXT, TEXT), max_size=3)
MANIFESTS = st.builds(
    Manifest,
    ab_name=TEXT,
    job_key=TEXT,
    ab_sha256=TEXT,
    instrument=TEXT,
    process=TEXT,
    recipe=TEXT,
    state=st.sampled_from([JobState.SUCCESSFUL, JobState.GATED, JobState.FAILED]),
    reason=TEXT,
    command=st.lists(TEXT, max_size=4),
    exit_code=st.none() | st.integers(0, 255),
    signal=TEXT,
    started=TEXT,
    host=TEXT,
    wall_s=SECONDS,
    cpu_s=SECONDS,
    peak_memory_mb=SECONDS,
    versions=PAIRS,
    parents=PAIRS,
    inputs=st.lists(st.builds(InputFile, TEXT, TEXT, SIZES, SIZES, TEXT, TEXT), max_size=3),
    products=st.lists(
        st.builds(ProductFile, TEXT, TEXT, st.sampled_from(Role), SIZES, TEXT, TEXT), max_size=3
    ),
)


@given(MANIFESTS)
def test_a_manifest_read_back_is_the_same_manifest(manifest):
    assert manifest_from(json.loads(json_text(manifest))) == manifest


def example() -> Manifest:
    return Manifest("A.ab", "k", "s", "fake", "FAKE_MOS", "fakebias", JobState.SUCCESSFUL)


def test_a_manifest_survives_the_disk(tmp_path):
    write_manifest(example(), tmp_path / "manifest.json")
    assert read_manifest(tmp_path / "manifest.json") == example()
    assert [path.name for path in tmp_path.iterdir()] == ["manifest.json"]


@pytest.mark.parametrize("content", ["", "{", "[]", '{"ab_name": 1}', "null", "3"])
def test_a_manifest_that_cannot_be_read_proves_nothing(tmp_path, content):
    (tmp_path / "manifest.json").write_text(content)
    assert read_manifest(tmp_path / "manifest.json") is None


def test_a_missing_manifest_is_none(tmp_path):
    assert read_manifest(tmp_path / "manifest.json") is None


def test_what_is_no_manifest_is_refused():
    with pytest.raises(DataError, match="run the AB again"):
        manifest_from({"ab_name": "A.ab"})
