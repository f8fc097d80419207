"""Delivery of one AB: its products converted to IDPs, and these handed to the archive."""
