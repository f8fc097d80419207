"""One AB of an open workspace: what became of it, to look at in a notebook."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import field, frozen

from phoenix.errors import DataError, SettingsError
from phoenix.line.answers.lists import score_table, status_table
from phoenix.line.nights import no_such_ab
from phoenix.line.table import Table
from phoenix.model.ab import full_name
from phoenix.model.dates import nights_of
from phoenix.steps.quality.score import read_qc
from phoenix.steps.shelf.places import Places, Record

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from phoenix.line.context import LineContext
    from phoenix.store.rows import BlockRow

__all__ = ["OpenAB", "Report", "ab_of", "abs_of"]


@frozen
class Report:
    """A QC report, which shows itself in a notebook.

    Attributes
    ----------
    path : Path
        The image, a PNG.
    """

    path: Path

    def _repr_png_(self) -> bytes:
        return self.path.read_bytes()


@frozen
class OpenAB:
    """One AB of an open workspace.

    Attributes
    ----------
    name, night, raw_type, recipe : str
        Which.
    """

    name: str
    night: str
    raw_type: str
    recipe: str
    _line: LineContext = field(repr=False, eq=False)

    def report(self) -> Report:
        """Return its QC report.

        Raises
        ------
        DataError
            If there is none: it was not run, or not to its end.
        """
        path = self._places.now(Record.REPORT)
        if not path.is_file():
            raise DataError(f"{self.name}: found no QC report, expected {path}; run the AB first")
        return Report(path)

    def spectra(self) -> Any:  # noqa: ANN401 - specutils has no types
        """Return its spectra, of its Internal Data Products.

        Returns
        -------
        specutils.SpectrumList
            One for each IDP, in the order of their names: fibres, arms. ``meta["header"]`` has
            the keywords of each.

        Raises
        ------
        DataError
            If it has no IDPs.
        SettingsError
            If specutils is not installed.
        """
        try:
            from specutils import Spectrum, SpectrumList  # noqa: PLC0415 - loads astropy

            from phoenix.phase3 import specutils_loader  # noqa: PLC0415 - the same
        except ImportError as error:
            raise SettingsError(
                "specutils: found no such package; pip install 'phoenix-idp[notebook]'"
            ) from error
        specutils_loader.register()
        paths = sorted(filter(_is_spectrum, self._places.idps.glob("*.fits")))
        if not paths:
            raise DataError(
                f"{self.name}: found no IDPs in {self._places.idps}, expected some; they are made "
                f"by `phoenix convert -d {self.night}`, of science only"
            )
        return SpectrumList([Spectrum.read(path) for path in paths])

    def measurements(self, *parameters: str) -> Any:  # noqa: ANN401 - an astropy QTable
        """Return what was measured of it, as an astropy QTable with units, one row an element.

        Parameters
        ----------
        *parameters : str
            Only these QC parameters; none for all.

        Raises
        ------
        DataError
            For a parameter that there is none of, whose nearest is named.
        """
        from phoenix.line.measurements import as_qtable  # noqa: PLC0415 - loads astropy

        line = self._line
        found = read_qc(self._places.now(Record.QC))
        declared = {row.name: row for row in line.instrument.qc_parameters(line.process_row)}
        kept = {self.name: found} if found else {}
        return as_qtable((self,), kept, parameters, declared)

    def scores(self) -> Table:
        """Return its scores."""
        return self._part(score_table(self._line, self.night))

    def status(self) -> Table:
        """Return where it stands."""
        return self._part(status_table(self._line, self.night))

    def _part(self, table: Table) -> Table:
        column = table.columns.index("AB")
        rows = tuple(row for row in table.rows if row[column] == self.name)
        return Table(self.name, table.columns, rows)

    @property
    def _places(self) -> Places:
        return Places(self._line.workspace, self.night, self.name.removesuffix(".ab"))

    def __str__(self) -> str:
        return self.name

    def _repr_html_(self) -> str:
        return self.status()._repr_html_()


def ab_of(line: LineContext, name: str) -> OpenAB:
    """Return an AB that the line knows.

    Raises
    ------
    DataError
        If it knows no such AB.
    """
    rows = line.store.blocks.rows(names=[full_name(name)])
    if not rows:
        raise DataError(no_such_ab(line, name))
    return _opened(line, rows[0])


def abs_of(line: LineContext, pool: str) -> Iterator[OpenAB]:
    """Yield the ABs of a pool that the line knows, in order of observation."""
    nights = nights_of(pool)
    for row in line.store.blocks.rows(since=nights[0], until=nights[-1]):
        yield _opened(line, row)


def _opened(line: LineContext, row: BlockRow) -> OpenAB:
    return OpenAB(row.name, row.date, row.raw_type, row.recipe, line)


def _is_spectrum(path: Path) -> bool:
    from phoenix.toolkit.headers import read_header  # noqa: PLC0415 - wanted here only

    return str(read_header(path).get("PRODCATG", "")) == "SCIENCE.SPECTRUM"
