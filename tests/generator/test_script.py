"""What a locustfile holds, what it lacks, and what of it the question replaces."""

import json
import subprocess
import sys

import pandas as pd
import pytest

from tests.generator.running import GIVE_UP_S, KINDS, PROJECT, ended, level

pytestmark = pytest.mark.waits

HEAD = (
    "from locust import FastHttpUser, HttpUser, LoadTestShape, TaskSet, between, constant\n"
    "from locust import constant_throughput, events, task\n"
    "from loadtests.generator.keep_alive_user import KeepAliveUser\n"
)
USER = (
    "class Visitor(FastHttpUser):\n    @task\n    def look(self):\n        self.client.get('/')\n"
)


@pytest.fixture
def described(tmp_path):
    """Return a function that has a script described, with files beside it and options."""

    def describe(script, *options, **files):
        path = tmp_path / "visit.py"
        path.write_text(HEAD + script)
        for name, text in files.items():
            (tmp_path / f"{name}.py").write_text(text)
        done = subprocess.run(
            [sys.executable, "-m", "loadtests.generator.describe", str(path), *options],
            cwd=PROJECT, capture_output=True, text=True, timeout=GIVE_UP_S, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return describe


def test_a_script_is_told_by_its_users_and_what_it_says_of_a_load_of_its_own(described):
    told = described(
        """
class Nested(TaskSet):
    wait_time = constant(0)
    @task
    def look(self): pass

class Reader(FastHttpUser):
    wait_time = between(1, 3.5)
    tasks = [Nested]

class Buyer(HttpUser):
    wait_time = constant_throughput(2)
    fixed_count = 5
    @task
    def buy(self): pass

class Steps(LoadTestShape):
    def tick(self): return None
"""
    )
    assert told == {
        "event": "script",
        "users": ["Reader", "Buyer"],
        "most_users": None,
        "wait_times": {
            "Reader": "between(1, 3.5)",
            "Nested": "constant(0)",
            "Buyer": "constant_pacing(0.5)",
        },
        "shapes": ["Steps"],
    }


def test_fixed_counts_of_all_users_are_the_most_there_can_be(described):
    fixed = USER.replace("    @task", "    fixed_count = 5\n    @task")
    assert described(fixed)["most_users"] == 5
    assert described(fixed + USER.replace("Visitor", "Other"))["most_users"] is None


REFUSED = {
    "no user class": ("x = 1", "visit.py has no user class: it needs one that is derived from"),
    "an abstract one only": (
        "class Base(FastHttpUser):\n    abstract = True\n",
        "visit.py has no user class",
    ),
    "users without tasks": (
        "class Idle(FastHttpUser):\n    pass\n",
        "Idle in visit.py has no tasks",
    ),
    "a package that is not there": (
        "import faker_of_things\n",
        "visit.py needs the module faker_of_things, which is not there",
    ),
    "a file that is not there": (
        "open('cards.csv')\n",
        "visit.py needs the file cards.csv, which is not there",
    ),
    "no Python": ("class\n", "visit.py cannot be loaded: SyntaxError: invalid syntax"),
    "an error of its own": ("{}['key']\n", "visit.py cannot be loaded: KeyError: 'key'"),
}


@pytest.mark.parametrize("lack", REFUSED)
def test_what_a_script_lacks_is_told_in_a_sentence(described, lack):
    script, said = REFUSED[lack]
    told = described(script)
    assert told["event"] == "bad_script"
    assert told["message"].startswith(said)


def test_modules_beside_a_script_are_found(described):
    told = described("import prices\n" + USER, prices="PEAR = 1\n")
    assert told["users"] == ["Visitor"]


OPTION = """
@events.init_command_line_parser.add_listener
def add(parser):
    parser.add_argument("--shelf", default="pears")
"""


def test_an_unknown_option_is_refused_and_one_of_the_script_s_own_is_not(described):
    assert described(OPTION + USER, "--shelf", "plums")["event"] == "script"
    told = described(USER, "--shelf", "plums")
    assert told["event"] == "bad_script"
    assert "--shelf" in told["message"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["Buyer"], "visit.py has no user class Buyer, but Visitor"),
        (["--tags", "read"], "the tags that are asked for leave Visitor in visit.py no task"),
    ],
)
def test_options_that_cannot_be_are_refused_with_the_cause(described, options, said):
    assert described(USER, *options)["message"].startswith(said)


HURRIED = {
    "a task set of a user": """
class Visit(TaskSet):
    wait_time = constant(0)
    @task
    def look(self): self.client.get("/")
class Visitor(FastHttpUser):
    tasks = [Visit]
""",
    "a task set within another": """
class Visit(TaskSet):
    @task
    class Shelf(TaskSet):
        wait_time = constant(0)
        @task
        def look(self): self.client.get("/")
class Visitor(FastHttpUser):
    tasks = [Visit]
""",
    "an instance": """
class Visitor(FastHttpUser):
    def on_start(self): self.wait_time = lambda: 0
    @task
    def look(self): self.client.get("/")
""",
    "a rate": """
class Visitor(FastHttpUser):
    wait_time = constant_throughput(100)
    @task
    def look(self): self.client.get("/")
""",
    "none at all": USER,
}


