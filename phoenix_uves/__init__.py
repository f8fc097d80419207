"""UVES for phoenix: echelle spectra of three detectors, flux-calibrated and joined."""
