"""What leaves: final names and IDPs."""
