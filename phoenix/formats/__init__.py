"""Files to model and back, nothing else."""
