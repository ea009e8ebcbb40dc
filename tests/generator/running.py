"""The whole program as a test runs it, and the simplest scripts for it."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).parents[2]
GIVE_UP_S = 120

FAST = """
from locust import FastHttpUser, task
class Visitor(FastHttpUser):
    @task
    def look(self):
        self.client.get("/")
"""
CLASSIC = FAST.replace("FastHttpUser", "HttpUser")
KINDS = ("FastHttpUser", "HttpUser", "KeepAliveUser")


def of_kind(script, kind):
    """Return a script of FastHttpUsers with users of another kind."""
    if kind != "KeepAliveUser":
        return script.replace("FastHttpUser", kind)
    ours = "from loadtests.generator.keep_alive_user import KeepAliveUser as FastHttpUser"
    return re.sub(
        r"from locust import FastHttpUser, (.*)", rf"from locust import \1\n{ours}", script
    )


def level(users=20, warm_up_s=0.5, steady_s=2.0):
    """Return a level of a job."""
    return {"users": users, "warm_up_s": warm_up_s, "steady_s": steady_s}


def ended(process):
    """Return the lines of its own that a generator printed, and its exit code."""
    out, _ = process.communicate(timeout=GIVE_UP_S)
    lines = [json.loads(line) for line in out.splitlines()]
    return lines, process.returncode


def job_of(folder, port, locustfile, /, **changes):
    """Return a job of a locustfile, with changes."""
    return {
        "host": "127.0.0.1", "port": port, "health_path": "/", "replicas": 1,
        "levels": [level()], "spawn_rate": 20.0, "think_time_s": [0.2, 0.4], "timeout_s": 5.0,
        "slow_ms": 1000.0, "early_stop": None, "ready_timeout_s": 30.0, "seed": 1,
        "locustfile": str(locustfile), "results": str(folder / "out"), **changes,
    }  # fmt: skip


def begin(folder, port, locustfile, /, **changes):
    """Start the generator with a locustfile and changes to its job, and return its process."""
    job = job_of(folder, port, locustfile, **changes)
    return subprocess.Popen(
        [sys.executable, "-m", "loadtests.generator"],
        cwd=PROJECT,
        env=os.environ | {"AGUANTA_JOB": json.dumps(job), "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
