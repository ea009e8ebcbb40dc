"""What `make` calls: each module is one job with a command line, an exit code and plain words.

It knows notebooks, folders and the command line; what is measured, judged and shown it leaves to
the rooms below, and nothing below knows it.
"""
