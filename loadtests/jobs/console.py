"""What a job tells while it works."""


def say(text: str) -> None:
    """Print at once."""
    print(text, flush=True)
