"""QC1: measurements and scores, as rows, as wide tables, as trends."""
