"""The OCA rule language: classification, organisation, association."""
