"""The settings of a workspace: each with its meaning, unit and limits.

This is the only place where a setting is described. The ``phoenix.toml`` that ``phoenix init``
writes, the checks at reading it and the reference page are all made from here.
"""

from __future__ import annotations

# Mapping and Any are looked up by attrs.resolve_types.
from collections.abc import Iterator, Mapping
from typing import Any, Final

import attrs
from attrs import Factory, field, frozen

from phoenix.errors import DataError
from phoenix.model.limits import Limits
from phoenix.model.override import Override, overrides_in
from phoenix.model.process import ANY, Look, ReviewRow
from phoenix.model.recipe import KILL_GRACE_S, Parameter
from phoenix.model.setting import setting

__all__ = [
    "ALL_PIPELINES",
    "KINDS",
    "OWN_VARIABLES",
    "Calibrations",
    "Engine",
    "Limits",
    "Paths",
    "PipelinePlace",
    "Recipes",
    "Review",
    "Rules",
    "Scalar",
    "SettingRow",
    "Settings",
    "Store",
    "describe",
    "leaves",
    "value_at",
]

Scalar = str | int | float | bool


@frozen
class Paths:
    """Where things come from; relative paths begin at the workspace."""

    repository: tuple[str, ...] = setting(
        (), "Folders with ABs, raw frames and master calibrations; searched in this order."
    )


@frozen
class Store:
    """The database of what is known of every AB."""

    url: str = setting(
        "sqlite:///phoenix.db",
        "Any URL of SQLAlchemy; a relative SQLite file lies in the workspace. "
        "PostgreSQL where several machines write.",
    )


@frozen
class Engine:
    """What the recipes run on."""

    workers: int = setting(
        0,
        "Recipes at the same time; 0: one for each core of this machine, and with engine.jobqueue "
        "of one batch job. Of no effect with engine.scheduler.",
        least=0,
        most=10_000,
    )
    memory_gb: float = setting(
        0.0,
        "Memory of one worker for all its recipes together; 0: all there is. In a batch system "
        "it is that of the batch job.",
        unit="GB",
        least=0,
    )
    scheduler: str = setting(
        "",
        "Address of a running dask scheduler, tcp://host:8786; empty: workers of our own.",
    )
    time_limit_s: float = setting(
        3600.0,
        "No recipe runs longer; the plugin may set a shorter limit for some.",
        unit="s",
        least=1,
    )
    jobs_per_process: int = setting(
        1000,
        "After so many jobs a worker process is replaced by a new one, so that memory that "
        "libraries lose comes back; 0: never.",
        least=0,
    )
    window: int = setting(
        1000, "Ready jobs handed over to dask at a time; more slow its scheduler down.", least=1
    )
    jobqueue: Mapping[str, Any] = setting(
        Factory(dict),
        "Workers as jobs of a batch system (dask-jobqueue): its class, SLURM or HTCondor, and "
        "whatever that class takes; cores and memory are those of one job. Empty: workers on this "
        "machine.",
        example='[engine.jobqueue]\nclass = "SLURM"\ncores = 8\nmemory = "32GB"\n'
        'queue = "PARTITION"\nwalltime = "08:00:00"',
    )


@frozen
class PipelinePlace:
    """Where one pipeline is; what is empty is looked for.

    Attributes
    ----------
    esorex : str
        The program: an absolute path, or a name to be looked for in the folders of the system.
    plugin_dir : str
        Folder with the libraries of its recipes, or with a folder ``<pipeline>-<version>`` each.
    rules_dir : str
        Folder with its OCA rules.
    library_path : str
        Folders of libraries (LD_LIBRARY_PATH), with colons between them.
    """

    esorex: str = ""
    plugin_dir: str = ""
    rules_dir: str = ""
    library_path: str = ""


ALL_PIPELINES = "*"
"""Table of the pipelines that have none of their own."""


OWN_VARIABLES = frozenset({"HOME", "LC_ALL", "OMP_NUM_THREADS", "PHOENIX_SCRATCH", "TMPDIR", "TZ"})
"""Variables that phoenix gives every recipe and nobody else may set."""


