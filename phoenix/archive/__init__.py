"""Where files come from and go to: AB repositories, raw and master sources, Phase 3."""
