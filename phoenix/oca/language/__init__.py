"""The rule language: frames, rule files read into a tree, conditions made into tests."""
