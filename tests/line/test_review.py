"""Which ABs a person must look at, by raw type and tag, in phoenix.toml and in the plugin."""

from __future__ import annotations

import pytest
from attrs import evolve
from nightwork import ARC, BIAS, DARK, DATE, FIRST, FLAT, SECOND, THIRD, make_workspace

from phoenix.errors import SettingsError
from phoenix.line.context import LineContext
from phoenix.line.production import ProductionLine
from phoenix.model.process import Look, ReviewPolicy, ReviewRow
from phoenix.model.score import VerdictKind

SCIENCE = (FIRST, SECOND, THIRD)


def policy(folder, text):
    path = folder / "phoenix.toml"
    path.write_text(f"{path.read_text('utf-8')}\n[review.policy]\n{text}\n")
    return folder


def published(line, name):
    return (line.workspace.folder("products", DATE) / name.removesuffix(".ab")).is_dir()


@pytest.mark.recipes
def test_nothing_that_a_person_must_see_moves_before(processed, copy_of):
    with ProductionLine(policy(copy_of(processed), 'SCIENCE = "mandatory"\n"*" = 0')) as line:
        (report,) = line.run(DATE, resume=True)
        assert {report.verdicts[name].kind for name in SCIENCE} == {VerdictKind.REVIEW}
        assert all(published(line, name) for name in SCIENCE)
        line.give_verdict(FIRST, reject=False, comment="", by="me")
        line.run(DATE, resume=True)
        assert [published(line, name) for name in SCIENCE] == [False, True, True]


@pytest.mark.recipes
def test_a_tag_speaks_of_all_abs_whose_names_have_it(processed, copy_of):
    folder = policy(copy_of(processed), '_tpl = "mandatory"\n_ = "never"')
    with ProductionLine(folder) as line:
        (report,) = line.run(DATE, resume=True)
    waiting = {name for name, row in report.verdicts.items() if row.kind is VerdictKind.REVIEW}
    assert waiting == {BIAS, DARK, FLAT}
    assert report.verdicts[ARC].kind is VerdictKind.AUTO


def test_phoenix_toml_goes_before_the_plugin_and_both_before_the_share(tmp_path):
    folder = policy(make_workspace(tmp_path / "w", tmp_path), 'BIAS = "never"')
    line = LineContext.open(folder, lambda: None)
    rows = (ReviewRow("BIAS", Look.MANDATORY), ReviewRow("DARK", 5.0))
    process = evolve(line.process_row, review=ReviewPolicy(1.0, rows))
    review = evolve(line, process_row=process).review
    assert review.look_at("BIAS") is Look.NEVER
    assert review.look_at("DARK") == 5.0
    assert review.look_at("SCIENCE") == line.settings.review.random_green_percent


def test_a_raw_type_that_the_process_has_not_is_refused_and_the_known_are_named(tmp_path):
    folder = policy(make_workspace(tmp_path / "w", tmp_path), 'BIASS = "never"')
    with pytest.raises(
        SettingsError, match=r"\[review.policy\] BIASS: found no such raw type.*BI"
    ):
        LineContext.open(folder, lambda: None)
