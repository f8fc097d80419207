"""Conversion and ingestion of nights, started apart from processing."""
