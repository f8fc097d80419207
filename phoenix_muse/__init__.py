"""MUSE for phoenix: cubes of the integral-field spectrograph, one OB a cube.

The hooks in the order of the work; each is answered by the module that is named like its subject.
No module here may be called like a hook: once imported it would hide the hook from pluggy.

What was decided, and why:

- **The later steps** (response, sky, cubes, offsets, combinations) are ABs of the cascade, made of
  those of the exposures: no repository has them, and rules of the telescope do not make them. Tree
  and names are those of a real archive log of 2015.
- **Exposures come together** by container or OB, mode and pointing; rotations and templates may
  differ. A single one is a cube of its own.
- **The sky** comes from a SKY exposure of the OB or of its container, or else from the field
  itself; where that cannot be fitted, a median is taken off.
- **A frame that lacks an IFU** is not reduced, as muse would fail after its work on the others.
- **An alignment that is not sure** is gated, and its exposures are combined where they are.
- **Pixel tables** have the number of their IFU, and leave when they were read.
"""

from __future__ import annotations

from phoenix import hookspecs
from phoenix.hookspecs import answered_by

processes = answered_by(hookspecs.processes, "phoenix_muse.process:PROCESSES")
"""MUSE_IFU: cubes, one night at a time."""

adapt_rules = answered_by(hookspecs.adapt_rules, "phoenix_muse.blocks.association:ADAPTATIONS")
"""The changes of muse.oca."""

edit_ab = answered_by(hookspecs.edit_ab, "phoenix_muse.blocks.edits:modernise")
"""A historical AB is brought to muse 2.8.7."""

build_cascade = answered_by(hookspecs.build_cascade, "phoenix_muse.blocks.cascade:cascade")
"""The ABs of the later steps are added: response, sky, cubes, offsets, combinations."""

do_without = answered_by(hookspecs.do_without, "phoenix_muse.blocks.optional:left_of")
"""Twilight, the sky beside the field, offsets and a lost exposure can be done without."""

resources = answered_by(hookspecs.resources, "phoenix_muse.blocks.needs:needed")
"""Memory by IFUs and exposures, or as it was seen before."""

check_inputs = answered_by(hookspecs.check_inputs, "phoenix_muse.recipe.fitness:unfit")
"""What a recipe would pass over in silence, or fail at after all its work."""

gates = answered_by(hookspecs.gates, "phoenix_muse.recipe.gate:gates_of")
"""The rows of a recipe."""

second_try = answered_by(hookspecs.second_try, "phoenix_muse.recipe.sky:second_try")
"""Where the sky of a field cannot be fitted, a median is taken off."""

qc_parameters = answered_by(hookspecs.qc_parameters, "phoenix_muse.quality.table:PARAMETERS")

measure_qc = answered_by(hookspecs.measure_qc, "phoenix_muse.quality.measure:measure")
"""An AB, its IFUs, or the sources of its cube."""

score_rules = answered_by(hookspecs.score_rules, "phoenix_muse.quality.scores:THRESHOLDS")

score_bits = answered_by(hookspecs.score_bits, "phoenix_muse.quality.scores:bits_of")
"""Cubes alone have them."""

previews = answered_by(hookspecs.previews, "phoenix_muse.report.preview:panels")

cover_groups = answered_by(hookspecs.cover_groups, "phoenix_muse.report.cover:groups_of")
"""The cubes of an OB are on one sheet."""

coversheet = answered_by(hookspecs.coversheet, "phoenix_muse.report.cover:coversheet_panels")
"""The exposures of an OB, and what they agree in."""

rename_product = answered_by(hookspecs.rename_product, "phoenix_muse.delivery.names:final_name")
"""MU_<CODE>_..."""

convert_to_idps = answered_by(hookspecs.convert_to_idps, "phoenix_muse.delivery.idp:convert")
"""One SCIENCE.CUBE.IFS, its white light, and what tells how it was made."""

simulate = answered_by(hookspecs.simulate, "phoenix_muse.simulation:simulate_night")
"""A night of one or more IFUs with known truth."""
