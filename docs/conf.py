"""Settings of sphinx for ``make docs``; warnings are errors there."""

from __future__ import annotations

import ast
import inspect
from functools import cache
from importlib import import_module
from importlib.metadata import version as installed_version
from typing import TYPE_CHECKING

from sphinx.addnodes import pending_xref

if TYPE_CHECKING:
    from collections.abc import Mapping

    from docutils.nodes import document
    from sphinx.application import Sphinx

project = "phoenix"
author = "The phoenix developers"
copyright = "The phoenix developers, GPL-3.0-or-later"
release = installed_version("phoenix-idp")
extensions = ["myst_parser", "sphinx.ext.autodoc", "numpydoc"]
# Headings become link targets, as on the forges that show these files without sphinx.
myst_heading_anchors = 4
myst_enable_extensions = ["colon_fence"]
# The pages below reference/api are made of docstrings, in the order of the source.
autodoc_default_options = {"members": True, "show-inheritance": True}
autodoc_member_order = "bysource"
# Members stand below their class; a second list of them beside it says nothing new.
numpydoc_show_class_members = False
add_module_names = False
exclude_patterns = ["_build", "**.ipynb_checkpoints", "*.ipynb", "tutorial/*.ipynb"]
html_theme = "alabaster"
html_theme_options = {
    "description": "The open production line for science-grade data products of the VLT",
    "page_width": "1100px",
    "sidebar_width": "250px",
}
html_title = f"phoenix {release}"


def setup(app: Sphinx) -> None:
    """Give sphinx the function below."""
    app.connect("doctree-read", name_types_in_full)


def name_types_in_full(_: Sphinx, doctree: document) -> None:
    """Let the types of a signature lead to what the module imports under that name.

    Most imports of types stand below TYPE_CHECKING, where autodoc does not see them. It would take
    any class of that name, and there is a Table of IDPs and a Table of answers.
    """
    for node in doctree.findall(pending_xref):
        module = node.get("py:module")
        if module and node.get("reftarget") in _imported(module):
            node["reftarget"] = _imported(module)[node["reftarget"]]


@cache
def _imported(module: str) -> Mapping[str, str]:
    tree = ast.parse(inspect.getsource(import_module(module)))
    return {
        alias.asname or alias.name: f"{node.module}.{alias.name}"
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
