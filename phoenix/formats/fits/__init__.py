"""FITS: cards, headers, blocks, tiles and HDUs read and written; the standard's numbers."""
