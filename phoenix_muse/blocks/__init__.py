"""Association Blocks: how they are made, edited and put in order."""
