"""Migrations of the store, one file each, run by :func:`phoenix.store.database.open_engine`."""
