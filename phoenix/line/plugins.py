"""The installed instruments and pipelines, as tables."""

from __future__ import annotations

from phoenix.errors import PluginError, SettingsError
from phoenix.instrument import Instrument, installed, load_instrument
from phoenix.line.table import Table
from phoenix.model.plain import plain_log
from phoenix.pipelines.find import installed_pipeline, known_pipelines
from phoenix.pipelines.install import OFFERED

__all__ = ["instrument_of", "is_broken", "pipeline_table", "plugin_table"]

_BROKEN = "broken: "


_log = plain_log(__name__)


def plugin_table() -> Table:
    """Return a row for each installed plugin: where it comes from, processes and own hooks."""
    rows = tuple((name, source, *_contents(name)) for name, source in installed().items())
    return Table(
        "installed instruments", ("instrument", "distribution", "processes", "hooks"), rows
    )


def _contents(name: str) -> tuple[str, str]:
    try:
        instrument = load_instrument(name)
        processes = ", ".join(process.name for process in instrument.processes())
    except PluginError as error:
        return f"{_BROKEN}{error}", ""
    plugin = instrument.manager.get_plugin(name)
    callers = instrument.manager.get_hookcallers(plugin) or []
    return processes, ", ".join(sorted(caller.name for caller in callers))


def is_broken(processes: object) -> bool:
    """Whether the column `processes` of a plugin says that it is broken."""
    return str(processes).startswith(_BROKEN)


def pipeline_table() -> Table:
    """Return a row for each pipeline that is installed or can be."""
    installed_names = known_pipelines()
    names = sorted({*installed_names, *OFFERED})
    rows = tuple(_pipeline(name, is_there=name in installed_names) for name in names)
    columns = ("pipeline", "version", "recipes", "esorex", "can be installed from")
    return Table("pipelines", columns, rows)


def _pipeline(name: str, *, is_there: bool) -> tuple[str, ...]:
    offer = OFFERED.get(name)
    offered = f"Debian {offer.suite} ({offer.instrument})" if offer else ""
    if not is_there:
        return name, "not installed", "", "", offered
    try:
        found = installed_pipeline(name)
    except SettingsError as error:
        return name, "broken", str(error), "", offered
    return name, found.version, str(found.recipes), str(found.esorex), offered


def instrument_of(process: str) -> Instrument:
    """Return the installed instrument that offers a process.

    Raises
    ------
    PluginError
        If none does; the message lists all processes.
    """
    offers: list[str] = []
    broken: list[str] = []
    for name in installed():
        try:
            instrument = load_instrument(name)
            names = [offered.name for offered in instrument.processes()]
        except PluginError as error:
            # Somebody else's plugin must not stop this one.
            broken.append(str(error))
            continue
        if process in names:
            for why in broken:
                _log.warning("%s; it is passed over", why)
            return instrument
        offers += names
    raise PluginError(
        f"no installed plugin offers the process {process!r}; there are "
        f"{', '.join(sorted(offers)) or 'none'}; see `phoenix plugins`"
        + "".join(f"; {words}" for words in broken)
    )
