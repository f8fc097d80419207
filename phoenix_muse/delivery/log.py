"""The combined log of a cube: which ABs made it, from what, and what the recipes said.

It goes with the cube as its read-me, in the form that the logs of the archive have: the tree of
ABs, then set of frames, parameters and log of each, in the order of processing. The name of its AB
stands in front of every line, so that ``grep`` finds all of one AB.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from phoenix.model.plain import plain
from phoenix.toolkit.files import find
from phoenix_muse.process import ALIGN, COMBINE, CREATE_SKY, SCIBASIC, SCIPOST

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from phoenix.model.ab import AssociationBlock
    from phoenix.model.ancestor import Ancestor
    from phoenix.model.frames import Product

__all__ = ["combined_log", "exposures_behind"]

ORDER = ("SKY", "PIXTABLE_SKY", "OBJECT", "PIXTABLE_OBJECT", "IMAGE_FOV", "PIXTABLE_REDUCED")
"""Raw types of the ABs of a cube, in the order of processing."""

MOST_LINES = 20_000
"""Lines of a log that are taken over (ours): those of 24 IFUs are some thousand."""

_RECIPES = (COMBINE, ALIGN, SCIPOST, CREATE_SKY, SCIBASIC)
_RULE = 100
_SPARE = 1000  # characters of a line; none of a recipe comes near it


def exposures_behind(ancestors: Iterable[Ancestor]) -> tuple[Ancestor, ...]:
    """Return the cubes of single exposures among the ancestors, in order of time."""
    return tuple(one for one in ancestors if one.ab.recipe == SCIPOST)


def combined_log(
    ab: AssociationBlock, products: Sequence[Product], ancestors: Sequence[Ancestor]
) -> str:
    """Return the text of the combined log of a cube."""
    rows = [(one.ab, one.products) for one in ancestors if one.ab.raw_type in ORDER]
    rows.append((ab, tuple(products)))
    rows.sort(key=lambda row: (ORDER.index(row[0].raw_type), str(row[0].name)))
    lines = [*_tree(ab, [block for block, _ in rows]), "", *_introduction()]
    for block, made in rows:
        lines += ("", *_chapter(block, made))
    return "\n".join(lines) + "\n"


def _tree(ab: AssociationBlock, blocks: Sequence[AssociationBlock]) -> Iterator[str]:
    kind = "of an OB" if ab.recipe == COMBINE else "of one exposure"
    yield f"1. Association Blocks that contribute to the cube {kind}: {ab.name}"
    yield "   They were processed in the order of section 2, from the last line up."
    yield ""
    for recipe in _RECIPES:
        for block in blocks:
            if block.recipe == recipe:
                what = f"{recipe} ({block.raw_type})"
                yield f"   {what:<38} {block.name}"
                yield from (f"   {'':<38}   <- {name}" for name in _behind(block, blocks))
    if not any(block.recipe == CREATE_SKY for block in blocks):
        yield ""
        yield "   There were no exposures of the sky: it was taken from the field itself."


def _behind(block: AssociationBlock, blocks: Sequence[AssociationBlock]) -> list[str]:
    names = {str(one.name) for one in blocks}
    return [name for name in block.waits_for if name in names]


def _introduction() -> tuple[str, ...]:
    return (
        "2. Sets of frames, parameters and logs, in the order of processing",
        "   grep for [<AB>] gives all of one AB.",
    )


def _chapter(ab: AssociationBlock, products: Sequence[Product]) -> Iterator[str]:
    head = f"[{ab.root}]"
    yield f"{head} {'=' * _RULE}"
    yield f"{head} {ab.name}: {ab.recipe}, RAW_TYPE {ab.raw_type}"
    yield f"{head} {'=' * _RULE}"
    yield from (f"{head} SOF_CONTENT {raw.path} {raw.tag} RAW" for raw in ab.raw_files)
    yield from (f"{head} SOF_CONTENT {one.path} {one.pro_catg} CALIB" for one in ab.calibrations)
    yield from (f"{head} RECIPE_PARAM {parameter}" for parameter in ab.parameters)
    path = find(products, "RECIPE_LOG")
    if path is None:
        yield f"{head} its log is not there any more"
        return
    lines = path.read_text("utf-8", "replace").splitlines()
    yield from (f"{head} {plain(line[:_SPARE])}".rstrip() for line in lines[:MOST_LINES])
    if len(lines) > MOST_LINES:
        yield f"{head} ... and {len(lines) - MOST_LINES} lines more"
