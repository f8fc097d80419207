"""What every step of a line works with: folders, settings, instrument, database, rules, clock."""

from __future__ import annotations

import math
import time
from functools import cached_property
from typing import TYPE_CHECKING

from attrs import frozen

from phoenix.archive.source import FolderSource
from phoenix.errors import SettingsError
from phoenix.line.plugins import instrument_of
from phoenix.line.workspace import has_store, open_workspace, repositories, store_url
from phoenix.model.limits import GB
from phoenix.model.nearest import meant
from phoenix.model.process import ANY, NO_TAG, ReviewPolicy, Stay

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from phoenix.instrument import Instrument
    from phoenix.model.process import Process
    from phoenix.model.recipe import Spent
    from phoenix.model.settings import Settings
    from phoenix.model.workspace import Workspace
    from phoenix.oca import RuleVersions
    from phoenix.store.store import Store

    _Spent = Mapping[tuple[str, str], tuple[Spent, ...]]

__all__ = ["LineContext"]

_SPENT, _LATELY_S = "_spent", 60.0


# Without slots, because what is opened at first use is kept in the object; without a value of its
# own, because an open database equals nothing but itself.
@frozen(slots=False, eq=False)
class LineContext:
    """What a line works with; its steps take this and know nothing of the line itself.

    Attributes
    ----------
    workspace : Workspace
        Its folders.
    settings : Settings
        What phoenix.toml says.
    instrument : Instrument
        The plugin.
    process_row : Process
        The process of the plugin that the workspace is for.
    clock : callable
        Gives the time in UTC.
    """

    workspace: Workspace
    settings: Settings
    instrument: Instrument
    process_row: Process
    clock: Callable[[], dt.datetime]

    @classmethod
    def open(cls, folder: Path, clock: Callable[[], dt.datetime]) -> LineContext:
        """Open a workspace.

        Raises
        ------
        SettingsError
            If there is no ``phoenix.toml``, or it is wrong, or names a recipe that the process
            has not.
        PluginError
            If no plugin offers the process.
        """
        workspace, settings = open_workspace(folder)
        instrument = instrument_of(settings.process)
        process = instrument.process(settings.process)
        _refuse_unknown_recipes(workspace, settings, process)
        _refuse_unknown_raw_types(workspace, settings, process)
        _refuse_unknown_stay(workspace, settings)
        return cls(workspace, settings, instrument, process, clock)

    def close(self) -> None:
        """Close the database; the next use opens it again."""
        self.ask_again()
        opened: Store | None = self.__dict__.pop("store", None)
        if opened is not None:
            opened.close()

    @cached_property
    def store(self) -> Store:
        """What the line remembers; opened at first use.

        Raises
        ------
        StoreError
            If the database cannot be used.
        """
        from phoenix.store.store import Store  # noqa: PLC0415 - loads SQLAlchemy

        return Store.open(store_url(self.workspace, self.settings), self.settings.process)

    def spent(self) -> _Spent:
        """Return what the latest ABs took, as in the store; none where there is no store.

        It is wanted with every night and takes longer than to begin one: the store is asked once
        a minute (ours), and by every call.
        """
        now = time.monotonic()
        kept: tuple[float, _Spent] = self.__dict__.get(_SPENT, (-math.inf, {}))
        if now - kept[0] > _LATELY_S:
            found = self.store.jobs.spent() if has_store(self.workspace, self.settings) else {}
            kept = self.__dict__[_SPENT] = now, found
        return kept[1]

    def ask_again(self) -> None:
        """Forget what the latest ABs took: another call begins."""
        self.__dict__.pop(_SPENT, None)

    @cached_property
    def review(self) -> ReviewPolicy:
        """What a person looks at: by phoenix.toml, then by the plugin."""
        own = self.settings.review
        rows = (*own.rows, *self.process_row.review.rows)
        return ReviewPolicy(own.random_green_percent, rows)

    @property
    def stay(self) -> Stay:
        """Until when intermediate products stay: by phoenix.toml, else by the process."""
        word = self.settings.recipes.intermediate
        return Stay(word) if word else self.process_row.intermediate

    @property
    def sources(self) -> tuple[FolderSource, ...]:
        """Where raw frames and master calibrations come from."""
        most = int(self.settings.limits.unpacked_gb * GB)
        return tuple(FolderSource(p, most) for p in repositories(self.workspace, self.settings))

    @cached_property
    def rules(self) -> RuleVersions:
        """The association rules; read at first use.

        Raises
        ------
        SettingsError
            If there are none.
        RuleSyntaxError
            If they cannot be read.
        """
        from phoenix.line.rulebook import rule_versions  # noqa: PLC0415 - loads lark

        return rule_versions(self.settings, self.workspace.root, self.instrument, self.process_row)


def _refuse_unknown_raw_types(workspace: Workspace, settings: Settings, process: Process) -> None:
    """Refuse reviews of a raw type that the process has not: nobody would look."""
    known = [raw_type.name for raw_type in process.raw_types]
    for row in settings.review.rows:
        if row.of != ANY and not row.of.startswith(NO_TAG) and row.of not in known:
            raise SettingsError(
                f"{workspace.root / 'phoenix.toml'}: [review.policy] {row.of}: found no such raw "
                f"type in {process.name}; {meant(row.of, known)} Tags as _tpl, and *, are good too"
            )


def _refuse_unknown_stay(workspace: Workspace, settings: Settings) -> None:
    """Refuse a word for how long intermediate products stay that means nothing."""
    word, known = settings.recipes.intermediate, [stay.value for stay in Stay]
    if word and word not in known:
        raise SettingsError(
            f"{workspace.root / 'phoenix.toml'}: [recipes] intermediate: found {word!r}, expected "
            f"{' or '.join(known)}"
        )


def _refuse_unknown_recipes(workspace: Workspace, settings: Settings, process: Process) -> None:
    """Refuse parameters of a recipe that the process has not: they would change nothing."""
    known = [recipe.name for recipe in process.recipes]
    for name in settings.pipeline:
        if name not in known:
            raise SettingsError(
                f"{workspace.root / 'phoenix.toml'}: [pipeline.{name}]: found no such recipe in "
                f"{process.name}; {meant(name, known)}"
            )
