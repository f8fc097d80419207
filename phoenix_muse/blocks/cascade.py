"""The cascade of a night: ABs of exposures from the repository, and those of the later steps.

``scibasic`` of each exposure is followed by ``_std`` (response of a standard star), ``_sky`` (the
sky beside the field), ``_pst`` (one exposure: a cube and its pixel table), ``_tal`` (offsets
between exposures) and ``_tpl`` (their combination). The names and the tree are those of a real log
of 2015; which exposures belong together follows VLT-MAN-ESO and the notes on the MUSE instance:
container, OB, template, pointing (:mod:`phoenix_muse.blocks.groups`).

A target has its sky from the exposure of the sky that is nearest in time, of its own OB before
others of its container. A container, or an OB without one, that looks at nothing but sky has cubes
of the sky, as the archive has (``MU_SCBX_..._SKY``); that exposures beside a target have none is
ours.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import evolve

from phoenix.defaults import build_cascade as wait_for_makers
from phoenix.model.ab import AssociationBlock, PredictedProduct
from phoenix.model.frames import MasterCalibration
from phoenix_muse.blocks.groups import LEAST, groups, series_of, set_aside
from phoenix_muse.blocks.later import READ_BY
from phoenix_muse.blocks.parameters import (
    ALIGNING,
    COMBINING,
    FROM_STANDARD,
    POST_PROCESSING,
    SKY_FROM_FIELD,
    SKY_FROM_SKY,
    SKY_SIMPLE,
)
from phoenix_muse.blocks.pixtables import pixel_tables
from phoenix_muse.process import ALIGN, COMBINE, CREATE_SKY, MUSE_IFU, SCIBASIC, SCIPOST, STANDARD

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from phoenix.model.frames import RawFrame
    from phoenix.model.recipe import Parameter

__all__ = ["TAGS", "cascade"]

TAGS = {STANDARD: "std", CREATE_SKY: "sky", SCIPOST: "pst", ALIGN: "tal", COMBINE: "tpl"}
"""Recipe of a later step to the ending of its ABs; std is ours, the others are those of ESO."""

RAW_TYPES = {
    STANDARD: "PIXTABLE_STD",
    CREATE_SKY: "PIXTABLE_SKY",
    SCIPOST: "PIXTABLE_OBJECT",
    ALIGN: "IMAGE_FOV",
    COMBINE: "PIXTABLE_REDUCED",
}

RESPONSES = ("STD_RESPONSE", "STD_TELLURIC")
OWN_SKY = ("SKY_LINES", "SKY_CONTINUUM")
"""PRO.CATG of what muse_create_sky makes for muse_scipost."""

SKY_IS_TARGET = "its container or OB looks at nothing but sky: it is the target"

Blocks = tuple[AssociationBlock, ...]


def cascade(blocks: tuple[AssociationBlock, ...]) -> Blocks:
    """Add the ABs of the later steps, and let every AB wait for the makers of what it needs."""
    found = {str(ab.name): ab for ab in blocks}
    blocks = _with_targets(blocks)
    exposures = [ab for ab in blocks if ab.recipe == SCIBASIC]
    standards = [_standard(ab) for ab in exposures if ab.raw_type == "STD"]
    ready = [_with_response(ab, standards) for ab in exposures if ab.raw_type != "STD"]
    skies = {str(ab.name): _sky(ab) for ab in ready if ab.raw_type == "SKY"}
    targets = [ab for ab in ready if ab.raw_type == "OBJECT"]
    beside = [ab for ab in ready if ab.raw_type == "SKY"]
    posts = {}
    for ab in targets:
        nearest = _nearest_sky(ab, beside)
        posts[str(ab.name)] = _post(ab, skies[str(nearest.name)] if nearest else None)
    later = [*standards, *skies.values(), *posts.values()]
    for group in groups(targets):
        if len(group) >= LEAST:
            members = [posts[str(ab.name)] for ab in group]
            later += [align := _align(members), _combine(members, align)]
    added = (ab for ab in later if str(ab.name) not in found)
    return tuple(wait_for_makers((*map(set_aside, blocks), *added)))


def _with_targets(blocks: Blocks) -> Blocks:
    """Take the sky for the target in containers, or OBs without one, that have no other."""
    with_target = {series_of(ab) for ab in blocks if ab.raw_type == "OBJECT"}
    return tuple(
        _as_target(ab) if ab.raw_type == "SKY" and series_of(ab) not in with_target else ab
        for ab in blocks
    )


def _as_target(ab: AssociationBlock) -> AssociationBlock:
    """Have an exposure of the sky reduced as one of a target: muse_scipost takes no other."""
    raws = (evolve(raw, tag="OBJECT") if raw.tag == "SKY" else raw for raw in ab.raw_files)
    target = ab.edited(
        why=SKY_IS_TARGET,
        raw_type="OBJECT",
        raw_files=tuple(raws),
    )
    return evolve(target, products=pixel_tables(target))


def _made(parent: AssociationBlock, *categories: str) -> Iterable[MasterCalibration]:
    """Yield products that a parent predicts, as calibrations of its child."""
    for category in categories:
        for product in parent.products:
            if product.pro_catg == category:
                path = f"${{DFS_PRODUCT}}/{parent.date}/{parent.root}/{product.name}"
                yield MasterCalibration(path, category, virtual=True)


def _step(
    recipe: str,
    of: AssociationBlock,
    calibrations: Iterable[MasterCalibration],
    parameters: Sequence[Parameter] = (),
    members: Sequence[AssociationBlock] = (),
) -> AssociationBlock:
    """Make the AB of a later step, named after the first exposure that goes into it.

    Parameters
    ----------
    of : AssociationBlock
        That of the first exposure.
    members : sequence of AssociationBlock
        Those of all of them, where there are several.
    """
    root = f"{of.name.root.removesuffix(f'_{of.name.tag}')}_{TAGS[recipe]}"
    row = MUSE_IFU.recipe(recipe)
    several = tuple(members) or (of,)
    made = [one.pro_catg for one in row.products if one.required] if row else []
    return AssociationBlock(
        name=f"{root}.ab",
        recipe=recipe,
        calibrations=tuple(calibrations),
        parameters=tuple(parameters),
        products=tuple(
            PredictedProduct(row.product_name(root, catg), catg) for catg in made if row
        ),
        instrument=of.instrument,
        date=of.date,
        raw_type=RAW_TYPES[recipe],
        dpr_catg=of.dpr_catg,
        ab_event=of.ab_event if len(several) == 1 else "OB",
        obs_prog_id=of.obs_prog_id,
        obs_id=of.obs_id,
        obs_mode=of.obs_mode,
        # What it is made of: no recipe reads these, but IDPs name their exposures.
        associated_raws=tuple(raw for ab in several for raw in _exposures(ab)),
        mjd_obs=of.mjd_obs,
        mjd_mid=round(0.5 * (several[0].mjd_mid + several[-1].mjd_mid), 8),
        setup=set_aside(of).setup,
    )


def _exposures(ab: AssociationBlock) -> Iterable[RawFrame]:
    """Yield the raw files of exposures, not of the flat that comes with them.

    The sky is told again by its tag: the cube's header no longer says what it is of.
    """
    is_sky = any(edit.why == SKY_IS_TARGET for edit in ab.edits)
    for raw in (*ab.raw_files, *ab.associated_raws):
        if raw.tag != "ILLUM":
            yield evolve(raw, tag="SKY") if is_sky else raw


def _handed_on(ab: AssociationBlock, recipe: str) -> dict[str, MasterCalibration]:
    """Return what an exposure's AB carries for a later step, by PRO.CATG."""
    carried = {one.pro_catg: one for one in (*ab.calibrations, *ab.associated_masters)}
    return {catg: carried[catg] for catg in READ_BY[recipe] if catg in carried}


