"""FLAMES/GIRAFFE for phoenix: one spectrum for every fibre of the Medusa mode.

The hooks in the order of the work; each is answered by the module that is named like its subject.
No module here may be called like a hook: once imported it would hide the hook from pluggy.

What was decided, and why:

- **Aperture.** giscience sums within the fitted profile (FF_PSFCENTROID, FF_PSFWIDTH), as
  gimasterflat does for the flat spectra. With the mask (FF_LOC*), which historical ABs ask for,
  the flux scale is 2 % too high. Certified masks of other nights are left as they are.
- **Extraction** by SUM, flat applied, fibre transmission not applied again: the flat spectra are
  normalised by one number for all fibres and so carry the transmission.
- **IDPs** hold air wavelengths in the barycentric frame (``phoenix.toolkit.barycentre``;
  giscience's own are heliocentric), counts of one exposure divided by the flat, the sky not
  subtracted. What is uncalibrated says so: FLUXCAL, FLUXERR = -1, UCDs with stat.uncalib.
- **The number of a fibre** is FPS, its place in the slit: in QC, QCFLAG and file names.
- **The letter of a master's name** is A: ESO's letters tell versions of one day apart that would
  else have one name, and the UT at the end of ours does so already. An AB that is done again
  replaces its products.
- **RA_ERR and DEC_ERR** are left out, and the validator warns (SDP 5.6 recommends them, for
  spectra only): RA and DEC are those of the target in the observer's catalogue, whose errors no
  file of the night tells. How well a fibre sits on its target is another thing.
- **Resolving power** (SPEC_RES) is that of the night's arc, else the nominal one of the setup.
"""

from __future__ import annotations

from phoenix import hookspecs
from phoenix.hookspecs import answered_by

processes = answered_by(hookspecs.processes, "phoenix_giraffe.process:PROCESSES")
"""GIRAFFE_MOS: Medusa spectra, one night at a time."""

adapt_rules = answered_by(hookspecs.adapt_rules, "phoenix_giraffe.blocks.association:ADAPTATIONS")
"""The changes of giraf.oca."""

edit_ab = answered_by(hookspecs.edit_ab, "phoenix_giraffe.blocks.edits:modernise")
"""A historical AB is brought to giraf 2.16.10."""

check_inputs = answered_by(hookspecs.check_inputs, "phoenix_giraffe.recipe.fitness:unfit")
"""Masters of another setup: the recipes take what they are given."""

gates = answered_by(hookspecs.gates, "phoenix_giraffe.recipe.gate:gates_of")
"""The rows of a recipe."""

second_try = answered_by(hookspecs.second_try, "phoenix_giraffe.recipe.lost:second_try")
"""Fibres from which the flats show no light are left out."""

qc_parameters = answered_by(hookspecs.qc_parameters, "phoenix_giraffe.quality.table:PARAMETERS")

measure_qc = answered_by(hookspecs.measure_qc, "phoenix_giraffe.quality.measure:measure")
"""An AB, and every fibre of it (element = FPS)."""

score_rules = answered_by(hookspecs.score_rules, "phoenix_giraffe.quality.scores:THRESHOLDS")

score_bits = answered_by(hookspecs.score_bits, "phoenix_giraffe.quality.scores:BITS")
"""The nine published ones."""

previews = answered_by(hookspecs.previews, "phoenix_giraffe.report.preview:panels")

rename_product = answered_by(hookspecs.rename_product, "phoenix_giraffe.delivery.names:final_name")
"""GI_<CODE>_..."""

convert_to_idps = answered_by(hookspecs.convert_to_idps, "phoenix_giraffe.delivery.idp:convert")
"""One SCIENCE.SPECTRUM for every fibre on a target; lost fibres are left out."""

simulate = answered_by(hookspecs.simulate, "phoenix_giraffe.simulation:simulate_night")
"""A Medusa night with known truth."""
