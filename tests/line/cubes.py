"""A plugin of three recipes for the stand-in of esorex: tables of IFUs, a cube each, one of all.

Installed for the tests by a folder with nothing but the entry point; :func:`run_here` runs a night
in this process, so that it can be killed at any change of a file.
"""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

from phoenix.engine.frontier import Frontier
from phoenix.formats.abfile import write_ab
from phoenix.hookspecs import hookimpl
from phoenix.line.beside import Here
from phoenix.line.jobs.work import work
from phoenix.line.night.nights import _Flight
from phoenix.line.night.parts import PROCESS, redo
from phoenix.line.workspace import create_workspace
from phoenix.model.ab import AssociationBlock, Mode, PredictedProduct
from phoenix.model.dates import CivilDate
from phoenix.model.frames import MasterCalibration, RawFrame, Role
from phoenix.model.process import (
    ANY,
    Look,
    Process,
    RawType,
    ReviewPolicy,
    ReviewRow,
    Stay,
)
from phoenix.model.recipe import Parameter, Recipe, RecipeProduct, Resources, Step
from phoenix.testing.fake_esorex import make_fake_esorex

if TYPE_CHECKING:
    from pathlib import Path

DATE = CivilDate(2020, 1, 1)
IFUS = ("01", "02")
_TIME = Resources(memory_mb=100, time_limit_s=300.0)

BASIC = Recipe(
    "cubebasic",
    "cubes",
    products=(RecipeProduct("PIXTABLE", numbered=True),),
    parameters=(Parameter("products", "PIXTABLE@_0001-01,PIXTABLE@_0001-02"),),
    resources=_TIME,
)
POST = Recipe(
    "cubepost",
    "cubes",
    products=(RecipeProduct("CUBE", Role.SCIENCE), RecipeProduct("REDUCED")),
    parameters=(Parameter("products", "CUBE,REDUCED"),),
    resources=_TIME,
)
COMBINE = Recipe(
    "cubecombine",
    "cubes",
    products=(RecipeProduct("CUBE", Role.SCIENCE), RecipeProduct("WEIGHT")),
    parameters=(Parameter("products", "CUBE,WEIGHT"),),
    resources=_TIME,
)
CUBES = Process(
    "CUBES_IFU",
    "cubes",
    "CU",
    raw_types=tuple(
        RawType(name, recipe.name, Mode.SCIENCE)
        for name, recipe in (("OBJECT", BASIC), ("PIXTABLE", POST), ("REDUCED", COMBINE))
    ),
    recipes=(BASIC, POST, COMBINE),
    intermediate=Stay.READ,
    review=ReviewPolicy(rows=(ReviewRow("_tpl", Look.MANDATORY), ReviewRow(ANY, Look.NEVER))),
    supervised=True,
)

EXPOSURES = ("CUBE.2020-01-02T01:00:00.000", "CUBE.2020-01-02T02:00:00.000")
POSTS = tuple(f"{root}_pst" for root in EXPOSURES)
COMBINED = f"{EXPOSURES[0]}_tpl"
TABLES = {root: tuple(f"r.{root}_0000-{number}.fits" for number in IFUS) for root in EXPOSURES} | {
    root: (f"r.{root}_0001.fits",) for root in POSTS
}
"""The products that other ABs read, by the AB that makes them."""


@hookimpl
def processes():
    return [CUBES]


@hookimpl
def resources(process, ab, step):
    """Of a combination that is told so, let memory grow with the exposures."""
    each = [int(one.value) for one in ab.parameters if one.name == "each"]
    if step is not Step.RECIPE or not each:
        return None
    needed = 100 + each[0] * sum(one.pro_catg == "REDUCED" for one in ab.calibrations)
    return Resources(memory_mb=needed, time_limit_s=300.0, each_of="REDUCED", each_mb=each[0])


@hookimpl
def do_without(ab, missing):
    """Let such a combination do without exposures, but not without all."""
    left = tuple(one for one in ab.calibrations if one not in missing)
    if not left or not any(one.name == "each" for one in ab.parameters):
        return None
    return ab.edited(
        why=f"{len(left)} of {len(ab.calibrations)} exposures",
        calibrations=left,
        waits_for=tuple(dict.fromkeys(one.parent for one in left)),
    )