@pytest.mark.parametrize("whose", HURRIED)
def test_the_question_s_think_time_reaches_whatever_has_a_wait_time(start, tmp_path, whose):
    """Ten users who think for 0.2 to 0.4 s send 33 requests a second; in a hurry, thousands."""
    ended(start(HEAD + HURRIED[whose], levels=[level(10, 0.0, 3.0)]))
    requests = pd.read_csv(tmp_path / "out" / "requests.csv")
    each = requests["start_s"].max() / len(requests) * 10
    assert 0.2 < each < 0.5, f"a request of a user every {each:.3f} s"


def test_hooks_are_called_at_their_times_and_users_say_good_bye(start, tmp_path):
    script = """
for name in (
    "init", "test_start", "spawning_complete", "test_stopping", "test_stop", "quitting", "quit",
):
    getattr(events, name).add_listener(lambda name=name, **_: print("hook", name, flush=True))

class Visitor(FastHttpUser):
    def on_stop(self): self.client.get("/", name="good-bye")
    @task
    def look(self): self.client.get("/")
"""
    process = start(HEAD + script, levels=[level(5)])
    _, printed = process.communicate(timeout=GIVE_UP_S)
    assert process.returncode == 0
    hooks = [line.split()[1] for line in printed.splitlines() if line.startswith("hook")]
    assert list(dict.fromkeys(hooks)) == [
        "init", "test_start", "spawning_complete", "test_stopping", "test_stop", "quitting", "quit",
    ]  # fmt: skip
    requests = pd.read_csv(tmp_path / "out" / "requests.csv")
    assert (requests["name"] == "good-bye").sum() == 5


def test_a_hook_that_ends_the_program_takes_no_result_with_it(start, tmp_path):
    script = "@events.quitting.add_listener\ndef leave(**_): raise SystemExit(1)\n" + USER
    lines, code = ended(start(HEAD + script, levels=[level(5)]))
    assert (code, lines[-1]) == (0, {"event": "done"})
    assert json.loads((tmp_path / "out" / "report.json").read_text())["requests"] > 0


def test_a_hook_that_fails_before_the_load_is_told_before_it(start):
    script = "@events.init.add_listener\ndef prepare(**_): {}['key']\n" + USER
    lines, code = ended(start(HEAD + script))
    assert code == 4
    assert lines[-1]["event"] == "bad_script"
    said = "KeyError: 'key' (users.py, line 5, in prepare)"
    assert lines[-1]["message"] == f"a hook of the script raised before the load: {said}"


def test_a_script_that_cannot_be_run_is_told_before_any_load(start):
    lines, code = ended(start("import faker_of_things\n"))
    assert (code, lines[-1]["event"]) == (4, "bad_script")


def test_events_of_other_things_than_calls_are_counted_and_not_judged(start, tmp_path):
    """A step of 0 ms beside each call would halve every percentile."""
    script = """
class Visitor(FastHttpUser):
    @task
    def look(self):
        self.client.get("/")
        events.request.fire(
            request_type="step", name="look", response_time=0, response_length=0,
            exception=None, context={},
        )
"""
    ended(start(HEAD + script))
    report = json.loads((tmp_path / "out" / "report.json").read_text())
    requests = pd.read_csv(tmp_path / "out" / "requests.csv").query("outcome != 'in_flight'")
    assert set(requests["name"]) == {"/"}
    assert report["not_judged"].keys() == {"step"}
    assert abs(report["not_judged"]["step"] - report["requests"]) <= 20


def test_users_who_end_before_their_first_task_are_told_apart_from_lost_ones(start, tmp_path):
    script = """
class Member(HttpUser):
    def on_start(self):
        self.client.get("/error").raise_for_status()
    @task
    def look(self): self.client.get("/")
"""
    ended(start(HEAD + script, levels=[level(10)]))
    report = json.loads((tmp_path / "out" / "report.json").read_text())
    assert report["users_ended"] == 10
    assert report["failures"] == report["requests"] == 10
    assert report["script_errors"] == {"HTTPError": 10}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("url", ["http://127.0.0.2:9/elsewhere", "/moved?http://127.0.0.2:9/"])
def test_nothing_but_the_service_is_put_under_load(start, tmp_path, kind, url):
    """Neither by the script nor by a redirect; the script may look at the answer, as at any."""
    script = f"""
class Visitor({kind}):
    @task
    def look(self):
        assert self.client.get("{url}").status_code == 0
"""
    process = start(HEAD + script, levels=[level(5)])
    _, printed = process.communicate(timeout=GIVE_UP_S)
    requests = pd.read_csv(tmp_path / "out" / "requests.csv").query("outcome != 'in_flight'")
    report = json.loads((tmp_path / "out" / "report.json").read_text())
    assert set(requests["outcome"]) == {"other_host"}
    assert report["own_errors"] == {"other_host": report["requests"]}
    assert report["script_errors"] == {}
    assert printed.count("http://127.0.0.2:9 is asked; only http://127.0.0.1:") == 1


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("to", ["/", "http://shop.example/", "http://127.0.0.1:{port}/"])
def test_redirects_to_the_service_are_followed_by_whatever_name(start, port, tmp_path, kind, to):
    """A service that is asked by a host header redirects to that host, which is itself."""
    script = f"""
class Visitor({kind}):
    @task
    def look(self): self.client.get("/moved?{to.format(port=port)}")
"""
    ended(start(HEAD + script, levels=[level(5)], host_header="shop.example"))
    requests = pd.read_csv(tmp_path / "out" / "requests.csv")
    assert set(requests["outcome"]) <= {"ok", "in_flight"}
    assert set(requests["name"]) == {"/moved"}
