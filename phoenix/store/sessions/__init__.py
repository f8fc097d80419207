"""Sessions of a database, and what coordinators hold by them against each other."""
