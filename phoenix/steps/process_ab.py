"""Process one AB: fetch its inputs, run its recipe, check what came out, publish.

What a worker does for one job. Bad data and broken recipes end in a state with a reason, never in
an exception; nothing is visible before it is complete, and nothing is done twice.
"""

from __future__ import annotations

import datetime as dt
import shutil
from typing import TYPE_CHECKING

from attrs import field, frozen

from phoenix.errors import DataError, PhoenixError
from phoenix.instrument import load_instrument
from phoenix.model.frames import Role
from phoenix.model.gate import RecipeOutcome
from phoenix.model.recipe import Resources
from phoenix.model.report import ABResult, JobState
from phoenix.model.workspace import Workspace
from phoenix.steps.check_outcome import check_outcome
from phoenix.steps.checksum import ab_checksum, file_checksum, job_key
from phoenix.steps.done_before import done_before
from phoenix.steps.frames import gather_inputs
from phoenix.steps.manifest import MANIFEST, Manifest, ProductFile, write_manifest
from phoenix.steps.products import collect_products, take_products
from phoenix.steps.publish import filled_the_disk, is_disk_full, publish
from phoenix.steps.recipe_log import last_words
from phoenix.steps.runner import RecipeCall, RecipeExit, RunnerSettings
from phoenix.steps.runners import runner_of
from phoenix.steps.scratch import begin_attempt
from phoenix.steps.versions import versions_of

if TYPE_CHECKING:
    from pathlib import Path

    from phoenix.archive.source import Source
    from phoenix.instrument import Instrument
    from phoenix.model.ab import AssociationBlock
    from phoenix.model.frames import Product
    from phoenix.model.process import Process
    from phoenix.model.recipe import Parameter, Recipe
    from phoenix.steps.frames import Inputs
    from phoenix.steps.runner import RecipeRunner
    from phoenix.steps.scratch import Attempt

__all__ = ["ProcessTask", "Published", "merged", "process_ab", "process_with"]


# Signals that a recipe does not send itself: the system out of memory, a person, a shutdown.
_FROM_OUTSIDE = {"SIGKILL", "SIGTERM", "SIGHUP", "SIGINT"}
_TRIES = 3


@frozen
class ProcessTask:
    """Everything that a worker needs to process one AB; picklable.

    Attributes
    ----------
    ab : AssociationBlock
        As it stands in the cascade.
    instrument, process : str
        Names of the plugin and of its process.
    workspace : Path
        Root of the workspace, absolute.
    sources : tuple of Source
        Where raw frames and master calibrations come from.
    parameters : tuple of Parameter
        From the settings; they go before those of the AB.
    resources : Resources
        Cores and time limit.
    runner : RunnerSettings
        How recipes are started.
    """

    ab: AssociationBlock
    instrument: str
    process: str
    workspace: Path
    sources: tuple[Source, ...] = field(default=(), converter=tuple)
    parameters: tuple[Parameter, ...] = ()
    resources: Resources = field(factory=Resources)
    runner: RunnerSettings = field(factory=RunnerSettings)


@frozen
class Published:
    """What is on disk after an AB was processed.

    Attributes
    ----------
    folder : Path or None
        The folder of products, or of what is left for inspection; None where nothing was begun.
    manifest : Manifest or None
        What lies in it.
    done_before : bool
        True if an earlier run had done the same and nothing was run.
    """

    folder: Path | None = None
    manifest: Manifest | None = None
    done_before: bool = False


def process_ab(task: ProcessTask) -> tuple[ABResult, Published]:
    """Process one AB.

    Returns
    -------
    result : ABResult
        SUCCESSFUL, GATED or FAILED; the latter two with a reason in one sentence.
    published : Published
        What is on disk.

    Raises
    ------
    PluginError
        If the plugin cannot be loaded.
    """
    return process_with(load_instrument(task.instrument), task)


def process_with(instrument: Instrument, task: ProcessTask) -> tuple[ABResult, Published]:
    """Process one AB with a loaded instrument; see :func:`process_ab`."""
    try:
        return _process(instrument, task)
    except PhoenixError as error:
        return _failed(task, str(error)), Published()
    except OSError as error:
        return _failed(task, _disk_reason(error)), Published()


def _process(instrument: Instrument, task: ProcessTask) -> tuple[ABResult, Published]:
    process = instrument.process(task.process)
    recipe = _recipe(process, task.ab)
    parameters = merged(recipe.parameters, task.parameters, task.ab.parameters)
    workspace = Workspace(task.workspace)
    earlier = done_before(workspace, task.ab, recipe, parameters)
    if earlier is not None:
        folder, manifest = earlier
        return _result(manifest), Published(folder, manifest, done_before=True)
    inputs = gather_inputs(workspace, task.ab, task.sources)
    attempt = begin_attempt(workspace.folder("scratch", task.ab.date), task.ab.root)
    try:
        call = _call(task, parameters, inputs, attempt)
        ended = _run(runner_of(recipe.pipeline, task.runner), call)
        made = _judge(instrument, process, task, call, ended, attempt)
        manifest = _manifest(task, recipe, parameters, inputs, ended, made)
        return _result(manifest), _publish(workspace, task, manifest, call, ended, attempt)
    finally:
        attempt.close()


def _run(runner: RecipeRunner, call: RecipeCall) -> RecipeExit:
    """Run a recipe; that it was killed says nothing of its data, so it is run again."""
    ended = runner.run(call)
    for _ in range(_TRIES - 1):
        if not _was_killed(ended):
            break
        for folder in (call.folder, call.output):
            shutil.rmtree(folder)
            folder.mkdir()
        ended = runner.run(call)
    return ended


