"""What is asked of a workspace and its machine, as tables and findings."""
