"""One step for one AB: what a worker does; files in, files out, no database."""
