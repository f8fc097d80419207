"""Process one AB: fetch its inputs, run its recipe, check what came out, publish.

What a worker does for one job. Bad data and broken recipes end in a state with a reason, never in
an exception; nothing is visible before it is complete, and nothing is done twice.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from attrs import evolve

from phoenix.errors import DataError, PhoenixError
from phoenix.formats.abfile import format_ab
from phoenix.formats.fits.sums import digest_and_sums
from phoenix.instrument import load_instrument
from phoenix.model.frames import Role
from phoenix.model.observation import Observation
from phoenix.model.report import INPUT_FILES, INPUT_MB, ABResult, JobState
from phoenix.model.workspace import Workspace
from phoenix.steps.do_without import absent_products, without_parents
from phoenix.steps.frames import gather_inputs
from phoenix.steps.recipe.tries import merged, recipe_of, try_recipe
from phoenix.steps.shelf.checksum import ab_checksum, file_checksum, job_key
from phoenix.steps.shelf.done_before import done_before
from phoenix.steps.shelf.intact import DELIVERED
from phoenix.steps.shelf.manifest import (
    Manifest,
    ProductFile,
    successful_manifest,
    write_manifest,
)
from phoenix.steps.shelf.places import Places, Record
from phoenix.steps.shelf.publish import disk_reason, publish
from phoenix.steps.shelf.scratch import begin_attempt
from phoenix.steps.shelf.taken import gone_products, put_back
from phoenix.steps.task import Published
from phoenix.steps.versions import told_by, versions_of

if TYPE_CHECKING:
    from pathlib import Path

    from phoenix.instrument import Instrument
    from phoenix.model.ab import AssociationBlock
    from phoenix.model.frames import MasterCalibration, Product
    from phoenix.model.process import Process
    from phoenix.model.recipe import Parameter, Recipe
    from phoenix.steps.frames import Inputs
    from phoenix.steps.recipe.tries import Trial
    from phoenix.steps.shelf.scratch import Attempt
    from phoenix.steps.task import ProcessTask

__all__ = ["process_ab", "result_of"]


def process_ab(
    task: ProcessTask, instrument: Instrument | None = None
) -> tuple[ABResult, Published]:
    """Process one AB.

    Parameters
    ----------
    task : ProcessTask
        What is to be done.
    instrument : Instrument, optional
        The plugin, if it is loaded already.

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
    instrument = instrument or load_instrument(task.instrument)
    try:
        process = instrument.process(task.process)
        spared = _without_lost(instrument, process, task)
        if spared is None:
            culprits = _culprits(task)
            return ABResult(str(task.ab.name), JobState.BLOCKED, culprits), Published()
        return _process(instrument, process, spared)
    except PhoenixError as error:
        return _failed(task, str(error)), Published()
    except OSError as error:
        return _failed(task, disk_reason(error)), Published()


def _process(
    instrument: Instrument, process: Process, task: ProcessTask
) -> tuple[ABResult, Published]:
    """Find that it was done before, with or without what is absent, or do it."""
    workspace = Workspace(task.workspace)
    while (earlier := _earlier(workspace, process, task)) is None:
        absent = absent_products(workspace, task.ab)
        less = instrument.do_without(process, task.ab, absent) if absent else None
        if less is None:
            return _run(instrument, process, task)
        task = _changed(task, less, _names(absent))
    folder, manifest = earlier
    places = Places.of(workspace, task.ab)
    if task.bring_back and gone_products(places, manifest):
        return _bring_back(instrument, process, task, manifest)
    return result_of(manifest), Published(folder, manifest, done_before=True)


def _bring_back(
    instrument: Instrument, process: Process, task: ProcessTask, manifest: Manifest
) -> tuple[ABResult, Published]:
    """Run the recipe once more for the products that were taken away; all else stays."""
    workspace = Workspace(task.workspace)
    inputs, places = gather_inputs(workspace, task.ab, task.sources), Places.of(workspace, task.ab)
    attempt = begin_attempt(places.scratch, places.root)
    try:
        trial = try_recipe(instrument, process, task, inputs, attempt)
        wanted = {row.name for row in gone_products(places, manifest)}
        lost = wanted - {product.path.name for product in trial.products}
        if trial.state is not JobState.SUCCESSFUL or lost:
            why = trial.reason or f"the recipe does not make {', '.join(sorted(lost))} any more"
            return _failed(task, f"what was taken away cannot be made again: {why}"), Published()
        whole = put_back(places, manifest, attempt)
        return result_of(whole), Published(places.published, whole, brought_back=True)
    finally:
        attempt.close()


def _earlier(
    workspace: Workspace, process: Process, task: ProcessTask
) -> tuple[Path, Manifest] | None:
    recipe = recipe_of(process, task.ab)
    return done_before(workspace, task.ab, recipe, _parameters(recipe, task))


