"""Try a recipe: run it, judge what came out, and once more where the plugin knows how.

The plugin's second try is for what a person would do first: the spectra have moved, so the recipe
is told by how much. What was wrong with the first try and what was changed stay in the manifest.
"""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

from attrs import evolve, frozen

from phoenix.errors import DataError
from phoenix.model.frames import Role
from phoenix.model.gate import RecipeOutcome
from phoenix.model.report import JobState
from phoenix.steps.recipe.gates import check_outcome
from phoenix.steps.recipe.log import last_words
from phoenix.steps.recipe.products import collect_products, odd_products, take_products
from phoenix.steps.recipe.runner import RecipeCall
from phoenix.steps.recipe.runners import runner_of

if TYPE_CHECKING:
    from pathlib import Path

    from phoenix.instrument import Instrument
    from phoenix.model.ab import AssociationBlock
    from phoenix.model.frames import Product
    from phoenix.model.process import Process
    from phoenix.model.recipe import Parameter, Recipe
    from phoenix.steps.frames import Inputs
    from phoenix.steps.recipe.runner import RecipeExit, RecipeRunner
    from phoenix.steps.shelf.scratch import Attempt
    from phoenix.steps.task import ProcessTask

__all__ = ["Trial", "merged", "recipe_of", "try_recipe"]

# Signals that a recipe does not send itself: the system out of memory, a person, a shutdown.
_FROM_OUTSIDE = {"SIGKILL", "SIGTERM", "SIGHUP", "SIGINT"}
# Killed from outside so often, it is no accident (ours).
_TRIES = 3
_FULL_WORDS = (
    "No space left on device",
    "Disk quota exceeded",
    "File too large",
    # CPL's words; a recipe writes into an empty folder of its own, so nothing else is in its way,
    # but for what no file can hold.
    "Cannot create local file",
)
_NOT_FITS = "Illegal input"
"""CPL's word for what it did not write because FITS has no such thing, as no number in a card."""
# With less free space than a log and a manifest take the disk is full (ours).
_LEAST_FREE_BYTES = 1 << 20


@frozen
class Trial:
    """What a recipe made and what it is worth.

    Attributes
    ----------
    ab : AssociationBlock
        As it was run; the plugin may have edited it for a second try.
    call : RecipeCall
        How the recipe was called.
    ended : RecipeExit
        How it ended.
    state : JobState
        SUCCESSFUL, GATED or FAILED.
    reason : str
        Why it is not SUCCESSFUL.
    products : tuple of Product
        In the folder to be published.
    retried : tuple of (str, str)
        What was wrong with an earlier try, and what was changed for the next one.
    mended : tuple of str
        What the plugin changed in the products.
    """

    ab: AssociationBlock
    call: RecipeCall
    ended: RecipeExit
    state: JobState
    reason: str = ""
    products: tuple[Product, ...] = ()
    retried: tuple[tuple[str, str], ...] = ()
    mended: tuple[str, ...] = ()


@frozen
class _Bench:
    """What all tries of an AB share."""

    instrument: Instrument
    process: Process
    recipe: Recipe
    task: ProcessTask
    inputs: Inputs
    attempt: Attempt


def recipe_of(process: Process, ab: AssociationBlock) -> Recipe:
    """Return the recipe of an AB.

    Raises
    ------
    DataError
        If the process has none of that name.
    """
    recipe = process.recipe(ab.recipe)
    if recipe is None:
        known = ", ".join(row.name for row in process.recipes)
        raise DataError(f"found recipe {ab.recipe}, expected one of {known}; mend the AB")
    return recipe


def merged(*groups: tuple[Parameter, ...]) -> tuple[Parameter, ...]:
    """Return the parameters of all groups; where two name the same one, the later counts."""
    return tuple({row.name: row for group in groups for row in group}.values())


def try_recipe(
    instrument: Instrument, process: Process, task: ProcessTask, inputs: Inputs, attempt: Attempt
) -> Trial:
    """Run the recipe of an AB, and again if the plugin knows better after the first try.

    Raises
    ------
    SettingsError
        If the recipe cannot be started.
    OSError
        If files cannot be written.
    """
    bench = _Bench(instrument, process, recipe_of(process, task.ab), task, inputs, attempt)
    first = _try(bench, task.ab)
    better = _second(bench, first)
    if better is None:
        return first
    for folder in (attempt.run, attempt.output, attempt.publish):
        _empty(folder)
    second = _try(bench, better)
    return evolve(second, retried=((first.reason, better.edits[-1].why),))


