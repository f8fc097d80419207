"""One recipe: how it is found, started, watched, tried again, and what its products must show."""
