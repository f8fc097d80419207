"""The whole line: prepare, process, certify, finish; conversion and ingestion apart."""