def _second(bench: _Bench, first: Trial) -> AssociationBlock | None:
    """Return the AB as the plugin wants to try it again, None where it has no idea."""
    ended_by_itself = first.ended.code is not None and not first.ended.time_limit_s
    if first.state is JobState.SUCCESSFUL or not ended_by_itself:
        return None
    outcome = RecipeOutcome(first.ab, first.products, first.ended.log, bench.inputs.frames)
    better = bench.instrument.second_try(
        bench.process, first.ab, bench.inputs.frames, outcome, first.reason
    )
    return better if better is not None and better.parameters != first.ab.parameters else None


def _try(bench: _Bench, ab: AssociationBlock) -> Trial:
    call = _call(bench, ab)
    ended = _run(runner_of(bench.recipe.pipeline, bench.task.runner), call)
    if not ended.ok:
        return Trial(ab, call, ended, JobState.FAILED, _why_failed(call, ended, bench.attempt))
    odd = odd_products(call.output)
    if odd:
        return Trial(ab, call, ended, JobState.GATED, f"{bench.recipe.name}: {'; '.join(odd)}")
    found = collect_products(call.output, call.listing)
    products = take_products(bench.instrument, bench.process, ab, found, bench.attempt.publish)
    gates = bench.instrument.gates(bench.process, bench.recipe)
    outcome = RecipeOutcome(ab, products, ended.log, bench.inputs.frames)
    wrong = check_outcome(bench.recipe, gates, outcome)
    if wrong:
        reason = f"{bench.recipe.name}: {'; '.join(wrong)}"
        return Trial(ab, call, ended, JobState.GATED, reason, products)
    kept = _kept(products)
    mended = bench.instrument.mend_products(bench.process, ab, kept)
    return Trial(ab, call, ended, JobState.SUCCESSFUL, products=kept, mended=mended)


def _kept(products: tuple[Product, ...]) -> tuple[Product, ...]:
    kept = tuple(product for product in products if product.role is not Role.DISCARD)
    for product in set(products) - set(kept):
        product.path.unlink()
    return kept


def _call(bench: _Bench, ab: AssociationBlock) -> RecipeCall:
    return RecipeCall(
        name=ab.root,
        recipe=ab.recipe,
        frames=bench.inputs.frames,
        parameters=merged(bench.recipe.parameters, bench.task.parameters, ab.parameters),
        folder=bench.attempt.run,
        output=bench.attempt.output,
        cores=bench.task.resources.cores,
        time_limit_s=bench.task.resources.time_limit_s,
    )


def _run(runner: RecipeRunner, call: RecipeCall) -> RecipeExit:
    """Run a recipe; that it was killed says nothing of its data, so it is run again."""
    ended = runner.run(call)
    for _ in range(_TRIES - 1):
        if not _was_killed(ended):
            break
        for folder in (call.folder, call.output):
            _empty(folder)
        ended = runner.run(call)
    return ended


def _was_killed(ended: RecipeExit) -> bool:
    return ended.signal in _FROM_OUTSIDE and not ended.time_limit_s


def _filled_the_disk(ended: RecipeExit, folder: Path) -> bool:
    """Whether a recipe that failed did so because the disk is full, or it may not write more."""
    words = _FULL_WORDS[:-1] if _NOT_FITS in ended.log else _FULL_WORDS
    if ended.signal == "SIGXFSZ" or any(one in ended.log for one in words):
        return True
    facts = os.statvfs(folder)
    return facts.f_bavail * facts.f_frsize < _LEAST_FREE_BYTES


def _empty(folder: Path) -> None:
    shutil.rmtree(folder)
    folder.mkdir()


def _why_failed(call: RecipeCall, ended: RecipeExit, attempt: Attempt) -> str:
    story = f"{call.recipe} {ended}: {last_words(ended.log)}"
    if _was_killed(ended):
        return f"{story}; {_TRIES} times: see who ends it, or whether the memory is too small"
    if not _filled_the_disk(ended, attempt.folder):
        return story
    # What it wrote fills the disk for all others too, and for our own manifest.
    for path in attempt.folder.rglob("*.fits"):
        path.unlink()
    return f"disk full: {story}; free space below {attempt.folder.parents[3]} and run the AB again"
