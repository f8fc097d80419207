"""X-shooter for phoenix: echelle spectra of three arms, from 300 to 2500 nm.

The hooks in the order of the work; each is answered by the module that is named like its subject.
No module here may be called like a hook: once imported it would hide the hook from pluggy.

What was decided, and why:

- **Polynomials**: the rules of the pipeline are those of its physical model; the optimised models
  that it needs come with no open package. Rows of ``blocks.association`` turn every action to the
  polynomial mode, which the recipes have beside it.
- **One AB an arm**, as the templates of the three arms are three; one IDP an arm. They meet on the
  coversheet of their pointing.
- **Unbinned calibrations serve binned frames**: format check, order definition and multi-pinhole
  arc are always unbinned; bias, flat and science have one binning, which the rules forget to ask.
- **The response** of the night calibrates its science; without one it is in counts, with its bit.
- **IDPs** are made from the merged spectra, which hold the numbers of the recipe's own table, so
  that products of old pipelines can be converted too. Wavelengths are in air and barycentric.
- **IFU** frames have no raw type here: they are left out, with the reason.
- **Elements** of QC parameters are orders by their number.
- **QCFLAG** has seven characters, as ESO's; what was never published of it is ours.
"""

from __future__ import annotations

from phoenix import hookspecs
from phoenix.hookspecs import answered_by

processes = answered_by(hookspecs.processes, "phoenix_xshooter.process:PROCESSES")
"""XSHOOTER_ECH: echelle spectra of three arms, one night at a time."""

adapt_rules = answered_by(hookspecs.adapt_rules, "phoenix_xshooter.blocks.association:ADAPTATIONS")
"""The changes of xshoo.oca."""

edit_ab = answered_by(hookspecs.edit_ab, "phoenix_xshooter.blocks.edits:modernise")
"""A historical AB is brought to xshoo 3.5.0."""

do_without = answered_by(hookspecs.do_without, "phoenix_xshooter.blocks.optional:left_of")
"""Science without a response is reduced to counts."""

check_inputs = answered_by(hookspecs.check_inputs, "phoenix_xshooter.recipe.fitness:unfit")
"""What would crash a recipe or spoil its result in silence."""

gates = answered_by(hookspecs.gates, "phoenix_xshooter.recipe.gate:gates_of")
"""The rows of a recipe."""

qc_parameters = answered_by(hookspecs.qc_parameters, "phoenix_xshooter.quality.table:PARAMETERS")

measure_qc = answered_by(hookspecs.measure_qc, "phoenix_xshooter.quality.measure:measure")
"""An AB, and every order of a spectrum."""

score_rules = answered_by(hookspecs.score_rules, "phoenix_xshooter.quality.scores:THRESHOLDS")

score_bits = answered_by(hookspecs.score_bits, "phoenix_xshooter.quality.scores:BITS")

previews = answered_by(hookspecs.previews, "phoenix_xshooter.report.preview:panels")

cover_groups = answered_by(hookspecs.cover_groups, "phoenix_xshooter.report.cover:groups_of")
"""The arms of a pointing are on one sheet."""

coversheet = answered_by(hookspecs.coversheet, "phoenix_xshooter.report.cover:coversheet_panels")
"""All arms, and where they meet."""

rename_product = answered_by(
    hookspecs.rename_product, "phoenix_xshooter.delivery.names:final_name"
)
"""XS_<CODE>_..."""

convert_to_idps = answered_by(hookspecs.convert_to_idps, "phoenix_xshooter.delivery.idp:convert")
"""One SCIENCE.SPECTRUM for an arm of a pointing."""

simulate = answered_by(hookspecs.simulate, "phoenix_xshooter.simulation:simulate_night")
"""A night of three arms with known truth."""
