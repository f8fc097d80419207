"""One AB to be processed, and what is on disk afterwards: what goes to a worker and comes back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import field, frozen

from phoenix.model.recipe import Resources
from phoenix.steps.recipe.runner import RunnerSettings

if TYPE_CHECKING:
    from pathlib import Path

    from phoenix.archive.source import Source
    from phoenix.model.ab import AssociationBlock
    from phoenix.model.recipe import Parameter
    from phoenix.model.threshold import ScoreRule
    from phoenix.steps.shelf.manifest import Manifest

__all__ = ["ProcessTask", "Published"]


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
    rules : tuple of ScoreRule
        What its products are judged by where a gate holds them back.
    bring_back : bool
        Whether products that were taken away are made again, for an AB that reads them.
    """

    ab: AssociationBlock
    instrument: str
    process: str
    workspace: Path
    sources: tuple[Source, ...] = ()
    parameters: tuple[Parameter, ...] = ()
    resources: Resources = field(factory=Resources)
    runner: RunnerSettings = field(factory=RunnerSettings)
    lost: tuple[tuple[str, str], ...] = ()
    without: tuple[tuple[str, str], ...] = ()
    rules: tuple[ScoreRule, ...] = ()
    bring_back: bool = False


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
    brought_back : bool
        True if of what an earlier run had done only those products were made again that had been
        taken away.
    """

    folder: Path | None = None
    manifest: Manifest | None = None
    done_before: bool = False
    brought_back: bool = False
