"""Locust's environment for one job: a script's users and options, and its hooks."""

import contextlib
from collections.abc import Callable

import locust
from locust import log
from locust.env import Environment
from locust.runners import Runner

from loadtests.generator import leaving
from loadtests.generator.hook_errors import HookErrors
from loadtests.generator.job import Job
from loadtests.generator.script import Script, ScriptError

# How a process takes part in a load: Locust's runner of one alone, of a master, or of a worker.
CreateRunner = Callable[[Environment], Runner]


class LocustEnvironment:
    """What Locust holds of one load in this process."""

    def __init__(self, job: Job, script: Script, create_runner: CreateRunner) -> None:
        """Let the script's own `init` hooks run; raises ScriptError where they fail."""
        if job.one_of_each:
            for user_class in script.user_classes:
                user_class.fixed_count = 1
        script.options.host, script.options.headless = job.base_url, True
        script.options.num_users = job.levels[-1].users
        script.options.spawn_rate = job.spawn_rate
        self.locust = Environment(
            user_classes=[*script.user_classes],
            events=locust.events,
            host=job.base_url,
            locustfile=job.locustfile.name,
            parsed_options=script.options,
        )
        self.runner = create_runner(self.locust)
        self.events, self.hook_errors = self.locust.events, HookErrors()
        self.hook_errors.listen()
        self.events.init.fire(environment=self.locust, runner=self.runner, web_ui=None)
        if log.unhandled_greenlet_exception:  # Locust's own word for it, which ends it too
            raise ScriptError(
                f"a hook of the script raised before the load: {self.hook_errors.first}"
            )
        leaving.go_on_until_asked(self.runner, self.hook_errors.by_name.update)

    def close(self) -> None:
        """Let the script's hooks know that the test is over."""
        with contextlib.suppress(SystemExit):  # as a hook may say; there is nothing left to do
            self.events.test_stopping.fire(environment=self.locust)
            self.events.test_stop.fire(environment=self.locust)
            self.events.quitting.fire(environment=self.locust, reverse=True)
            self.events.quit.fire(exit_code=self.locust.process_exit_code or 0)
