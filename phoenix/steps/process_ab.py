"""Process one AB: fetch its inputs, run its recipe, check what came out, publish.

What a worker does for one job. Bad data and broken recipes end in a state with a reason, never in
an exception; nothing is visible before it is complete, and nothing is done twice.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from attrs import evolve, field, frozen

from phoenix.errors import DataError, PhoenixError
from phoenix.formats.abfile import format_ab
from phoenix.instrument import load_instrument
from phoenix.model.recipe import Resources
from phoenix.model.report import ABResult, JobState
from phoenix.model.workspace import Workspace
from phoenix.steps.do_without import absent_products, without_parents
from phoenix.steps.frames import gather_inputs
from phoenix.steps.recipe.runner import RunnerSettings
from phoenix.steps.recipe.tries import merged, recipe_of, try_recipe
from phoenix.steps.shelf.checksum import ab_checksum, file_checksum, job_key
from phoenix.steps.shelf.done_before import done_before, successful_manifest
from phoenix.steps.shelf.manifest import AS_RUN, MANIFEST, Manifest, ProductFile, write_manifest
from phoenix.steps.shelf.publish import is_disk_full, publish
from phoenix.steps.shelf.scratch import begin_attempt
from phoenix.steps.versions import versions_of

if TYPE_CHECKING:
    from pathlib import Path

    from phoenix.archive.source import Source
    from phoenix.instrument import Instrument
    from phoenix.model.ab import AssociationBlock
    from phoenix.model.frames import MasterCalibration, Product
    from phoenix.model.process import Process
    from phoenix.model.recipe import Parameter, Recipe
    from phoenix.steps.frames import Inputs
    from phoenix.steps.recipe.tries import Trial
    from phoenix.steps.shelf.scratch import Attempt

__all__ = ["ProcessTask", "Published", "merged", "process_ab", "process_with", "result_of"]


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
    lost : tuple of (str, str)
        Parents that ended without products, and what is wrong with them.
    without : tuple of (str, str)
        What the AB was changed to do without, and what this means for its products.
    """

    ab: AssociationBlock
    instrument: str
    process: str
    workspace: Path
    sources: tuple[Source, ...] = field(default=(), converter=tuple)
    parameters: tuple[Parameter, ...] = ()
    resources: Resources = field(factory=Resources)
    runner: RunnerSettings = field(factory=RunnerSettings)
    lost: tuple[tuple[str, str], ...] = ()
    without: tuple[tuple[str, str], ...] = ()


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
        SUCCESSFUL, GATED or FAILED; the latter two with a reason in one sentence. BLOCKED if so
        many parents are lost that the AB cannot do without them.
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
    if not task.lost:
        return _process_as_given(instrument, process, task)
    less = without_parents(instrument, process, task.ab, {name for name, _ in task.lost})
    culprits = "; ".join(dict.fromkeys(culprit for _, culprit in task.lost))
    if less is None:
        return ABResult(str(task.ab.name), JobState.BLOCKED, culprits), Published()
    return _process_as_given(instrument, process, _changed(task, less, culprits))


def _changed(task: ProcessTask, less: AssociationBlock, missing: str) -> ProcessTask:
    """Return the task for an AB that was changed to do without something."""
    meaning = less.edits[len(task.ab.edits)].why
    return evolve(task, ab=less, without=(*task.without, (missing, meaning)))


def _process_as_given(
    instrument: Instrument, process: Process, task: ProcessTask
) -> tuple[ABResult, Published]:
    recipe = recipe_of(process, task.ab)
    parameters = merged(recipe.parameters, task.parameters, task.ab.parameters)
    workspace = Workspace(task.workspace)
    earlier = done_before(workspace, task.ab, recipe, parameters)
    if earlier is not None:
        folder, manifest = earlier
        return result_of(manifest), Published(folder, manifest, done_before=True)
    absent = absent_products(workspace, task.ab)
    less = instrument.do_without(process, task.ab, absent) if absent else None
    if less is not None:
        return _process_as_given(instrument, process, _changed(task, less, _names(absent)))
    inputs = gather_inputs(workspace, task.ab, task.sources)
    unfit = instrument.check_inputs(process, task.ab, inputs.frames)
    if unfit:
        raise DataError(f"{recipe.name} was not started: {'; '.join(unfit)}")
    attempt = begin_attempt(workspace.folder("scratch", task.ab.date), task.ab.root)
    try:
        trial = try_recipe(instrument, process, task, inputs, attempt)
        manifest = _manifest(task, recipe, parameters, inputs, trial)
        return result_of(manifest), _publish(workspace, task, manifest, trial, attempt)
    finally:
        attempt.close()


