"""The shelf: where the files of an AB are, how they are published and found again."""
