"""The products of a finished recipe: found, named, labelled."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import evolve

from phoenix.archive.source import check_fits
from phoenix.errors import ArchiveError, DataError, HeaderError
from phoenix.formats.files import is_plain_file
from phoenix.formats.fits.headers import read_keys
from phoenix.model.frames import Product
from phoenix.steps.shelf.jsonfile import read_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from phoenix.instrument import Instrument
    from phoenix.model.ab import AssociationBlock
    from phoenix.model.process import Process
    from phoenix.model.recipe import Recipe

__all__ = ["broken_files", "collect_products", "odd_products", "pipefile_names", "take_products"]

_PRO_CATG = "ESO PRO CATG"
# PIXTABLE_OBJECT_0001-07.fits is of the first exposure and IFU 7, MASTER_BIAS-07.fits of IFU 7.
_RECIPE_NUMBER = re.compile(r"(?:_(\d+))?(?:-(\d+))?\Z", re.ASCII)
_FIRST = 1


def collect_products(output: Path, listing: Path) -> tuple[tuple[Path, str], ...]:
    """Return the FITS files of a folder and the PRO.CATG of each, sorted by name.

    Parameters
    ----------
    output : Path
        Where the recipe put its products.
    listing : Path
        The list that esorex wrote; for what it does not name, the header says what it is.
    """
    listed = _listed(listing)
    paths = sorted(path for path in output.glob("*.fits") if is_plain_file(path))
    return tuple((path, listed.get(path.name) or _category(path)) for path in paths)


def odd_products(output: Path) -> tuple[str, ...]:
    """Return one sentence for everything that is called as a product and is no plain file.

    A link would be moved as the product, and what it points at be delivered or overwritten.
    """
    return tuple(
        f"product {path.name}: found no plain file, expected one; see what the recipe linked there"
        for path in sorted(output.glob("*.fits"))
        if not is_plain_file(path)
    )


def _listed(listing: Path) -> dict[str, str]:
    try:
        rows: Any = read_json(listing) or []
        return {Path(row["name"]).name: str(row["category"]) for row in rows}
    except (DataError, KeyError, TypeError):
        # Cut short, as on a full disk: the headers know as well.
        return {}


def _category(path: Path) -> str:
    try:
        value = read_keys(path, [_PRO_CATG]).get(_PRO_CATG)
    except HeaderError:
        return ""
    return value if isinstance(value, str) else ""


def pipefile_names(root: str, recipe: Recipe, found: Sequence[tuple[str, str]]) -> tuple[str, ...]:
    """Return the PIPEFILE names of products, ``r.<root>_<nnnn>.fits``.

    Parameters
    ----------
    root : str
        Root of the AB.
    recipe : Recipe
        Its rows number the declared products; the first of a category gets that number. Those of
        a row that is numbered all get it, and besides the number that the recipe gave them.
    found : sequence of (str, str)
        Name and PRO.CATG of the products in order of their names; whatever is left over is
        numbered in that order after the last declared one.
    """
    numbered = {row.pro_catg for row in recipe.products if row.numbered}
    following = len(recipe.products)
    names: list[str] = []
    for file, category in found:
        own = _recipe_number(file) if category in numbered else ""
        name = recipe.product_name(root, category, own)
        if recipe.sequence_number(category) is None or name in names:
            name, following = f"r.{root}_{following:04d}.fits", following + 1
        names.append(name)
    return tuple(names)


def _recipe_number(file: str) -> str:
    """Return the number in which the name of a product ends; the first exposure needs none."""
    match = _RECIPE_NUMBER.search(Path(file).stem)
    exposure, unit = match.groups() if match else (None, None)
    parts = (None if unit and exposure and int(exposure) == _FIRST else exposure, unit)
    return "-".join(part for part in parts if part)


def take_products(
    instrument: Instrument,
    process: Process,
    ab: AssociationBlock,
    found: Sequence[tuple[Path, str]],
    folder: Path,
) -> tuple[Product, ...]:
    """Move products into a folder under their PIPEFILE names and label them, in that order."""
    recipe = process.recipe(ab.recipe)
    if recipe is None:
        raise DataError(f"{ab.name}: process {process.name} has no recipe {ab.recipe}")
    names = pipefile_names(ab.root, recipe, [(path.name, catg) for path, catg in found])
    products = []
    for (path, category), name in sorted(zip(found, names, strict=True), key=lambda row: row[1]):
        product = Product(path.rename(folder / name), category, ab_name=str(ab.name))
        labelled = instrument.label_product(process, ab, product)
        products.append(evolve(labelled, path=product.path, ab_name=str(ab.name)))
    return tuple(products)


def broken_files(products: Sequence[Product]) -> tuple[str, ...]:
    """Return one sentence for every product that is no whole FITS file."""
    sentences = []
    for product in products:
        try:
            check_fits(product.path)
        except ArchiveError as error:
            sentences.append(f"product {product.pro_catg or product.path.name}: {error}")
    return tuple(sentences)
