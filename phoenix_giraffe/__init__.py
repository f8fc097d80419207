"""FLAMES/GIRAFFE for phoenix."""