def _names(absent: tuple[MasterCalibration, ...]) -> str:
    kinds = ", ".join(dict.fromkeys(one.pro_catg for one in absent))
    return f"{kinds} of {', '.join(dict.fromkeys(one.parent for one in absent))}"


def _manifest(
    task: ProcessTask,
    recipe: Recipe,
    parameters: tuple[Parameter, ...],
    inputs: Inputs,
    trial: Trial,
) -> Manifest:
    identities = [(row.tag, row.identity) for row in inputs.files]
    ended = trial.ended
    return Manifest(
        ab_name=str(task.ab.name),
        # Of the AB as it was given: a second try is found again by what was asked for.
        job_key=job_key(task.ab, recipe, parameters, identities),
        ab_sha256=ab_checksum(task.ab),
        instrument=task.instrument,
        process=task.process,
        recipe=recipe.name,
        state=trial.state,
        reason=trial.reason or _made_without(task),
        command=ended.command,
        exit_code=ended.code,
        signal=ended.signal,
        started=dt.datetime.fromtimestamp(ended.started, dt.UTC).isoformat(timespec="seconds"),
        host=ended.host,
        wall_s=round(ended.wall_s, 3),
        cpu_s=round(ended.cpu_s, 3),
        peak_memory_mb=round(ended.peak_memory_mb, 1),
        versions=versions_of(task.instrument, ended.log, trial.products),
        parents=inputs.parents,
        inputs=inputs.files,
        products=tuple(map(_product_file, trial.products)),
        retried=trial.retried,
        without=task.without,
        replaces=_replaced(task),
    )


def _made_without(task: ProcessTask) -> str:
    return "; ".join(f"made without {missing}: {meaning}" for missing, meaning in task.without)


def _replaced(task: ProcessTask) -> str:
    """Return what an earlier run made without something that is there now."""
    earlier = successful_manifest(Workspace(task.workspace), task.ab)
    if earlier is None or not earlier[1].without or earlier[1].without == task.without:
        return ""
    return f"what was made at {earlier[1].started}, {earlier[1].reason}"


def _product_file(product: Product) -> ProductFile:
    return ProductFile(
        name=product.path.name,
        pro_catg=product.pro_catg,
        role=product.role,
        size=product.path.stat().st_size,
        sha256=file_checksum(product.path),
    )


def _publish(
    workspace: Workspace, task: ProcessTask, manifest: Manifest, trial: Trial, attempt: Attempt
) -> Published:
    call, folder = trial.call, attempt.publish
    left = list(call.output.glob("*.fits")) if manifest.state is JobState.FAILED else []
    for path in (call.sof, *left):
        path.rename(folder / path.name)
    (folder / call.log.name).write_text(trial.ended.log, "utf-8")
    if trial.retried or task.without:
        (folder / f"{trial.ab.root}{AS_RUN}").write_text(format_ab(trial.ab), "utf-8")
    write_manifest(manifest, folder / MANIFEST)
    return Published(publish(workspace, task.ab, manifest.state, attempt), manifest)


def result_of(manifest: Manifest) -> ABResult:
    """Return how an AB ended by its manifest."""
    return ABResult(
        ab_name=manifest.ab_name,
        state=manifest.state,
        reason=manifest.reason,
        products=len(manifest.products) if manifest.state is JobState.SUCCESSFUL else 0,
        wall_s=manifest.wall_s,
        cpu_s=manifest.cpu_s,
        peak_memory_mb=manifest.peak_memory_mb,
        details=(("replaces", manifest.replaces),) if manifest.replaces else (),
    )


def _failed(task: ProcessTask, reason: str) -> ABResult:
    return ABResult(str(task.ab.name), JobState.FAILED, reason)


def _disk_reason(error: OSError) -> str:
    if is_disk_full(error):
        return f"disk full: {error}; free space and run the AB again"
    return f"cannot read or write {error.filename or 'a file'}: {error.strerror or error}"
