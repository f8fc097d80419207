"""The work of :mod:`throughput`: an AB whose recipe, a stand-in, sleeps as long as it is told."""

from __future__ import annotations

from functools import lru_cache
from types import SimpleNamespace
from typing import TYPE_CHECKING

from phoenix.engine.job import Done
from phoenix.hookspecs import hookimpl
from phoenix.instrument import Instrument, from_module
from phoenix.model.frames import Role
from phoenix.model.process import Process, RawType
from phoenix.model.recipe import Recipe, RecipeProduct
from phoenix.steps.process_ab import process_ab

if TYPE_CHECKING:
    from phoenix.steps.task import ProcessTask

PROCESS = Process(
    "FAKE",
    "fake",
    "FA",
    (RawType("SCIENCE", "fakescience"),),
    (Recipe("fakescience", "fake", products=(RecipeProduct("SPECTRUM", Role.SCIENCE),)),),
)


@lru_cache(maxsize=1)
def instrument() -> Instrument:
    return from_module("fake", SimpleNamespace(processes=hookimpl(lambda: [PROCESS])))


def load_for_jobs(_: object) -> None:
    """Load what a job needs before the first comes, as the line has its workers do."""
    instrument()


def sleep_and_make(task: ProcessTask) -> Done:
    """Process one AB."""
    result, published = process_ab(task, instrument())
    return Done(result, published)
