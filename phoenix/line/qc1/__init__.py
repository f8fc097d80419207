"""The QC1 database, looked at across nights: rows, filters, statistics, files."""