def install(folder: Path) -> Path:
    """Write the entry point by which the plugin is found, and return the folder for sys.path."""
    info = folder / "cubes-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: cubes\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[phoenix.instruments]\ncubes = cubes\n")
    return folder


def make_repository(folder: Path) -> Path:
    """Write raw frames and ABs of two exposures."""
    raw = folder / "raw" / str(DATE)
    raw.mkdir(parents=True)
    rows = (
        "SIMPLE  =                    T",
        "BITPIX  =                    8",
        "NAXIS   = 0",
        "END",
    )
    for root in EXPOSURES:
        text = "".join(row.ljust(80) for row in (*rows[:-1], f"ARCFILE = '{root}.fits'", "END"))
        (raw / f"{root}.fits").write_bytes(text.encode().ljust(2880))
    blocks = folder / "cubes" / "logs" / str(DATE)
    blocks.mkdir(parents=True)
    for ab in night_blocks():
        write_ab(ab, blocks)
    return folder


def night_blocks() -> tuple[AssociationBlock, ...]:
    """Return the ABs: tables of two exposures, a cube of each, one of both."""
    basics = [_block(root, BASIC, "OBJECT", root) for root in EXPOSURES]
    posts = [_block(POSTS[i], POST, "PIXTABLE", root, root) for i, root in enumerate(EXPOSURES)]
    return (*basics, *posts, _block(COMBINED, COMBINE, "REDUCED", "", *POSTS))


def _block(name: str, recipe: Recipe, raw_type: str, raw: str, *parents: str) -> AssociationBlock:
    single = recipe is BASIC
    made = TABLES.get(name, ()) if single else ()
    return AssociationBlock(
        name=f"{name}.ab",
        recipe=recipe.name,
        raw_files=(RawFrame(f"${{DFO_RAW_DIR}}/{DATE}/{raw}.fits", "OBJECT"),) if single else (),
        calibrations=tuple(
            MasterCalibration(
                f"${{DFS_PRODUCT}}/{DATE}/{parent}/{table}",
                "PIXTABLE" if "_pst" not in parent else "REDUCED",
                virtual=True,
            )
            for parent in parents
            for table in TABLES[parent]
        ),
        products=tuple(PredictedProduct(table, "PIXTABLE") for table in made)
        or tuple(
            PredictedProduct(recipe.product_name(name, row.pro_catg), row.pro_catg)
            for row in recipe.products
        ),
        date=DATE,
        raw_type=raw_type,
        dpr_catg="SCIENCE",
        mjd_obs=58850.0,
    )


def make_workspace(folder: Path, repository: Path) -> Path:
    create_workspace(folder, "CUBES_IFU", (repository,))
    place = repository / "esorex"
    place.mkdir(exist_ok=True)
    (place / "cubes").mkdir(exist_ok=True)
    esorex = make_fake_esorex(place)
    with (folder / "phoenix.toml").open("a", encoding="utf-8") as settings:
        settings.write(f'\n[recipes."*"]\nesorex = "{esorex}"\nplugin_dir = "{place}"\n')
    return folder


def run_here(line, *, again: bool = False) -> list[tuple[str, str]]:
    """Run the night in this process, one job after the other; return the jobs in that order."""
    prepared = line.prepare(str(DATE), dry=True)
    with ExitStack() as stack:
        part = redo() if again else PROCESS
        here = Here(line._context)
        flight = _Flight(line._context, prepared.nights, part, None, stack, here)
        frontier, done = Frontier(), []
        batch = flight.more()
        flight.stored(tuple(frontier.add(batch, line.clock())))
        while jobs := frontier.take(1):
            started = line.clock()
            ended = work(jobs[0].payload)
            changes = frontier.end(jobs[0].key, ended, line.clock(), started=started)
            done.append(jobs[0].key)
            flight.stored(tuple(changes))
        flight.reports()
    return done
