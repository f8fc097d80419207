"""A night, or a created pool of nights, on the line: prepared, processed, certified, finished."""
