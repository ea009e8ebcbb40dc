"""Tests of the comparison of searches."""