@frozen
class Recipes:
    """How recipes are started."""

    kill_grace_s: float = setting(
        KILL_GRACE_S,
        "A recipe past its time limit gets SIGTERM, and after so long SIGKILL.",
        unit="s",
        least=0,
    )
    environment: Mapping[str, Any] = setting(
        Factory(dict),
        "Further environment variables of recipes, as modules of a cluster set them; nothing else "
        "of the environment reaches a recipe. ${NAME} stands for that variable on the machine "
        "where the recipe runs.",
        example='[recipes.environment]\nLD_LIBRARY_PATH = "${LD_LIBRARY_PATH}"',
    )
    intermediate: str = setting(
        "",
        "Until when products stay that only other ABs read: night (until it is finished) or read "
        "(until the last has ended well); empty: as the process says.",
    )
    pipelines: Mapping[str, Mapping[str, Any]] = setting(
        Factory(dict),
        "Where a pipeline is, one table for each, '*' for all that have none: esorex (an absolute "
        "path, or a name in /usr/local/bin, /usr/bin, /bin, /opt/local/bin or /opt/homebrew/bin; "
        "your own PATH does not count), plugin_dir, rules_dir, library_path. What is not said is "
        "looked for where `phoenix pipelines install`, Debian, ESO, MacPorts and Homebrew put it.",
        example='[recipes.xshoo]\nplugin_dir = "/opt/eso/lib/esopipes-plugins/xshoo-3.6.3"',
    )

    @property
    def places(self) -> Mapping[str, PipelinePlace]:
        """Where the pipelines are that phoenix.toml names."""
        return {name: PipelinePlace(**table) for name, table in self.pipelines.items()}


@frozen
class Calibrations:
    """Which master calibrations are at hand."""

    window_days: int = setting(
        28,
        "So many days before and after a night: master calibrations further off serve no AB that "
        "is made by rules, and leave the workspace if a repository has them.",
        unit="d",
        least=0,
    )


@frozen
class Review:
    """What a person looks at before products are certified."""

    random_green_percent: float = setting(
        20.0,
        "Share of the ABs without a red score that wait for a person all the same. Which ones "
        "follows from process, night and name of the AB: they are the same each time.",
        unit="%",
        least=0,
        most=100,
    )
    history_days: int = setting(
        90,
        "Scores that follow from the history compare an AB with what was measured so many nights "
        "before its own, and in and after it where that is too little.",
        unit="d",
        least=1,
    )
    policy: Mapping[str, Any] = setting(
        Factory(dict),
        "What a person looks at, by raw type, by the tag of AB names (_tpl; _ for none) or * for "
        "all others: mandatory (every one, and nothing moves before), never (rules certify, red "
        "or not), or a share of the green in percent. The first line that speaks of an AB counts, "
        "before those of the plugin and before random_green_percent.",
        example='[review.policy]\n_tpl = "mandatory"\nBIAS = 5\n"*" = "never"',
    )

    @property
    def rows(self) -> tuple[ReviewRow, ...]:
        """What phoenix.toml says of raw types and tags.

        Raises
        ------
        DataError
            If it is neither a share nor one of the words, or stands behind what is of all others.
        """
        if ANY in list(self.policy)[:-1]:
            raise DataError(f"found lines behind {ANY}, expected it last: it is of all others")
        return tuple(ReviewRow(of, _look(of, value)) for of, value in self.policy.items())


def _look(of: str, value: object) -> Look | float:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    words = [look.value for look in Look]
    if value not in words:
        told = f"{', '.join(words)} or a share in percent"
        raise DataError(f"{of}: found {value!r}, expected {told}")
    return Look(value)


@frozen
class Rules:
    """How Association Blocks are made from headers (--create-ab, -X)."""

    pool_days: int = setting(
        7,
        "Raw calibrations of so many nights before and after a night may serve it; with -X, of "
        "none but the nights asked for.",
        unit="d",
        least=0,
    )
    overlays: str = setting(
        "",
        "Table of header overlays (CSV: ARCFILE, keyword, value, why), applied when headers are "
        "indexed; relative to the workspace. Empty: none.",
    )
    breakpoints: str = setting(
        "",
        "Table of instrument breakpoints (CSV: date, setup, why): nothing is associated across "
        "one, and no trend goes through it; relative to the workspace. Empty: none.",
    )
    files: Mapping[str, Any] = setting(
        Factory(dict),
        "OCA rule files and the nights for which they hold, instead of the rules that come with "
        "the pipeline; relative paths begin at the workspace.",
        example='[rules.files]\n"old.oca" = "to 2008-03-31"\n"new.oca" = "2008-04-01 to"',
    )
    levels: Mapping[str, Any] = setting(
        Factory(dict),
        "Association levels: how many days off a calibration may lie at levels 0, 1, 2 ...; '*' "
        "for all that are not named. Empty: no limit in time, certified masters first.",
        example='[rules.levels]\nMASTER_BIAS = [1, 7]\n"*" = [1, 7, 30]',
    )


