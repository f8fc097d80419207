"""What persons say about ABs: verdicts on what waits, and comments."""
