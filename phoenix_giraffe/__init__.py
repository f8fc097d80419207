"""FLAMES/GIRAFFE for phoenix: one spectrum for every fibre of the Medusa mode.

The hooks in the order of the work; each one answers from the module named like it.
"""