@frozen
class Settings:
    """All settings of a workspace."""

    process: str = setting("", "What is processed here; `phoenix plugins` lists the processes.")
    paths: Paths = field(factory=Paths)
    store: Store = field(factory=Store)
    engine: Engine = field(factory=Engine)
    recipes: Recipes = field(factory=Recipes)
    calibrations: Calibrations = field(factory=Calibrations)
    review: Review = field(factory=Review)
    rules: Rules = field(factory=Rules)
    limits: Limits = field(factory=Limits)
    scores: Mapping[str, Any] = setting(
        Factory(dict),
        "Thresholds in place of those of the plugin, a table for each QC parameter, or for one of "
        "its raw types: low, high (a number, or 'none'), nsigma, least_width, least_history, "
        "window_days, element (a number, or 'each'), spare, comment, off. They hold for what is "
        "measured from now on; `phoenix qc rescore` judges what was measured before.",
        example="[scores.SNR.SCIENCE]\nlow = 5",
    )
    pipeline: Mapping[str, Mapping[str, Any]] = setting(
        Factory(dict),
        "Parameters of a recipe, one table for each; they win over those of an AB, whenever it "
        "was made. What was run with others is run again, with what depends on it.",
        example='[pipeline.RECIPE]\nPARAMETER = "VALUE"',
    )

    @property
    def overrides(self) -> tuple[Override, ...]:
        """The thresholds that phoenix.toml sets."""
        return overrides_in(self.scores)

    def parameters(self, recipe: str) -> tuple[Parameter, ...]:
        """Return the extra parameters of a recipe; logical ones as esorex writes them."""
        own = self.pipeline.get(recipe, {}).items()
        texts = ((n, str(v).lower() if isinstance(v, bool) else str(v)) for n, v in own)
        return tuple(Parameter(name, text) for name, text in texts)


# -- the settings as rows -------------------------------------------------------------------------


@frozen
class SettingRow:
    """One setting, for the reference.

    Attributes
    ----------
    key : str
        With its table, ``engine.workers``.
    kind : str
        What it holds.
    default : str, int, float, tuple or dict
        What holds where the file says nothing.
    unit, meaning : str
        The unit is empty where it has none.
    """

    key: str
    kind: str
    default: Any
    unit: str
    meaning: str


for _class in (Settings, Paths, Store, Engine, Recipes, Calibrations, Review, Rules, Limits):
    attrs.resolve_types(_class)

KINDS: Final[Mapping[Any, str]] = {
    str: "a text",
    int: "a whole number",
    float: "a number",
    tuple[str, ...]: "a list of texts",
    Mapping[str, Any]: "a table",
    Mapping[str, Mapping[str, Any]]: "a table of tables",
}


def describe() -> tuple[SettingRow, ...]:
    """Return a row for each setting, in the order of the file."""
    return tuple(
        SettingRow(
            ".".join(place),
            KINDS[setting.type].removeprefix("a "),
            value_at(Settings(), place),
            setting.metadata["unit"],
            setting.metadata["meaning"],
        )
        for place, setting in leaves(Settings)
    )


def leaves(
    kind: type, above: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], attrs.Attribute[Any]]]:
    """Yield each setting and its place; those of a table before its subtables."""
    for one in attrs.fields(kind):
        place = (*above, one.name)
        if one.type is not None and attrs.has(one.type):
            yield from leaves(one.type, place)
        else:
            yield place, one


def value_at(settings: object, place: tuple[str, ...]) -> Any:  # noqa: ANN401  any type of setting
    """Return the setting at a place, ``("engine", "workers")``; or a whole table."""
    for name in place:
        settings = getattr(settings, name)
    return settings
