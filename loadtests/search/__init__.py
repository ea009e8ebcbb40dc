"""Decides what to measure next, and when enough is known.

Pure: what has been found goes in, one decision with its reason comes out, so that a search can be
stopped and taken up anywhere, and tested in microseconds against services that never ran. It knows
neither containers nor records, nor how a verdict is reached.
"""
