"""Users who end before the load does, and scripts that would end it, whoever is to blame."""

import json

import pandas as pd
import pytest

from tests.generator.running import GIVE_UP_S, KINDS, level

pytestmark = pytest.mark.waits

HEAD = (
    "import sys\n"
    "from locust import FastHttpUser, HttpUser, TaskSet, constant, events, tag, task\n"
    "from loadtests.generator.keep_alive_user import KeepAliveUser\n"
    "from locust.exception import StopUser\n"
)


@pytest.fixture
def ran(start, tmp_path):
    """Return a function that runs a script to its end: its report, requests and log."""

    def run(script, **changes):
        process = start(HEAD + script, **{"levels": [level(10, 0.5, 2.0)]} | changes)
        _, printed = process.communicate(timeout=GIVE_UP_S)
        assert process.returncode == 0, printed
        report = json.loads((tmp_path / "out" / "report.json").read_text())
        return report, pd.read_csv(tmp_path / "out" / "requests.csv"), printed

    return run


ENDS = """
class Visitor(FastHttpUser):
    @task
    def look(self):
        self.client.get("/")
        {how}
"""


@pytest.mark.parametrize(
    "how", ["self.environment.runner.quit()", "self.environment.runner.stop()"]
)
def test_a_script_that_would_end_the_load_is_told_so_and_does_not(ran, how):
    report, requests, printed = ran(ENDS.format(how=how))
    assert report["users_lost"] == 0
    assert len(requests) > 30
    assert printed.count("the load goes on for as long as is asked") == 1


@pytest.mark.parametrize(
    ("how", "name"), [("raise StopUser", "StopUser"), ("sys.exit(1)", "SystemExit")]
)
def test_users_whom_their_script_ends_are_told_by_what_ended_them(ran, how, name):
    """Neither the service nor the load generator lost them, and the results are there."""
    report, requests, _ = ran(ENDS.format(how=how))
    assert report["script_errors"] == {name: 10}
    assert report["users_ended"] == 0
    assert report["users_lost"] == report["users_reached"] > 5
    assert (requests["outcome"] == "ok").sum() == 10


def test_users_who_end_since_a_call_failed_were_lost_by_the_service(ran):
    """A log-in that is refused, and a script that lets no user go on without it."""
    report, _, _ = ran(
        """
class Member(FastHttpUser):
    def on_start(self):
        if self.client.get("/error").status_code != 200:
            raise StopUser
    @task
    def look(self): self.client.get("/")
"""
    )
    assert (report["users_ended"], report["script_errors"]) == (10, {"StopUser": 10})


def test_users_who_leave_when_the_load_is_over_are_no_loss(ran):
    report, _, _ = ran(
        """
class Visitor(FastHttpUser):
    def on_stop(self): self.client.get("/", name="good-bye")
    @task
    def look(self): self.client.get("/")
"""
    )
    assert (report["users_lost"], report["script_errors"]) == (0, {})


@pytest.mark.parametrize("kind", KINDS)
def test_a_call_whose_block_was_left_by_an_interrupt_is_a_request(ran, kind):
    """Locust does not report it; it went out all the same."""
    report, requests, _ = ran(
        f"""
class Visitor({kind}):
    @task
    class Shelf(TaskSet):
        @task
        def look(self):
            with self.client.get("/", catch_response=True):
                self.interrupt(reschedule=False)
"""
    )
    ended = requests.query("outcome != 'in_flight'")
    assert set(ended["outcome"]) == {"ok"}
    assert len(ended) == report["requests"] > 30


def test_hooks_that_raise_are_counted_and_logged_once(ran):
    report, requests, printed = ran(
        """
@events.request.add_listener
def note(**_): {}["no"]
class Visitor(FastHttpUser):
    @task
    def look(self): self.client.get("/")
"""
    )
    assert report["script_errors"]["KeyError"] >= (requests["outcome"] == "ok").sum() > 30
    assert printed.count("Traceback") == 1


def test_a_hook_that_would_end_the_program_before_users_come_takes_no_result_with_it(ran):
    report, _, _ = ran(
        """
@events.test_start.add_listener
def leave(**_): sys.exit("no data")
class Visitor(FastHttpUser):
    @task
    def look(self): self.client.get("/")
"""
    )
    assert (report["script_errors"], report["users_reached"]) == ({"SystemExit": 1}, 0)


HURRIED = {
    "a user": """
class Visitor(FastHttpUser):
    def wait(self): pass
    @task
    def look(self): self.client.get("/")
""",
    "a task set within another": """
class Visitor(FastHttpUser):
    @task
    class Visit(TaskSet):
        @task
        class Shelf(TaskSet):
            def wait(self): pass
            @task
            def look(self): self.client.get("/")
""",
}


@pytest.mark.parametrize("whose", HURRIED)
def test_the_question_s_think_time_reaches_a_way_to_wait_of_the_script_s_own(ran, whose):
    """Ten users who think for 0.2 to 0.4 s send 33 requests a second; in a hurry, thousands."""
    report, _, _ = ran(HURRIED[whose])
    assert 60 <= report["requests"] <= 150
    (only,) = report["levels"]
    assert report["thinks"] > report["thinks_steady"] == only["thinks"] > 30


def test_users_who_never_think_since_their_task_sets_are_interrupted_are_told(ran):
    """Locust begins the next task at once after an interrupt, with or without a wait time.

    Who thinks makes some 70 requests in that time.
    """
    report, _, _ = ran(
        """
class Visitor(FastHttpUser):
    @task
    class Visit(TaskSet):
        @task
        def look(self):
            self.client.get("/")
            self.interrupt()
"""
    )
    assert report["thinks_steady"] == 0
    (only,) = report["levels"]
    assert only["requests"] > 300


def test_a_script_finds_the_question_s_users_among_its_options(ran):
    _, requests, _ = ran(
        """
class Visitor(FastHttpUser):
    @task
    def look(self):
        options = self.environment.parsed_options
        self.client.get("/", name=f"{options.num_users} users, {options.spawn_rate:g} a second")
"""
    )
    assert set(requests["name"]) == {"10 users, 20 a second"}


READER = """
class Reader(FastHttpUser):
    @tag("read")
    @task
    def look(self): self.client.get("/", name="read")
    @tag("write")
    @task
    def buy(self): self.client.get("/", name="written")
class Other(FastHttpUser):
    @tag("read")
    @task
    def look(self): self.client.get("/", name="by another")
"""


@pytest.mark.parametrize(
    ("options", "names"),
    [
        (["--tags", "read"], {"read", "by another"}),
        (["--exclude-tags", "write"], {"read", "by another"}),
        (["Reader"], {"read", "written"}),
        (["Reader", "--tags", "write"], {"written"}),
    ],
)
def test_options_choose_users_and_tasks(ran, options, names):
    _, requests, _ = ran(READER, script_options=options)
    assert set(requests["name"]) == names
