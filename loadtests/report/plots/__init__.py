"""Draws records, rows and verdicts. Each figure takes data and returns a matplotlib Figure.

This is the only room with matplotlib. It knows nothing of files or of how verdicts are reached,
and each figure has a sibling ending in `_alt` that says the same in words.
"""
