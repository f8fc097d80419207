"""The rows of the process agree with the pipeline that is installed."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest

from phoenix.pipelines.find import installed_pipeline
from phoenix_giraffe.parameters import KNOWN_PARAMETERS
from phoenix_giraffe.process import GIRAFFE_MOS, PIPELINE, PIPELINE_VERSION

pytestmark = pytest.mark.recipes


@pytest.mark.parametrize("recipe", KNOWN_PARAMETERS)
def test_the_parameters_of_a_recipe_are_those_that_esorex_lists(recipe):
    folder = installed_pipeline(PIPELINE).recipes
    listed = subprocess.run(
        [shutil.which("esorex"), f"--recipe-dir={folder}", "--params", recipe],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.partition("Recipe Parameters")[2]
    assert set(re.findall(r"^  ([A-Za-z][\w-]*) *:", listed, re.MULTILINE)) == set(
        KNOWN_PARAMETERS[recipe]
    )


def test_the_rows_were_written_for_the_installed_version():
    assert installed_pipeline(PIPELINE).version == PIPELINE_VERSION


def test_a_good_night_makes_the_declared_products_and_no_others(good):
    for one in good.blocks:
        recipe = GIRAFFE_MOS.recipe(one.ab.recipe)
        made = [product.pro_catg for product in one.products]
        assert made == [row.pro_catg for row in recipe.products if row.required]


def test_recipes_stay_within_their_memory(good):
    for one in good.blocks:
        assert one.result.peak_memory_mb < GIRAFFE_MOS.recipe(one.ab.recipe).resources.memory_mb
