"""Tests of first locustfiles."""
