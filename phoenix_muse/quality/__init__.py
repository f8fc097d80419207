"""QC: parameters, how they are measured, thresholds and bits."""
