"""How many files a process may open."""

import resource

WANTED = 2500


def raise_descriptor_limit() -> None:
    """Let this process open WANTED files; raises ValueError where the hard limit is lower."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < WANTED:
        resource.setrlimit(resource.RLIMIT_NOFILE, (WANTED, hard))
