"""What stands around the recipes: gates, second tries, recipes of our own."""
