"""Hooks from the processes of an instrument to the products of one recipe."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phoenix.hookspecs.marker import hookspec

if TYPE_CHECKING:
    from collections.abc import Iterable

    from phoenix.model.ab import AssociationBlock
    from phoenix.model.frames import MasterCalibration, Product, SetOfFrames
    from phoenix.model.gate import Gate, RecipeOutcome
    from phoenix.model.process import Process
    from phoenix.model.recipe import Recipe, Resources, Spent, Step
    from phoenix.model.rules import RuleAdaptation

__all__ = [
    "adapt_rules",
    "build_cascade",
    "check_inputs",
    "do_without",
    "edit_ab",
    "gates",
    "label_product",
    "mend_products",
    "processes",
    "resources",
    "second_try",
]


@hookspec
def processes() -> Iterable[Process]:  # type: ignore[empty-body]
    """Offer processes (all).

    Returns
    -------
    iterable of Process
        Rows: raw types, recipes and their products, data pool, review policy.

    Examples
    --------
    >>> @hookimpl
    ... def processes():
    ...     return [GIRAFFE_MOS]
    """


@hookspec
def adapt_rules(process: Process) -> Iterable[RuleAdaptation]:  # type: ignore[empty-body]
    """Change the association rules that come with the pipeline (all).

    They serve the telescope: they ask for first guesses that a fresh month of data does not have,
    and leave out what only archive products need. Each row says which action it changes and why.
    Products follow from those that the recipes' rows require; only where these do not tell
    (several detectors, a recipe of old) does an action need a row. Rules of one's own are added
    by a row or by a file of the plugin's package, and groupings of the pipeline's are taken out.
    Rule files named in phoenix.toml are taken as they are.

    Returns
    -------
    iterable of RuleAdaptation
        SelectLimits, AddedSelects, BlockTag, MadeProducts, AddedRules or DroppedGroupings.

    Examples
    --------
    >>> @hookimpl
    ... def adapt_rules():
    ...     why = "a first month has no solution to start from"
    ...     return [SelectLimits("giwavecalibration", "DISPERSION_SOLUTION", 0, 1, why)]
    """


@hookspec(firstresult=True)
def edit_ab(process: Process, ab: AssociationBlock) -> AssociationBlock | None:
    """Bring a historical AB to today's standard (first).

    Called once for each selected AB before the cascade is built. ABs of 2003 carry the recipe
    names, parameters and tags of 2003; here they learn better. Do not associate again: the
    calibrations were certified with the AB (VLT-MAN-ESO-19600-6104, 4.1).

    Returns
    -------
    AssociationBlock or None
        The edited AB, every edit with its reason; None leaves it as it is. Editing an edited AB
        must change nothing more.

    Examples
    --------
    >>> @hookimpl
    ... def edit_ab(ab):
    ...     if ab.recipe == "masterbias":
    ...         return ab.edited(why="renamed in giraf 1.0", recipe="gimasterbias")
    """


@hookspec(firstresult=True)
def build_cascade(
    process: Process, blocks: tuple[AssociationBlock, ...]
) -> Iterable[AssociationBlock] | None:
    """Return the ABs of the cascade with their dependencies (first).

    The default makes an AB wait for every AB of the cascade that predicts one of its virtual
    calibrations. MUSE adds ABs that the repository does not have.

    Examples
    --------
    >>> @hookimpl
    ... def build_cascade(blocks):
    ...     return None
    """


@hookspec(firstresult=True)
def resources(
    process: Process, ab: AssociationBlock, step: Step, history: tuple[Spent, ...]
) -> Resources | None:
    """Say what a job of this AB takes (first).

    By default it is for a recipe what its row says, for the other steps one core, 700 MB and
    600 s; and where this recipe and step took more memory before, that is kept free for it as far
    as the machine has it; for more input files than there were before, more of it
    (:func:`phoenix.toolkit.memory.learned_memory_mb`).

    A stream with a width lets no more than so many ABs run at a time. Where memory grows with the
    inputs, say by how much for each: what no machine could hold is left out before the start, and
    told; `do_without` says whether the AB can be run so.

    Parameters
    ----------
    process, ab
        What is to be run.
    step : Step
        Which of its jobs: recipe, QC, report or conversion.
    history : tuple of Spent
        What the latest ABs of the same recipe took in the same step, the newest first, 50 at
        most; empty for conversions.

    Examples
    --------
    >>> @hookimpl
    ... def resources(ab, step):
    ...     if step is not Step.RECIPE:
    ...         return None
    ...     return Resources(cores=1, memory_mb=150 + 20 * len(ab.raw_files))

    >>> @hookimpl
    ... def resources(ab, step, history):
    ...     if step is not Step.RECIPE or ab.recipe != "muse_exp_combine":
    ...         return None
    ...     tables = [one for one in ab.calibrations if one.pro_catg == "PIXTABLE_REDUCED"]
    ...     each = math.ceil(memory_per_file_mb(history)) or 9000
    ...     most = 2000 + each * len(tables)
    ...     return Resources(memory_mb=most, each_of="PIXTABLE_REDUCED", each_mb=each)
    """


@hookspec(firstresult=True)
def do_without(
    process: Process, ab: AssociationBlock, missing: tuple[MasterCalibration, ...]
) -> AssociationBlock | None:
    """Change an AB so that it can be run without some products of its parents (first).

    Asked of every parent when jobs are made: an AB that can do without a parent is not BLOCKED by
    it, but waits until it has ended, however it ended. Asked again when such a parent has no
    products, or not all that were predicted. That a rule of the association has ``minRet = 0``
    says only that an AB is complete without; whether its result can be used then, this hook says.

    Parameters
    ----------
    process, ab
        What is to be run.
    missing : tuple of MasterCalibration
        Those of its virtual calibrations that there are not; all of a parent that has no
        products.

    Returns
    -------
    AssociationBlock or None
        The AB without these calibrations, and predicting no more than it then makes; edited with
        a reason that says what this means for its products. None if it cannot be run so.

    Examples
    --------
    >>> @hookimpl
    ... def do_without(ab, missing):
    ...     if all(one.pro_catg == "RESPONSE" for one in missing):
    ...         left = tuple(one for one in ab.calibrations if one not in missing)
    ...         return ab.edited(why="no response: flux in counts", calibrations=left)
    """


@hookspec
def check_inputs(  # type: ignore[empty-body]
    process: Process, ab: AssociationBlock, frames: SetOfFrames
) -> Iterable[str]:
    """Say why a recipe must not be started (all): its frames are all there, look at them.

    For what would crash the recipe or keep it busy in vain. The AB fails with these reasons.

    Returns
    -------
    iterable of str
        One sentence for each thing that is wrong: where, found, expected, what to do.

    Examples
    --------
    >>> @hookimpl
    ... def check_inputs(frames):
    ...     for path, tag in frames.frames:
    ...         if tag == "SCIENCE" and "ESO TEL AIRM START" not in read_header(path):
    ...             yield f"{path.name}: found no TEL AIRM START; the recipe would crash"
    """


@hookspec
def gates(process: Process, recipe: Recipe) -> Iterable[Gate]:  # type: ignore[empty-body]
    """Say what a finished recipe must show, because exit code 0 proves nothing (all).

    Products declared as required, products that the AB predicts, and ERROR lines of the log are
    checked anyway.

    Examples
    --------
    >>> @hookimpl
    ... def gates(recipe):
    ...     return [row for row in GATES if row.recipe == recipe.name]
    """


@hookspec(firstresult=True)
def second_try(
    process: Process,
    ab: AssociationBlock,
    frames: SetOfFrames,
    outcome: RecipeOutcome,
    reason: str,
) -> AssociationBlock | None:
    """Try a recipe once more with other parameters, after it failed or broke a gate (first).

    Parameters
    ----------
    process, ab, frames
        What was run.
    outcome : RecipeOutcome
        What it left behind; no products where it ended with an error.
    reason : str
        What was wrong.

    Returns
    -------
    AssociationBlock or None
        The AB with other parameters, edited with the reason; its frames are not gathered again.
        None where nothing better is known. There is no third try. The manifest keeps what was
        wrong and what was changed.

    Examples
    --------
    >>> @hookimpl
    ... def second_try(ab, frames, outcome):
    ...     if ab.recipe == "predict" and (shift := measured_shift(frames, outcome)):
    ...         told = (*ab.parameters, Parameter("trans_x", f"{shift:.0f}"))
    ...         return ab.edited(why="the spectra have moved", parameters=told)
    """


@hookspec
def mend_products(  # type: ignore[empty-body]
    process: Process, ab: AssociationBlock, products: tuple[Product, ...]
) -> Iterable[str]:
    """Change products that a recipe made well but for one known fault, and say what (all).

    Called after all gates were passed, before the products are published: what is changed here is
    what is measured, drawn and given to other ABs. For faults that no parameter of the recipe
    mends. What was changed belongs into the file, too (HISTORY).

    Returns
    -------
    iterable of str
        One sentence for each change: file, what, why. The manifest and the page keep them.

    Examples
    --------
    >>> @hookimpl
    ... def mend_products(ab, products):
    ...     for product in products:
    ...         if product.pro_catg == "RESPONSE" and (lines := smoothed(product.path)):
    ...             yield f"{product.path.name}: {lines} lines of the star were bridged"
    """


@hookspec(firstresult=True)
def label_product(process: Process, ab: AssociationBlock, product: Product) -> Product | None:
    """Give a product its role and PRO.CATG (first); the default is what the recipe's row says.

    Examples
    --------
    >>> @hookimpl
    ... def label_product(product):
    ...     return evolve(product, role=Role.DISCARD) if product.pro_catg == "QC" else None
    """
