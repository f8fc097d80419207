"""UVES for phoenix: echelle spectra of three detectors, flux-calibrated and joined.

The hooks in the order of the work; each is answered by the module that is named like its subject.
No module here may be called like a hook: once imported it would hide the hook from pluggy.

What was decided, and why:

- **Extraction** is that of the ESO release: optimal, cosmics at 20 sigma; beyond 760 nm pixels are
  divided by the flat before they are extracted. Spectra of image slicers and extended sources are
  means over the slit. A response must be made alike, so standard stars are extracted alike; means
  over the slit stay in counts.
- **One AB an arm**: the recipes reduce both red chips at once. IDPs hold the joined spectrum of
  an arm, the gap between the red chips flagged in QUAL.
- **IDPs** hold air wavelengths in the barycentric frame and calibrated flux, else counts. The
  error of the flux is computed again, because the pipeline forgets the extinction in it.
- **OB stacks**: several exposures of an OB in one setup are averaged by the recipe uves_stack
  (ours); the single ones travel as ancillaries. They are IDPs where the stack came to nothing.
- **Without a response** a point source is reduced to counts, with its bit; **without one of its
  exposures** a stack is the mean of the others, two at least.
- **A format that moved** is measured in the raw frame, and uves_cal_predict tried once more.
- **Elements** of QC parameters are orders by their true number (above 30) and chips: 1 BLUE,
  2 REDL, 3 REDU.
- **QCFLAG**: no table was ever published for UVES; this one is ours.
"""

from __future__ import annotations

from phoenix import hookspecs
from phoenix.hookspecs import answered_by

processes = answered_by(hookspecs.processes, "phoenix_uves.process:PROCESSES")
"""UVES_ECH: echelle spectra of both arms, one night at a time."""

adapt_rules = answered_by(hookspecs.adapt_rules, "phoenix_uves.blocks.association:ADAPTATIONS")
"""The changes of uves.oca."""

edit_ab = answered_by(hookspecs.edit_ab, "phoenix_uves.blocks.edits:modernise")
"""A historical AB is brought to uves 6.1.8."""

build_cascade = answered_by(hookspecs.build_cascade, "phoenix_uves.blocks.cascade:cascade")
"""An AB is added for every OB whose exposures are to be averaged."""

do_without = answered_by(hookspecs.do_without, "phoenix_uves.blocks.optional:left_of")
"""Science without a response is reduced to counts, the exposures that are left are averaged."""

check_inputs = answered_by(hookspecs.check_inputs, "phoenix_uves.recipe.fitness:unfit")
"""What would crash a recipe or spoil its result in silence."""

gates = answered_by(hookspecs.gates, "phoenix_uves.recipe.gate:gates_of")
"""The rows of a recipe."""

second_try = answered_by(hookspecs.second_try, "phoenix_uves.recipe.shift:second_try")
"""uves_cal_predict is told by how much the format moved."""

mend_products = answered_by(hookspecs.mend_products, "phoenix_uves.recipe.response:bridge_lines")
"""The hydrogen lines of the standard star in responses are bridged."""

qc_parameters = answered_by(hookspecs.qc_parameters, "phoenix_uves.quality.table:PARAMETERS")

measure_qc = answered_by(hookspecs.measure_qc, "phoenix_uves.quality.measure:measure")
"""An AB, every chip of a calibration and every order of a spectrum."""

score_rules = answered_by(hookspecs.score_rules, "phoenix_uves.quality.scores:THRESHOLDS")

score_bits = answered_by(hookspecs.score_bits, "phoenix_uves.quality.scores:BITS")
"""Our own."""

previews = answered_by(hookspecs.previews, "phoenix_uves.report.preview:panels")

rename_product = answered_by(hookspecs.rename_product, "phoenix_uves.delivery.names:final_name")
"""UV_<CODE>_..."""

convert_to_idps = answered_by(hookspecs.convert_to_idps, "phoenix_uves.delivery.idp:convert")
"""One SCIENCE.SPECTRUM for an exposure, or for the stack of an OB."""

simulate = answered_by(hookspecs.simulate, "phoenix_uves.simulation:simulate_night")
"""A night of both arms with known truth."""
