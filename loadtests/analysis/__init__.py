"""Reads records and judges them: validity, verdict, causes, intervals, the least that holds.

It knows records and files, and nothing of engines, searches or how anything is shown; all of it is
pure but for reading a trial's folder, so any stored trial can be judged again by a better rule.
"""
