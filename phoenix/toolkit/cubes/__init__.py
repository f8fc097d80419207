"""Cubes of gigabytes, read plane by plane and measured on the way."""
