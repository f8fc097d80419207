"""ESO's Science Data Products Standard as tables, and the validator that reads them."""
