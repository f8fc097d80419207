"""Grades of OBs and observers' comments: where they come from, and what is shown of them."""
