"""What travels on the line: frozen values, no files, no clock, no network."""
