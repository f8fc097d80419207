"""Quality of one AB: measured, scored, compared with its history, certified, drawn."""
