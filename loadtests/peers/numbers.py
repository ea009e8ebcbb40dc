"""Figures as tables and sentences write them."""

import math


def number(value: float) -> str:
    """Write a figure with three digits, and no more than whole ones from 100 on."""
    if value == 0 or not math.isfinite(value):
        return f"{value:g}"
    digits = max(0, 2 - math.floor(math.log10(abs(value))))
    return f"{value:,.{digits}f}"


def span(lowest: float, highest: float) -> str:
    """Write two figures as a range, and as one where they read alike."""
    low, high = number(lowest), number(highest)
    return low if low == high else f"{low} to {high}"
