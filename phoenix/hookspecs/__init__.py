"""The hooks: the manual of a plugin author.

A plugin is a module (``phoenix_giraffe``) with an entry point in the group
``phoenix.instruments``. It implements the hooks below as module-level functions marked with
``phoenix.hookimpl``, each taking the arguments it needs and no others; or it names what answers
them in other modules (:func:`phoenix.hookspecs.answer.answered_by`). One run loads the defaults
and one instrument, so a hook is never asked about data of another instrument. Where a hook is
marked *first*, the first answer that is not None wins and None means "the default will do"; where
it is marked *all*, answers are added up.
"""

from __future__ import annotations

from phoenix.hookspecs import products, reduction
from phoenix.hookspecs.answer import answered_by
from phoenix.hookspecs.marker import hookimpl, hookspec
from phoenix.hookspecs.products import (
    add_commands,
    convert_to_idps,
    cover_groups,
    coversheet,
    measure_qc,
    ob_grades,
    previews,
    qc_parameters,
    rename_product,
    score_bits,
    score_rules,
    simulate,
)
from phoenix.hookspecs.reduction import (
    adapt_rules,
    build_cascade,
    check_inputs,
    do_without,
    edit_ab,
    gates,
    label_product,
    mend_products,
    processes,
    resources,
    second_try,
)

__all__ = [
    "adapt_rules",
    "add_commands",
    "answered_by",
    "build_cascade",
    "check_inputs",
    "convert_to_idps",
    "cover_groups",
    "coversheet",
    "do_without",
    "edit_ab",
    "gates",
    "hookimpl",
    "hookspec",
    "label_product",
    "measure_qc",
    "mend_products",
    "ob_grades",
    "previews",
    "processes",
    "qc_parameters",
    "rename_product",
    "resources",
    "score_bits",
    "score_rules",
    "second_try",
    "simulate",
]

PARTS = (reduction, products)
"""The modules of the hooks, in the order of the work."""
