"""When more has failed than all of a load may have."""

import pytest

from loadtests.generator.early_stop import EarlyStop, StoppedEarly

# 0.1% of 60,000 requests: 60 may fail.
RULE = EarlyStop(0.001, 60_000, 500_000.0)


def test_a_whole_load_is_at_least_as_many_requests_as_planned():
    """Users who are held up ask less often, and may yet catch up."""
    assert RULE.requests_of_whole(sent=0, users=0, user_s=0.0) == 60_000
    assert RULE.requests_of_whole(sent=12_000, users=10_000, user_s=100_000.0) == 60_000


def test_a_whole_load_is_more_where_users_ask_more_often_than_once_between_two_thinks():
    """Five requests each 10 s by 10,000 users, seen for a fifth of the time."""
    assert RULE.requests_of_whole(sent=60_000, users=10_000, user_s=100_000.0) == 260_000


@pytest.mark.parametrize(
    ("failures", "sent", "stopped", "what"),
    [
        (60, 12_000, None, "as many as may fail: what is to come may all be right"),
        (61, 12_000, StoppedEarly("61 requests had failed", 60_000), "one more"),
        (61, 60_000, None, "one more, of a load that will have 260,000"),
        (0, 12_000, None, "nothing failed, however slow it is"),
    ],
)
def test_a_load_is_stopped_once_no_rest_of_it_could_mend_what_failed(failures, sent, stopped, what):
    assert RULE.judge(failures, sent, users=10_000, user_s=100_000.0) == stopped, what