def _tables(ab: AssociationBlock) -> Iterable[MasterCalibration]:
    return _made(ab, f"PIXTABLE_{ab.raw_type}")


def _standard(ab: AssociationBlock) -> AssociationBlock:
    calibrations = (*_tables(ab), *_handed_on(ab, STANDARD).values())
    return _step(STANDARD, ab, calibrations, FROM_STANDARD)


def _with_response(
    ab: AssociationBlock, standards: Sequence[AssociationBlock]
) -> AssociationBlock:
    """Give an exposure that carries no response that of the nearest standard star of the night.

    One that it carries was certified with it, and stays.
    """
    carried = {one.pro_catg for one in ab.associated_masters}
    if not standards or carried & set(RESPONSES):
        return ab
    nearest = min(standards, key=lambda one: abs(one.mjd_mid - ab.mjd_mid))
    response = tuple(_made(nearest, *RESPONSES))
    return evolve(ab, associated_masters=(*ab.associated_masters, *response))


def _sky(ab: AssociationBlock) -> AssociationBlock:
    return _step(CREATE_SKY, ab, (*_tables(ab), *_handed_on(ab, CREATE_SKY).values()))


def _nearest_sky(
    ab: AssociationBlock, skies: Iterable[AssociationBlock]
) -> AssociationBlock | None:
    """Return the exposure of the sky for a target, None without one.

    That which is nearest in time, of the same OB before others of its container.
    """
    own = [sky for sky in skies if series_of(sky) == series_of(ab)]
    return min(
        own,
        key=lambda sky: (sky.obs_id != ab.obs_id, abs(sky.mjd_mid - ab.mjd_mid)),
        default=None,
    )


def _post(ab: AssociationBlock, sky: AssociationBlock | None) -> AssociationBlock:
    given = _handed_on(ab, SCIPOST)
    if sky is None:
        can_fit = {"LSF_PROFILE", "SKY_LINES"} <= given.keys()
        method = SKY_FROM_FIELD if can_fit else SKY_SIMPLE
        calibrations = (*_tables(ab), *given.values())
        return _step(SCIPOST, ab, calibrations, (*method, *POST_PROCESSING))
    own = {one.pro_catg: one for one in _made(sky, *OWN_SKY)}
    calibrations = (*_tables(ab), *(given | own).values())
    step = _step(SCIPOST, ab, calibrations, (*SKY_FROM_SKY, *POST_PROCESSING))
    # The list of lines that it can do with where that sky comes to nothing.
    spare = tuple(given[catg] for catg in OWN_SKY if catg in given)
    return evolve(step, associated_masters=spare)


def _align(members: Sequence[AssociationBlock]) -> AssociationBlock:
    images = (image for ab in members for image in _made(ab, "IMAGE_FOV"))
    return _step(ALIGN, members[0], images, ALIGNING, members)


def _combine(members: Sequence[AssociationBlock], align: AssociationBlock) -> AssociationBlock:
    tables = (table for ab in members for table in _made(ab, "PIXTABLE_REDUCED"))
    filters = _handed_on(members[0], SCIPOST).get("FILTER_LIST")
    calibrations = (
        *_made(align, "OFFSET_LIST"),
        *((filters,) if filters else ()),
        *tables,
    )
    return _step(COMBINE, members[0], calibrations, COMBINING, members)
