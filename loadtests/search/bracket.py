"""One axis of steps: from some step on the answer is another. Which step to ask next?"""


def next_step(low: int, high: int, expected: int) -> int:
    """Return a step between the last known of the lower side and the first of the upper side.

    `low` is -1 and `high` the number of steps where none is known; there must be a step between.
    The expected step is asked first, then its neighbour on the other side, then one more: being one
    step off is common. From there the stride doubles (Bentley & Yao 1976), and once it would leave
    what is open, that is halved.
    """
    if low < expected < high:
        return expected
    down, up = high - max(1, expected - high), low + max(1, low - expected)
    wanted = down if high <= expected else up
    return wanted if low < wanted < high else (low + high) // 2
