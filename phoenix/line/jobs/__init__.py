"""The jobs of a night: what is to do, what is done, what a worker does, what is stored of it."""
