"""Detector and sky models, ESO headers and faults, shared by the simulated nights."""
