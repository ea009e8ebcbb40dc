"""Users in a closed loop: who asked when, what the service did, and what the generator saw."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

from loadtests.record import OK
from tests.truth.synthetic.world import Spans, World

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

# A queue makes slowness steep: with 10% less load, half of the slow answers are gone.
STEEPNESS = 6
QUICK_SHARE = 0.05  # of the SLO's latency: the median of answers that are not slow
REFUSED_S, NAME_LOST_S, OWN_ERROR_S = 0.002, 1.0, 0.001
RETRANSMIT_S = 1.0  # a lost SYN is sent again after a second (RFC 6298)


@dataclass(frozen=True)
class Requests:
    """Every request that was sent, as the generator saw it without an end of the trial."""

    start_s: Floats
    latency_s: Floats
    outcome: npt.NDArray[np.object_]
    again: Bools  # it had to connect anew
    raised: int


def delayed(at_s: Floats, spans: Spans) -> Floats:
    """Return the moments, those within a span put off to its end."""
    put_off = at_s.copy()
    for begin_s, end_s in spans:
        put_off = np.where((put_off >= begin_s) & (put_off < end_s), end_s, put_off)
    return put_off


def prolonged(start_s: Floats, end_s: Floats, spans: Spans) -> Floats:
    """Return the ends of work that rests within the spans."""
    for begin_s, over_s in spans:
        rested = np.clip(over_s - np.maximum(begin_s, start_s), 0.0, over_s - begin_s)
        end_s = np.where((start_s < over_s) & (end_s > begin_s), end_s + rested, end_s)
    return end_s


class Loop:
    """One trial's users, from the first to the end of the steady state."""

    def __init__(self, world: World, seed: int) -> None:
        """Draw who is who among them."""
        self.world, self.rng = world, np.random.default_rng(seed)
        self.users = world.question.workload.users
        self.replica = self.rng.integers(world.setting.replicas, size=self.users)
        self.bumps = self._bumps(int(world.steady_end_s) + 8)
        self.locked, self.old, self.silent, self.lost = (
            self.rng.permutation(self.users) < round(share * self.users)
            for share in (
                world.service.locked_share,
                world.service.old_share,
                world.script.silent_share,
                world.generator.lost_share,
            )
        )

    def _bumps(self, seconds: int) -> Floats:
        """Return by what the share of slow answers is multiplied in each second; mean 1."""
        rho, spread = self.world.service.bumpy, 0.5
        if not rho:
            return np.ones(seconds)
        steps = self.rng.standard_normal(seconds)
        walk = np.empty(seconds)
        walk[0] = steps[0]
        for n in range(1, seconds):
            walk[n] = rho * walk[n - 1] + np.sqrt(1 - rho**2) * steps[n]
        return np.asarray(np.exp(spread * walk - spread**2 / 2))

    def run(self) -> Requests:
        """Let them ask, wait and think."""
        world, rng = self.world, self.rng
        workload, script, generator = world.question.workload, world.script, world.generator
        came = np.flatnonzero(rng.random(self.users) >= generator.missing_share)
        user = came[~self.silent[came]]
        due_s = rng.uniform(0, workload.ramp_up_s, len(user))
        kept: list[tuple[Floats, Floats, npt.NDArray[np.object_], Bools]] = []
        raised = 0
        while len(user):
            send_s = delayed(due_s, generator.pauses) + self._generator_s(len(user))
            here = send_s < world.steady_end_s
            here &= ~(self.lost[user] & (send_s >= generator.lost_at_s))
            send_s, user = send_s[here], user[here]
            raises = rng.random(len(user)) < script.raise_share
            raised += int(raises.sum())
            again = rng.random(len(user)) < generator.reconnect_share
            done_s, outcome = self._serve(send_s, user, again)
            done_s = delayed(done_s, generator.pauses) + self._generator_s(len(user))
            late = done_s - send_s > workload.timeout_s
            outcome[late] = "timeout"
            cut_s = delayed(send_s + workload.timeout_s, generator.pauses)
            done_s = np.where(raises, send_s, np.where(late, cut_s, done_s))
            took_s, asked = done_s - send_s, ~raises
            kept.append((send_s[asked], took_s[asked], outcome[asked], again[asked]))
            think_s = rng.uniform(*workload.think_time_s, len(user))
            due_s = done_s + think_s + rng.uniform(*script.sleep_s, len(user))
        parts = (np.concatenate(part) for part in zip(*kept, strict=True))
        return Requests(*parts, raised)

    def _generator_s(self, size: int) -> Floats:
        return self.rng.exponential(self.world.generator.delay_ms / 1000, size)

    def _serve(self, send_s: Floats, user: Ints, again: Bools) -> tuple[Floats, npt.NDArray]:
        """Return when the answers come, and what they are."""
        world, rng, size = self.world, self.rng, len(user)
        service, generator = world.service, world.generator
        latency_s = self._latency_s(send_s) * world.host.slowed
        latency_s += service.growth_ms_per_s * (send_s - service.growth_from_s).clip(0) / 1000
        lost_syn = again & (rng.random(size) < 0.05)
        latency_s += np.where(again, 0.001, 0.0) + np.where(lost_syn, RETRANSMIT_S, 0.0)
        done_s = prolonged(send_s, send_s + latency_s, service.stalls)
        done_s = prolonged(send_s, done_s, world.host.waits)
        stuck = self.old[user] & (send_s < world.steady_start_s)
        stuck &= send_s >= world.steady_start_s - world.question.workload.think_mean_s / 2
        done_s = np.where(stuck, np.maximum(done_s, service.old_until_s), done_s)
        outcome = np.full(size, OK, dtype=object)
        steep = world.sent_share**STEEPNESS
        outcome[rng.random(size) < service.error_share * steep] = "http_500"
        locked = self.locked[user] & (send_s >= service.locked_from_s)
        done_s[locked] = np.inf
        for kill in world.kills:
            self._kill(kill.at_s, kill.survived, user, send_s, done_s, outcome)
        own = rng.random(size) < generator.error_share
        outcome[own], done_s[own] = generator.error, send_s[own] + OWN_ERROR_S
        return done_s, outcome

    def _latency_s(self, send_s: Floats) -> Floats:
        """Return what answers take under this load, before anything holds them up."""
        service, rng = self.world.service, self.rng
        limit_s, timeout_s = (
            self.world.question.slo.latency_ms / 1000,
            self.world.question.workload.timeout_s,
        )
        share = np.full(len(send_s), service.slow_share)
        if service.other_share is not None:
            share[send_s < service.other_until_s] = service.other_share
        second = send_s.astype(np.int64).clip(0, len(self.bumps) - 1)
        share = (share * self.bumps[second] * self.world.sent_share**STEEPNESS).clip(1e-9, 0.98)
        if service.spread is not None:
            rank = rng.standard_normal(len(send_s)) - special.ndtri(1 - share)
            return np.minimum(limit_s * np.exp(service.spread * rank), 0.8 * timeout_s)
        quick_s = QUICK_SHARE * limit_s * rng.lognormal(0.0, 0.5, len(send_s))
        slow_s = limit_s * (1 + rng.exponential(1.0, len(send_s)))
        slow = rng.random(len(send_s)) < share
        return np.where(slow, np.minimum(slow_s, 0.8 * timeout_s), quick_s)

    def _kill(
        self,
        at_s: float,
        survived: bool,
        user: Ints,
        send_s: Floats,
        done_s: Floats,
        outcome: npt.NDArray,
    ) -> None:
        """Let the first replica end: break what it was answering, turn away who comes after."""
        mine = self.replica[user] == 0
        broken = mine & (send_s < at_s) & (done_s > at_s)
        outcome[broken], done_s[broken] = "reset", at_s
        if survived:
            return
        after = mine & (send_s >= at_s)
        nameless = after & (self.world.setting.replicas == 1) & (send_s > at_s + 5.0)
        outcome[after], done_s[after] = "refused", send_s[after] + REFUSED_S
        outcome[nameless], done_s[nameless] = "dns", send_s[nameless] + NAME_LOST_S
        if self.world.setting.replicas > 1:  # its name now leads to the others
            moved = user[after]
            self.replica[moved] = self.rng.integers(1, self.world.setting.replicas, len(moved))
