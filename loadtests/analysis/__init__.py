"""Reads records and says what they mean: validity, verdict, causes, intervals, figures, answer.

It knows records and files, and nothing of engines, containers or searches; all of it is pure but
for reading a trial's folder, so any stored trial can be judged again by a better rule.
"""
