"""Whole parts at work with a real container engine."""
