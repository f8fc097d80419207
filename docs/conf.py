"""Settings of sphinx for ``make docs``; warnings are errors there."""

from __future__ import annotations

from importlib.metadata import version as installed_version

project = "phoenix"
author = "The phoenix developers"
copyright = "The phoenix developers, GPL-3.0-or-later"
release = installed_version("phoenix-idp")
extensions = ["myst_parser"]
# Headings become link targets, as on the forges that show these files without sphinx.
myst_heading_anchors = 4
myst_enable_extensions = ["colon_fence"]
exclude_patterns = ["_build", "**.ipynb_checkpoints", "*.ipynb", "tutorial/*.ipynb"]
html_theme = "alabaster"
html_theme_options = {
    "description": "The open production line for science-grade data products of the VLT",
    "page_width": "1100px",
    "sidebar_width": "250px",
}
html_title = f"phoenix {release}"
