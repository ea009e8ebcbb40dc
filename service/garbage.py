"""How Python looks for cyclic garbage in a process with thousands of connections."""

import gc

# Every open connection is a handful of objects that live long. By default a full collection
# walks them all whenever their number has grown by a quarter, which stops every user for up to
# 0.2 s several times in a ramp to 10,000; what a request leaves behind is freed without it.
THRESHOLDS = (20_000, 20, 1_000)


def spare_what_is_loaded() -> None:
    """Leave all there is now out of every collection, and collect seldom."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*THRESHOLDS)
