"""The association rules of a workspace: which hold on which night, and what a plugin changes."""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from phoenix.errors import SettingsError
from phoenix.model.dates import CivilDate
from phoenix.model.limits import MB
from phoenix.model.rules import (
    AddedRules,
    AddedSelects,
    BlockTag,
    DroppedGroupings,
    MadeProducts,
    SelectLimits,
)
from phoenix.oca import (
    RuleSet,
    RuleVersion,
    RuleVersions,
    load,
    with_limits,
    with_products,
    with_rules,
    with_selects,
    without_groupings,
)
from phoenix.oca.association.associate import Level
from phoenix.oca.association.compile import compile_rules
from phoenix.oca.language.parse import MOST_BYTES
from phoenix.pipelines.find import rule_file

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from phoenix.instrument import Instrument
    from phoenix.model.process import Process, RuleFile
    from phoenix.model.rules import RuleAdaptation
    from phoenix.model.settings import Rules, Settings
    from phoenix.pipelines.places import PipelinePlaces

__all__ = ["block_tags", "levels", "pool_keywords", "rule_versions", "rules_of", "shipped_rules"]

_ANYWHERE: PipelinePlaces = {}
_Nights = tuple[CivilDate | None, CivilDate | None]
_VALIDITY = re.compile(r"(\d{4}-\d\d-\d\d)?\s*(?:to\s*(\d{4}-\d\d-\d\d)?)?\Z")
# What tells the kind, the night and the name of a file, whatever the rules read.
_ALWAYS = (
    *("ARCFILE", "PRO.CATG", "DPR.CATG", "MJD-OBS", "MJD-END", "DATE-OBS", "EXPTIME", "INSTRUME"),
    *("TPL.ID", "TPL.START", "TPL.NEXP"),
)


def rule_versions(
    settings: Settings, root: Path, instrument: Instrument, process: Process
) -> RuleVersions:
    """Return the rules of a workspace.

    Those that phoenix.toml names are taken as they are, but for products that they do not declare;
    files for the same nights are read together. Else it is those of the installed pipelines, with
    what the plugin changes in them.

    Raises
    ------
    SettingsError
        If there are none, or a validity cannot be read.
    RuleSyntaxError
        If a rule file cannot be read.
    DataError
        If versions overlap, or the plugin changes what is not there.
    """
    named = settings.rules.files
    if not named:
        rules = shipped_rules(instrument, process, settings.recipes.places)
        return RuleVersions((RuleVersion(rules),))
    most = int(settings.limits.rules_mb * MB)
    versions: dict[_Nights, list[Path]] = {}
    for name, validity in named.items():
        versions.setdefault(_nights(name, validity), []).append(root / name)
    return RuleVersions(
        tuple(
            RuleVersion(rules_of(paths, process, most=most), begins, ends)
            for (begins, ends), paths in versions.items()
        )
    )


def shipped_rules(
    instrument: Instrument, process: Process, places: PipelinePlaces = _ANYWHERE
) -> RuleSet:
    """Return the rules of the installed pipelines with what the plugin changes in them.

    Parameters
    ----------
    instrument, process
        The plugin, and its process.
    places : mapping of str to PipelinePlace, optional
        Where pipelines are, as phoenix.toml says.

    Raises
    ------
    SettingsError
        If a pipeline has no such rules.
    """
    shipped = [
        rule_file(row.pipeline, row.name, places) for row in process.oca_rules if row.pipeline
    ]
    own = [_own_file(row) for row in process.oca_rules if row.package]
    rows = instrument.adapt_rules(process)
    dropped = [row.action for row in rows if isinstance(row, DroppedGroupings)]
    added = [row.text for row in rows if isinstance(row, AddedRules)]
    rules = with_rules(
        without_groupings(_loaded(shipped), dropped),
        *((_loaded(own),) if own else ()),
        *(RuleSet.parsed(text, f"rules of {instrument.name}") for text in added),
    )
    return _adapted(_with_products(rules, process, rows), rows)


