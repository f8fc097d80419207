"""The panels of the QC report."""
