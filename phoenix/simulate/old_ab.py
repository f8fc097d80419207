"""ABs as history left them: what is old about one, as rows, and the text of its time.

An old AB lists its frames in SOF_CONTENT lines, which do not tell a product that a parent has yet
to make (path below ``$DFS_PRODUCT``) from one that is there, and it has lines that nobody reads
any more (PACK_DIR, PROCESS_STATUS ...).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import evolve, frozen

from phoenix.formats.abfile import format_ab
from phoenix.model.recipe import Parameter
from phoenix.simulate.raw import folder, write_bytes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from phoenix.model.ab import AssociationBlock
    from phoenix.model.dates import CivilDate
    from phoenix.model.process import Process

    Spoil = Callable[[AssociationBlock], AssociationBlock]

__all__ = [
    "FILED_BY_TYPE",
    "Habit",
    "block_texts",
    "calibration_tagged",
    "filed_by_type",
    "makers_of",
    "old_text",
    "raw_tagged",
    "renamed",
    "typed",
    "with_parameter",
    "without_calibration",
    "without_parameter",
    "write_repository",
]

FILED_BY_TYPE = (
    "SOF_CONTENT $DFS_PRODUCT/<RAW_TYPE>/<date>/r.<AB>_nnnn.fits ... CALIB",
    "MCALIB VIRTUAL $DFS_PRODUCT/<date>/<AB>/r.<AB>_nnnn.fits",
    "a parent of the same night makes it (form of the line: log of a real MUSE product)",
)
"""What :func:`filed_by_type` makes old, as a :class:`Habit` says it: old, new and reason."""


@frozen
class Habit:
    """One row: what an old AB says differently.

    Attributes
    ----------
    raw_type : str
        Of the ABs that have it.
    number : int
        Which of them, from 0.
    old, new : str
        What stands there, and what should.
    reason : str
        Why it must be edited, and where that is known from.
    spoil : callable
        Makes the AB old.
    """

    raw_type: str
    number: int
    old: str
    new: str
    reason: str
    spoil: Spoil


def renamed(old: str) -> Spoil:
    """Give the recipe its old name."""
    return lambda ab: evolve(ab, recipe=old)


def typed(old: str) -> Spoil:
    """Give the raw type its old name."""
    return lambda ab: evolve(ab, raw_type=old)


def raw_tagged(old: str) -> Spoil:
    """Give the raw files their old tag."""
    return lambda ab: evolve(ab, raw_files=tuple(evolve(raw, tag=old) for raw in ab.raw_files))


def calibration_tagged(new: str, old: str) -> Spoil:
    """Give calibrations of one PRO.CATG their old one."""
    return lambda ab: evolve(
        ab,
        calibrations=tuple(
            evolve(master, pro_catg=old) if master.pro_catg == new else master
            for master in ab.calibrations
        ),
    )


def without_calibration(pro_catg: str) -> Spoil:
    """Leave out a calibration that was not known in those days."""
    return lambda ab: evolve(
        ab, calibrations=tuple(m for m in ab.calibrations if m.pro_catg != pro_catg)
    )


def without_parameter(*names: str) -> Spoil:
    """Leave out recipe parameters."""
    return lambda ab: evolve(ab, parameters=tuple(p for p in ab.parameters if p.name not in names))


def with_parameter(text: str) -> Spoil:
    """Add a recipe parameter, ``--name=value``."""
    return lambda ab: evolve(ab, parameters=(*ab.parameters, Parameter.parse(text)))


def makers_of(process: Process, products: Callable[[str, str], Iterable[str]]) -> dict[str, str]:
    """Return PRO.CATG to the raw type that makes it, given the products of recipe and raw type."""
    return {
        pro_catg: row.name
        for row in process.raw_types
        for pro_catg in products(row.recipe, row.name)
    }


def filed_by_type(raw_type: Mapping[str, str]) -> Spoil:
    """Put the products of parents where processAB of old put them: a folder a raw type.

    Parameters
    ----------
    raw_type : mapping
        PRO.CATG to the raw type that makes it.
    """
    return lambda ab: evolve(
        ab,
        calibrations=tuple(
            evolve(m, path=f"${{DFS_PRODUCT}}/{raw_type[m.pro_catg]}/{ab.date}/{m.name}")
            if m.virtual
            else m
            for m in ab.calibrations
        ),
    )


def block_texts(blocks: Iterable[AssociationBlock], habits: Iterable[Habit]) -> dict[str, str]:
    """Names and texts of AB files; those with old habits are written in the old way."""
    rows = tuple(habits)
    seen: dict[str, int] = {}
    texts = {}
    for ab in blocks:
        number = seen.get(ab.raw_type, 0)
        seen[ab.raw_type] = number + 1
        here = [row for row in rows if (row.raw_type, row.number) == (ab.raw_type, number)]
        for row in here:
            ab = row.spoil(ab)  # noqa: PLW2901 - one habit after the other
        texts[str(ab.name)] = old_text(ab) if here else format_ab(ab)
    return texts


def write_repository(
    out: Path, instrument: str, date: CivilDate, texts: Mapping[str, str]
) -> tuple[Path, ...]:
    """Write the AB files of a night where the AB repository of an instrument has them."""
    place = out / instrument / "logs" / str(date)
    return tuple(write_bytes(folder(place) / name, text.encode()) for name, text in texts.items())


def old_text(ab: AssociationBlock) -> str:
    """Text of an AB as the tools of 2010 wrote it: SOF_CONTENT lines, and much else.

    Qualifiers and their order are those of DFOS:AB_structure; PACK_DIR was obsolete already.
    """
    frames = [f"SOF_CONTENT\t{raw.path} {raw.tag} RAW" for raw in ab.raw_files]
    frames += [f"SOF_CONTENT\t{m.path} {m.pro_catg} CALIB" for m in ab.calibrations]
    lines = [
        "TOOL_VERSION\tcreateAB 4.2.1",
        "CONFIG_VERSION\t1.9",
        f"INSTRUMENT\t{ab.instrument}",
        f"DATE\t{ab.date}",
        f"DPR_CATG\t{ab.dpr_catg}",
        f"RAW_TYPE\t{ab.raw_type}",
        f"RECIPE\t{ab.recipe}",
        "DRS_TYPE\tCPL",
        "PACK_DIR\tNONE\t# obsolete",
        f"BATCH_ID\t{ab.mode.value}_{ab.date}",
        f"AB_NAME\t{ab.name}",
        f"AB_EVENT\t{ab.ab_event}",
        f"COMPLETENESS\t{ab.completeness.value}",
        "PROCESS_STATUS\tSUCCESSFUL",
        f"OBS_PROG_ID\t{ab.obs_prog_id}",
        f"OBS_ID\t{ab.obs_id}",
        f"OBS_MODE\t{ab.obs_mode}",
        f"MJD-OBS\t{ab.mjd_obs}",
        f"MJD-OBS_MOD\t{ab.mjd_mid}",
        f"PROD_ROOT_NAME\tr.{ab.root}",
        f"LOG_NAME\t{ab.root}.rblog",
        "# pipeline product path",
        f"PROD_PATH\t${{DFS_PRODUCT}}/{ab.raw_type}/{ab.date}",
        "# raw match key",
        *(f"RAW_MATCH_KEY\t{key}={value}" for key, value in ab.setup),
        "# set of frames",
        *frames,
        *(f"RASSOC\t{raw}" for raw in ab.associated_raws),
        *(f"RECIPE_PARAM\t{parameter}" for parameter in ab.parameters),
        *(f"WAITFOR\t{name}" for name in ab.waits_for),
        *(f"PRODUCT\t{product}" for product in ab.products),
    ]
    return "\n".join(lines) + "\n"
