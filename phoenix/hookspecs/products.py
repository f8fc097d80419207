"""Hooks from the products of an AB to QC, names and IDPs, and what else an instrument offers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phoenix.hookspecs.marker import hookspec

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    import typer

    from phoenix.model.ab import AssociationBlock
    from phoenix.model.ancestor import Ancestor
    from phoenix.model.dates import CivilDate
    from phoenix.model.frames import Product, SetOfFrames
    from phoenix.model.grade import OBGrade
    from phoenix.model.idp import InternalDataProduct, LeftOut
    from phoenix.model.panel import Panel
    from phoenix.model.process import Process
    from phoenix.model.qc import Measurement, QCParameter
    from phoenix.model.score import ScoreBit
    from phoenix.model.threshold import DynamicRule, ScoreRule
    from phoenix.simulate.night import SimulatedNight, SimulationOptions

__all__ = [
    "add_commands",
    "convert_to_idps",
    "cover_groups",
    "coversheet",
    "measure_qc",
    "ob_grades",
    "previews",
    "qc_parameters",
    "rename_product",
    "score_bits",
    "score_rules",
    "simulate",
]


@hookspec
def qc_parameters(process: Process) -> Iterable[QCParameter]:  # type: ignore[empty-body]
    """Declare QC parameters (all): columns of the QC1 table, the monitor and the docs.

    Examples
    --------
    >>> @hookimpl
    ... def qc_parameters():
    ...     return [QCParameter("SNR", "", "median signal-to-noise ratio per pixel")]
    """


@hookspec
def measure_qc(  # type: ignore[empty-body]
    process: Process,
    ab: AssociationBlock,
    frames: SetOfFrames,
    products: tuple[Product, ...],
    parents_qc: Mapping[str, tuple[Measurement, ...]],
) -> Iterable[Measurement]:
    """Measure declared QC parameters (all).

    Parameters
    ----------
    process, ab
        What was run.
    frames : SetOfFrames
        The frames that the recipe read: raw files and calibrations.
    products : tuple of Product
        What it made, already published.
    parents_qc : mapping of str to tuple of Measurement
        The measurements of the parent ABs by AB name.

    Returns
    -------
    iterable of Measurement
        A value that cannot be had is None. A parameter that was not declared is refused.

    Examples
    --------
    >>> @hookimpl
    ... def measure_qc(products):
    ...     return [Measurement("SNR", 38.2), Measurement("SNR", 41.0, element=1)]
    """


@hookspec
def score_rules(  # type: ignore[empty-body]
    process: Process,
) -> Iterable[ScoreRule | DynamicRule]:
    """Give thresholds as rows (all); the core judges.

    A ScoreRule has fixed limits. A DynamicRule takes them from the history of the parameter:
    they are applied when master calibrations are certified.

    Examples
    --------
    >>> @hookimpl
    ... def score_rules():
    ...     return [ScoreRule("NUM_SAT", high=1000, comment="more than 1000 pixels saturated")]
    """


@hookspec(firstresult=True)
def score_bits(process: Process, raw_type: str) -> Sequence[ScoreBit] | None:
    """Give the QCFLAG table as rows (first); None = no QCFLAG.

    Parameters
    ----------
    process : Process
        The process.
    raw_type : str
        Of the AB whose QCFLAG is made: a process may have more places for some, and none for
        others. Empty: the longest table.

    Examples
    --------
    >>> @hookimpl
    ... def score_bits():
    ...     return [ScoreBit(0, "qc_deltatemp", "DELTATEMP", -1.5, 1.5, "arc at this temperature")]
    """


@hookspec(firstresult=True)
def rename_product(process: Process, ab: AssociationBlock, product: Product) -> str | None:
    """Return the final file name of a product (first); the default keeps its PIPEFILE name.

    Examples
    --------
    >>> @hookimpl
    ... def rename_product(ab, product):
    ...     return f"GI_{CODES[product.pro_catg]}_{ab.obs_id}_{ab.name.timestamp}.fits"
    """


@hookspec(firstresult=True)
def convert_to_idps(
    process: Process,
    ab: AssociationBlock,
    products: tuple[Product, ...],
    frames: SetOfFrames,
    qc: tuple[Measurement, ...],
    qcflags: Mapping[int, str],
    ancestors: tuple[Ancestor, ...],
) -> Iterable[InternalDataProduct | LeftOut] | None:
    """Turn the products of an AB into plans of IDPs, one or many (first); the core writes them.

    Asked once for an AB that has products of role SCIENCE, whatever their number. A target that
    has none is a :class:`~phoenix.model.idp.LeftOut`, with the reason.

    An AB whose science products another science AB reads, as those of exposures go into a stack,
    is asked only where that AB came to nothing.

    Parameters
    ----------
    process, ab
        What was run.
    products : tuple of Product
        Those that are still there, of any role, and beside them the QC report and the log of the
        recipe (PRO.CATG ``QC_REPORT`` and ``RECIPE_LOG``).
    frames : SetOfFrames
        The frames that the recipe read.
    qc : tuple of Measurement
        All measurements of the AB.
    qcflags : mapping of int to str
        QCFLAG by element; 0 is that of the whole AB.
    ancestors : tuple of Ancestor
        The ABs of the same night that this one depends on, and those that these depend on, each
        with what is there of it: logs and QC reports that travel with the IDP.

    Examples
    --------
    >>> @hookimpl
    ... def convert_to_idps(ab, products, qcflags):
    ...     spectra = find(products, "SPECTRA")
    ...     return [spectrum(ab, spectra, fibre, qcflags[fibre]) for fibre in fibres(spectra)]
    """


@hookspec
def previews(  # type: ignore[empty-body]
    process: Process,
    ab: AssociationBlock,
    products: tuple[Product, ...],
    qc: tuple[Measurement, ...],
) -> Iterable[Panel]:
    """Give the panels of the QC report of an AB (all); the core draws them.

    Examples
    --------
    >>> @hookimpl
    ... def previews(products):
    ...     return [Plot("spectrum", (Curve(wave, flux),), "nm", "ADU", wide=True)]
    """


@hookspec(firstresult=True)
def cover_groups(
    process: Process, blocks: tuple[AssociationBlock, ...]
) -> Mapping[str, str] | None:
    """Tell which ABs of a night share a coversheet (first); None = none of them.

    Parameters
    ----------
    process : Process
        The process.
    blocks : tuple of AssociationBlock
        The cascade of the night. The groups are not written into the ABs.

    Returns
    -------
    mapping of str to str, or None
        AB name to the name of its group, as it will stand above the sheet; ABs alone are left
        out. None: no AB has a coversheet.

    Examples
    --------
    >>> @hookimpl
    ... def cover_groups(blocks):
    ...     return {str(ab.name): f"OB {ab.obs_id}" for ab in blocks if ab.obs_id}
    """


@hookspec
def coversheet(  # type: ignore[empty-body]
    process: Process,
    blocks: tuple[AssociationBlock, ...],
    products: Mapping[str, tuple[Product, ...]],
    qc: Mapping[str, tuple[Measurement, ...]],
) -> Iterable[Panel]:
    """Give the panels of the coversheet of a group of ABs (all); the core draws them.

    It is drawn beside the QC report of every AB of the group that has products, of what has them
    by then; the last one to end shows all.

    Parameters
    ----------
    process : Process
        The process.
    blocks : tuple of AssociationBlock
        Those of the group that have products, in the order of their names.
    products : mapping of str to tuple of Product
        AB name to its products, as published or in their final folders.
    qc : mapping of str to tuple of Measurement
        AB name to what was measured.

    Returns
    -------
    iterable of Panel
        In the order in which they are drawn.

    Examples
    --------
    >>> @hookimpl
    ... def coversheet(blocks, products):
    ...     curves = tuple(read(products[str(ab.name)]) for ab in blocks)
    ...     return [Plot("all arms", curves, "wavelength / nm", "flux", wide=True)]
    """


@hookspec
def ob_grades(  # type: ignore[empty-body]
    process: Process, night: CivilDate, folders: tuple[Path, ...]
) -> Iterable[OBGrade]:
    """Give grades and comments of OBs from a source of one's own (all).

    Night logs beside the raw files (``<ARCFILE>.NL.txt``) and tables that a person imports are
    read anyway. Called when a night is begun, after them; what it gives counts if it is newer.

    Parameters
    ----------
    process : Process
        The process.
    night : CivilDate
        The night.
    folders : tuple of Path
        Where raw files of the night may lie; they need not exist.

    Returns
    -------
    iterable of OBGrade
        The night and the source are filled in where they are empty. A plugin that raises is
        told, and stops no night.

    Examples
    --------
    >>> @hookimpl
    ... def ob_grades(night, folders):
    ...     for folder in folders:
    ...         for row in own_table(folder / "obs.ecsv"):
    ...             yield OBGrade(row["ob"], grade=row["grade"], mode="service")
    """


@hookspec(firstresult=True)
def simulate(
    process: Process, date: CivilDate, out: Path, options: SimulationOptions
) -> SimulatedNight | None:
    """Make a synthetic raw night, its ABs and its truth below a folder (first).

    The true recipes must reduce it, and the truth must say what they should find.

    Examples
    --------
    >>> @hookimpl
    ... def simulate(date, out, options):
    ...     return simulate_night(date, out, options)
    """


@hookspec
def add_commands(app: typer.Typer) -> None:
    """Add verbs of one's own to the command line (all), as MUSE does with ``deep``.

    Examples
    --------
    >>> @hookimpl
    ... def add_commands(app):
    ...     app.command("deep")(deep)
    """