def _run(
    instrument: Instrument, process: Process, task: ProcessTask
) -> tuple[ABResult, Published]:
    """Fetch the inputs, run the recipe and publish what came out."""
    recipe, workspace = recipe_of(process, task.ab), Workspace(task.workspace)
    inputs = gather_inputs(workspace, task.ab, task.sources)
    unfit = instrument.check_inputs(process, task.ab, inputs.frames)
    if unfit:
        raise DataError(f"{recipe.name} was not started: {'; '.join(unfit)}")
    places = Places.of(workspace, task.ab)
    attempt = begin_attempt(places.scratch, places.root)
    try:
        trial = try_recipe(instrument, process, task, inputs, attempt)
        manifest = _manifest(task, recipe, _parameters(recipe, task), inputs, trial)
        return result_of(manifest), _publish(places, task, manifest, trial, attempt)
    finally:
        attempt.close()


def _parameters(recipe: Recipe, task: ProcessTask) -> tuple[Parameter, ...]:
    return merged(recipe.parameters, task.parameters, task.ab.parameters)


# ---- less than was asked for -------------------------------------------------------------------


def _without_lost(
    instrument: Instrument, process: Process, task: ProcessTask
) -> ProcessTask | None:
    """Return the task without its lost parents, None if the AB cannot do without them."""
    if not task.lost:
        return task
    less = without_parents(instrument, process, task.ab, {name for name, _ in task.lost})
    return None if less is None else _changed(task, less, _culprits(task))


def _culprits(task: ProcessTask) -> str:
    return "; ".join(dict.fromkeys(culprit for _, culprit in task.lost))


def _changed(task: ProcessTask, less: AssociationBlock, missing: str) -> ProcessTask:
    """Return the task for an AB that was changed to do without something."""
    meaning = less.edits[len(task.ab.edits)].why
    return evolve(task, ab=less, without=(*task.without, (missing, meaning)))


def _names(absent: tuple[MasterCalibration, ...]) -> str:
    kinds = ", ".join(dict.fromkeys(one.pro_catg for one in absent))
    return f"{kinds} of {', '.join(dict.fromkeys(one.parent for one in absent))}"


# ---- what is written down -----------------------------------------------------------------------


def _manifest(
    task: ProcessTask,
    recipe: Recipe,
    parameters: tuple[Parameter, ...],
    inputs: Inputs,
    trial: Trial,
) -> Manifest:
    identities = [(row.tag, row.identity) for row in inputs.files]
    ended, told = trial.ended, told_by(trial.products)
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
        versions=versions_of(task.instrument, ended.log, told),
        observation=Observation.of(told, task.ab.obs_prog_id),
        parents=inputs.parents,
        inputs=inputs.files,
        products=tuple(map(_product_file, trial.products)),
        retried=trial.retried,
        mended=trial.mended,
        without=task.without,
        replaces=_replaced(task),
    )


def _made_without(task: ProcessTask) -> str:
    return "; ".join(f"made without {missing}: {meaning}" for missing, meaning in task.without)


def _replaced(task: ProcessTask) -> str:
    """Return what an earlier run made without something that is there now."""
    earlier = successful_manifest(Places.of(Workspace(task.workspace), task.ab))
    if earlier is None or not earlier[1].without or earlier[1].without == task.without:
        return ""
    return f"what was made at {earlier[1].started}, {earlier[1].reason}"


def _product_file(product: Product) -> ProductFile:
    sha256, sums = _checksums(product)
    return ProductFile(
        name=product.path.name,
        pro_catg=product.pro_catg,
        role=product.role,
        size=product.path.stat().st_size,
        sha256=sha256,
        data_sums=sums,
    )


def _checksums(product: Product) -> tuple[str, tuple[int, ...]]:
    """Return the sha256 of a product and the sums of its data, as far as they will be wanted."""
    if product.role is Role.SCIENCE:
        # IDPs are copies of these: their headers want the sums before the data are read.
        return digest_and_sums(product.path)
    # What is never delivered is compared by its size: tables of gigabytes are not read again.
    return file_checksum(product.path) if product.role in DELIVERED else "", ()


def _publish(
    places: Places, task: ProcessTask, manifest: Manifest, trial: Trial, attempt: Attempt
) -> Published:
    call, folder = trial.call, attempt.publish
    left = list(call.output.glob("*.fits")) if manifest.state is JobState.FAILED else []
    for path in (call.sof, *left):
        path.rename(folder / path.name)
    (folder / call.log.name).write_text(trial.ended.log, "utf-8")
    if trial.retried or task.without:
        places.fresh(Record.AS_RUN, folder).write_text(format_ab(trial.ab), "utf-8")
    record = places.fresh(Record.MANIFEST, folder)
    write_manifest(manifest, record)
    kept = (folder / row.name for row in manifest.products if row.role in DELIVERED)
    place = publish(places, manifest.state, attempt, (*kept, record))
    return Published(place, manifest)


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
        details=_details(manifest),
    )


def _details(manifest: Manifest) -> tuple[tuple[str, str], ...]:
    size = sum(row.size for row in manifest.inputs) / 1e6
    read = ((INPUT_FILES, str(len(manifest.inputs))), (INPUT_MB, f"{size:.1f}"))
    return (("replaces", manifest.replaces), *read) if manifest.replaces else read


def _failed(task: ProcessTask, reason: str) -> ABResult:
    return ABResult(str(task.ab.name), JobState.FAILED, reason)
