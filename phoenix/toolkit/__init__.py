"""What the plugins of four instruments share: headers, pixels, spectra, measures."""