def _was_killed(ended: RecipeExit) -> bool:
    return ended.signal in _FROM_OUTSIDE and not ended.time_limit_s


def _recipe(process: Process, ab: AssociationBlock) -> Recipe:
    recipe = process.recipe(ab.recipe)
    if recipe is None:
        known = ", ".join(row.name for row in process.recipes)
        raise DataError(f"found recipe {ab.recipe}, expected one of {known}; mend the AB")
    return recipe


def merged(*groups: tuple[Parameter, ...]) -> tuple[Parameter, ...]:
    """Return the parameters of all groups; where two name the same one, the later counts."""
    return tuple({row.name: row for group in groups for row in group}.values())


def _call(
    task: ProcessTask, parameters: tuple[Parameter, ...], inputs: Inputs, attempt: Attempt
) -> RecipeCall:
    return RecipeCall(
        name=task.ab.root,
        recipe=task.ab.recipe,
        frames=inputs.frames,
        parameters=parameters,
        folder=attempt.run,
        output=attempt.output,
        cores=task.resources.cores,
        time_limit_s=task.resources.time_limit_s,
    )


@frozen
class _Made:
    """What a recipe made and what it is worth."""

    state: JobState
    reason: str = ""
    products: tuple[Product, ...] = ()


def _judge(
    instrument: Instrument,
    process: Process,
    task: ProcessTask,
    call: RecipeCall,
    ended: RecipeExit,
    attempt: Attempt,
) -> _Made:
    if not ended.ok:
        return _Made(JobState.FAILED, _why_failed(call, ended, attempt))
    found = collect_products(call.output, call.listing)
    products = take_products(instrument, process, task.ab, found, attempt.publish)
    recipe = _recipe(process, task.ab)
    outcome = RecipeOutcome(task.ab, products, ended.log)
    wrong = check_outcome(recipe, instrument.gates(process, recipe), outcome)
    if wrong:
        return _Made(JobState.GATED, f"{recipe.name}: {'; '.join(wrong)}", products)
    kept = tuple(product for product in products if product.role is not Role.DISCARD)
    for product in set(products) - set(kept):
        product.path.unlink()
    return _Made(JobState.SUCCESSFUL, products=kept)


def _why_failed(call: RecipeCall, ended: RecipeExit, attempt: Attempt) -> str:
    story = f"{call.recipe} {ended}: {last_words(ended.log)}"
    if _was_killed(ended):
        return f"{story}; {_TRIES} times: see who ends it, or whether the memory is too small"
    if not filled_the_disk(ended, attempt.folder):
        return story
    # What it wrote fills the disk for all others too, and for our own manifest.
    for path in attempt.folder.rglob("*.fits"):
        path.unlink()
    return f"disk full: {story}; free space below {attempt.folder.parents[3]} and run the AB again"


def _manifest(
    task: ProcessTask,
    recipe: Recipe,
    parameters: tuple[Parameter, ...],
    inputs: Inputs,
    ended: RecipeExit,
    made: _Made,
) -> Manifest:
    identities = [(row.tag, row.identity) for row in inputs.files]
    return Manifest(
        ab_name=str(task.ab.name),
        job_key=job_key(task.ab, recipe, parameters, identities),
        ab_sha256=ab_checksum(task.ab),
        instrument=task.instrument,
        process=task.process,
        recipe=recipe.name,
        state=made.state,
        reason=made.reason,
        command=ended.command,
        exit_code=ended.code,
        signal=ended.signal,
        started=dt.datetime.fromtimestamp(ended.started, dt.UTC).isoformat(timespec="seconds"),
        host=ended.host,
        wall_s=round(ended.wall_s, 3),
        cpu_s=round(ended.cpu_s, 3),
        peak_memory_mb=round(ended.peak_memory_mb, 1),
        versions=versions_of(task.instrument, ended.log, made.products),
        parents=inputs.parents,
        inputs=inputs.files,
        products=tuple(map(_product_file, made.products)),
    )


def _product_file(product: Product) -> ProductFile:
    return ProductFile(
        name=product.path.name,
        pro_catg=product.pro_catg,
        role=product.role,
        size=product.path.stat().st_size,
        sha256=file_checksum(product.path),
    )


def _publish(
    workspace: Workspace,
    task: ProcessTask,
    manifest: Manifest,
    call: RecipeCall,
    ended: RecipeExit,
    attempt: Attempt,
) -> Published:
    left = list(call.output.glob("*.fits")) if manifest.state is JobState.FAILED else []
    for path in (call.sof, *left):
        path.rename(attempt.publish / path.name)
    (attempt.publish / call.log.name).write_text(ended.log, "utf-8")
    write_manifest(manifest, attempt.publish / MANIFEST)
    return Published(publish(workspace, task.ab, manifest.state, attempt), manifest)


def _result(manifest: Manifest) -> ABResult:
    return ABResult(
        ab_name=manifest.ab_name,
        state=manifest.state,
        reason=manifest.reason,
        products=len(manifest.products) if manifest.state is JobState.SUCCESSFUL else 0,
        wall_s=manifest.wall_s,
        cpu_s=manifest.cpu_s,
        peak_memory_mb=manifest.peak_memory_mb,
    )


def _failed(task: ProcessTask, reason: str) -> ABResult:
    return ABResult(str(task.ab.name), JobState.FAILED, reason)


def _disk_reason(error: OSError) -> str:
    if is_disk_full(error):
        return f"disk full: {error}; free space and run the AB again"
    return f"cannot read or write {error.filename or 'a file'}: {error.strerror or error}"
