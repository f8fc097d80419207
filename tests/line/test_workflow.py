"""What the options of `run` decide, before anything is run."""

from __future__ import annotations

import pytest

from phoenix.errors import SettingsError
from phoenix.line.workflow import Breakpoint, Source, Workflow

OPTIONS = ("--create-ab", "-X", "--complete", "-C", "-P", "-M")


def asked_for(*options, **others):
    return Workflow.asked_for({one: one in options for one in OPTIONS}, **others)


@pytest.mark.parametrize(
    ("options", "source", "stop", "take_up"),
    [
        ((), Source.HISTORICAL, Breakpoint.FINISHED, False),
        (("--create-ab",), Source.CREATED, Breakpoint.FINISHED, False),
        (("-X",), Source.MASTERS, Breakpoint.FINISHED, False),
        (("-X", "--create-ab"), Source.MASTERS, Breakpoint.FINISHED, False),
        (("--complete",), Source.COMPLETE, Breakpoint.FINISHED, False),
        (("--complete", "--create-ab"), Source.COMPLETE, Breakpoint.FINISHED, False),
        (("-C",), Source.HISTORICAL, Breakpoint.PREPARED, False),
        (("--create-ab", "-P"), Source.CREATED, Breakpoint.PROCESSED, False),
        (("--create-ab", "-M"), Source.CREATED, Breakpoint.FINISHED, True),
        (("--complete", "-C"), Source.COMPLETE, Breakpoint.PREPARED, False),
    ],
)
def test_options_decide_source_and_breakpoint(options, source, stop, take_up):
    workflow = asked_for(*options)
    assert (workflow.source, workflow.stop, workflow.take_up) == (source, stop, take_up)


@pytest.mark.parametrize("options", [("-C", "-P"), ("-P", "-M"), ("-C", "-P", "-M")])
def test_two_breakpoints_are_refused(options):
    with pytest.raises(SettingsError, match="at most one of -C, -P and -M"):
        asked_for(*options)


@pytest.mark.parametrize("option", ["-X", "-P", "-M"])
def test_everything_is_not_a_part_of_it(option):
    with pytest.raises(SettingsError, match="--complete makes everything"):
        asked_for("--complete", option)


def test_everything_is_not_one_ab():
    with pytest.raises(SettingsError, match="--complete makes everything"):
        asked_for("--complete", only=("GIRAF.2020-01-02T01:00:00.000.ab",))


def test_what_is_taken_up_was_made_before():
    assert asked_for("--create-ab").makes_blocks
    assert not asked_for("--create-ab", "-M").makes_blocks
    assert not asked_for().makes_blocks


@pytest.mark.parametrize(("options", "dry"), [(("-C",), False), ((), True), (("-P",), True)])
def test_no_recipe_is_run_to_prepare_or_to_show(options, dry):
    assert asked_for(*options, dry=dry).only_prepares


@pytest.mark.parametrize("options", [(), ("-P",), ("-M",), ("-X",), ("--complete",)])
def test_everything_else_runs_recipes(options):
    assert not asked_for(*options).only_prepares
