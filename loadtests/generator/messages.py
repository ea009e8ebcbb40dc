"""What a master and its workers tell each other beside what Locust's own do: names of messages."""

# From the master.
BEGIN = "aguanta_begin"  # when (Unix time, by the worker's own clock): the load's clocks begin
RAMPED_UP = "aguanta_ramped_up"  # when (s): a level's users have come, or were waited for enough
FINISH = "aguanta_finish"  # nothing: the load is over
HEARD = "aguanta_heard"  # nothing: the report was
CLOCK = "aguanta_clock"  # the master's wall clock, to be sent back

# From a worker.
READY = "aguanta_ready"  # nothing: it listens
CLOCK_TOLD = "aguanta_clock_told"  # what the master sent, and the worker's wall clock
AWAITING = "aguanta_awaiting"  # nothing: users may come
SECOND = "aguanta_second"  # a `Second`
LEVEL = "aguanta_level"  # a `LevelReport`
OVER = "aguanta_over"  # nothing: the last level is, and users may leave
REPORT = "aguanta_report"  # a `Report`
