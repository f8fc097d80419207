"""ABs made from raw files by OCA rules: the header pool, the rulebook, creation, explanation."""
