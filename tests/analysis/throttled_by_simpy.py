"""The same server built from a general simulator's parts, to check ours by."""

import math

import numpy as np
import simpy

from loadtests.analysis.throttled_queue import Asked, Served, Server


class Quota:
    """CPU time of a period that running threads spend together."""

    def __init__(self, env: simpy.Environment, server: Server) -> None:
        self.env, self.server = env, server
        self.left_s, self.seen_s = server.quota_s, 0.0
        self.running = 0
        self.changed, self.refilled = env.event(), env.event()
        env.process(self.periods())
        env.process(self.watch())

    def periods(self):
        """Give a whole quota at the beginning of each period."""
        for number in range(1, 1_000_000):
            yield self.env.timeout(number * self.server.period_s - self.env.now)
            self.account()
            self.left_s = self.server.quota_s
            self.refilled.succeed()
            self.refilled = self.env.event()
            self.tell()

    def watch(self):
        """Stop all threads at the moment when nothing is left."""
        while True:
            spends = self.running > 0 and self.left_s > 0
            waits = self.left_s / self.running if spends else math.inf
            ends = [self.changed] if math.isinf(waits) else [self.changed, self.env.timeout(waits)]
            before = self.changed
            yield simpy.AnyOf(self.env, ends)
            if not before.triggered:
                self.account()
                self.left_s = 0.0
                self.tell()

    def account(self) -> None:
        """Take off what was spent since the last look."""
        if self.left_s > 0:
            self.left_s = max(0.0, self.left_s - self.running * (self.env.now - self.seen_s))
        self.seen_s = self.env.now

    def tell(self) -> None:
        """Let threads and watch look again."""
        self.changed.succeed()
        self.changed = self.env.event()

    def work(self, service_s: float):
        """Run for so long, whenever there is quota."""
        self.account()
        self.running += 1
        self.tell()
        while service_s > 1e-12:
            if self.left_s <= 0:
                yield self.refilled
                continue
            begun_s = self.env.now
            yield self.env.timeout(service_s) | self.changed
            service_s -= self.env.now - begun_s
        self.account()
        self.running -= 1
        self.tell()


def serve_by_simpy(server: Server, asked: Asked) -> Served:
    """Return what `serve` returns, by simpy."""
    env = simpy.Environment()
    quota, threads = Quota(env, server), simpy.Resource(env, server.threads)
    starts: list[float] = []
    latencies: dict[int, float] = {}

    def request():
        place = len(starts)
        starts.append(env.now)
        service_s = float(asked.service_s[place % len(asked.service_s)])
        if threads.count < server.threads:
            service_s += server.wake_s
        with threads.request() as turn:
            yield turn
            yield from quota.work(service_s)
        latencies[place] = env.now - starts[place]
        return place

    def user(first_s: float):
        yield env.timeout(first_s)
        while env.now < asked.end_s:
            place = yield env.process(request())
            if asked.think_s is None:
                return
            yield env.timeout(float(asked.think_s[place % len(asked.think_s)]))

    coming = [env.process(user(float(first_s))) for first_s in asked.first_s]
    env.run(env.all_of(coming))
    return Served(np.array(starts), np.array([latencies[place] for place in range(len(starts))]))