def _own_file(row: RuleFile) -> Path:
    """Return a rule file of a plugin's package."""
    try:
        path = Path(str(files(row.package))) / row.name
    except (ImportError, TypeError) as error:
        raise SettingsError(
            f"rules {row.name}: found no package {row.package} ({error}), expected one of the "
            "plugin; mend its Process.oca_rules"
        ) from error
    if not path.is_file():
        raise SettingsError(
            f"rules {row.name}: found no such file in {path.parent}, expected it in the package "
            f"{row.package}; see whether the plugin's wheel has it"
        )
    return path


def rules_of(
    paths: Iterable[Path],
    process: Process,
    rows: Iterable[RuleAdaptation] = (),
    *,
    most: int = MOST_BYTES,
) -> RuleSet:
    """Return the rules of files, with the products of the process's recipes.

    Parameters
    ----------
    paths : iterable of Path
        The rule files.
    process : Process
        Its recipes make the products.
    rows : iterable of RuleAdaptation
        Among them those that say what single actions make.
    most : int, optional
        Bytes of a file.

    Raises
    ------
    RuleSyntaxError
        If one cannot be read.
    SettingsError
        If one is not there.
    """
    return _with_products(_loaded(paths, most=most), process, rows)


def _loaded(paths: Iterable[Path], *, most: int = MOST_BYTES) -> RuleSet:
    try:
        return load(*paths, most=most)
    except OSError as error:
        raise SettingsError(
            f"rule file {error.filename}: found {error.strerror}, expected OCA rules; mend "
            "[rules.files] in phoenix.toml"
        ) from error


def _with_products(rules: RuleSet, process: Process, rows: Iterable[RuleAdaptation]) -> RuleSet:
    """Add the products of the process's recipes, and of the actions that have rows."""
    declared = {row.action: row.products for row in rows if isinstance(row, MadeProducts)}
    return with_products(rules, {**_products(process), **declared})


def _nights(name: str, validity: object) -> _Nights:
    """Return the first and the last night of a rule file, None for no limit."""
    match = _VALIDITY.match(validity.strip()) if isinstance(validity, str) else None
    if match is None:
        raise SettingsError(
            f"[rules.files] {name}: found {validity!r}, expected nights as "
            "'2008-04-01 to 2020-12-31', either of them left out for no limit"
        )
    begins, ends = (CivilDate.parse(text) if text else None for text in match.groups())
    return begins, ends


def _products(process: Process) -> dict[str, list[tuple[str, str]]]:
    """Return what each recipe makes for sure: PRO.CATG and the ending of the name."""
    return {
        recipe.name: [
            (row.pro_catg, f"{number:04d}.fits")
            for number, row in enumerate(recipe.products)
            if row.required
        ]
        for recipe in process.recipes
    }


def _adapted(rules: RuleSet, rows: tuple[RuleAdaptation, ...]) -> RuleSet:
    added = [(row.action, row.text) for row in rows if isinstance(row, AddedSelects)]
    limits = {
        (row.action, row.select): (row.least, row.most)
        for row in rows
        if isinstance(row, SelectLimits)
    }
    # Limits speak of the selects of the file; one that is added in its place has its own.
    return with_selects(with_limits(rules, limits), added)


def block_tags(rows: Iterable[RuleAdaptation]) -> dict[str, str]:
    """Return the endings of AB names by action."""
    return {row.action: row.tag for row in rows if isinstance(row, BlockTag)}


def levels(settings: Rules) -> Mapping[str, tuple[Level, ...]]:
    """Return the association levels of phoenix.toml, none for no limits in time."""
    return {
        select: tuple(Level(number, -float(day), float(day)) for number, day in enumerate(days))
        for select, days in settings.levels.items()
    }


def pool_keywords(versions: RuleVersions, process: Process) -> tuple[str, ...]:
    """Return the FITS keywords that the header pool keeps: those that the rules read."""
    names = dict.fromkeys(_ALWAYS)
    for version in versions.versions:
        names.update(dict.fromkeys(compile_rules(version.rules).layout.names))
    wanted = {name if "." not in name else f"ESO {name.replace('.', ' ')}" for name in names}
    setups = (process.setup_keys_of(row.name) for row in process.raw_types)
    return tuple(sorted(wanted.union(process.setup_keys, *setups)))
