"""DNS and a proxy side by side: no difference is claimed that the trials do not show."""

from dataclasses import replace

import numpy as np
import pytest

from loadtests.analysis.balancing import Difference
from loadtests.analysis.compare_balancing import compare_balancing
from loadtests.analysis.judge import judge
from loadtests.question import Balancing, Question, Setting, Workload
from tests.analysis.proxied import behind
from tests.analysis.records import evidence, steady_ms

TWO = Setting(0.5, 300, 2)
SMALL = Question(Workload(users=200, spawn_rate=100.0, think_time_s=(1.0, 3.0), steady_s=20.0))


def at(minute, seen):
    """Return a trial that began in that minute."""
    started_at = f"2026-01-01T00:{minute:02d}:00Z"
    return replace(seen, trial=replace(seen.trial, started_at=started_at))


def trials(minutes, proxied=False, median_ms=5.0, **told):
    """Judged trials of one setting, by DNS or behind a proxy."""
    found = []
    for minute in minutes:
        seen = at(
            minute,
            evidence(question=SMALL, setting=TWO, latency=steady_ms(median_ms), seed=minute + 1),
        )
        seen = behind(seen, **told) if proxied else seen
        found.append((seen, judge(seen)))
    return found


def of(found, name):
    return next(each for each in found.differences if each.name == name)


def test_latency_that_the_proxy_adds_is_told_apart_with_its_interval():
    found = compare_balancing(trials([0, 2, 4]), trials([1, 3, 5], proxied=True, median_ms=10.0))
    p50 = of(found, "p50")
    assert p50.is_told_apart
    assert p50.ratio.low < 2.0 < p50.ratio.high
    assert p50.ratio.low > 1.5
    assert any("The trials tell apart: p50, 10" in said for said in found.sentences)


def test_equal_trials_show_no_difference_in_latency():
    found = compare_balancing(trials([0, 2, 4]), trials([1, 3, 5], proxied=True))
    assert not any(of(found, name).is_told_apart for name in ("p50", "p95", "p99"))
    assert any(said.startswith("They show no difference in p50") for said in found.sentences)
    assert found.is_interleaved


def test_what_the_proxy_takes_is_told_by_request():
    found = compare_balancing(trials([0, 2, 4]), trials([1, 3, 5], proxied=True, cores=0.1))
    # 200 users who think for two seconds ask a hundred times a second.
    assert found.proxy_cpu_ms == pytest.approx([1.0] * 3, rel=0.05)
    assert "ms of CPU a request" in found.sentences[1]
    assert "up to 60 MiB" in found.sentences[1]


def test_two_trials_of_a_kind_are_too_few_to_tell_anything():
    found = compare_balancing(trials([0, 2]), trials([1, 3, 5], proxied=True, median_ms=50.0))
    assert not any(each.is_told_apart for each in found.differences)
    assert of(found, "p50").told == "too few trials to tell"
    assert found.sentences[-1].startswith("Too little is known to compare p50")


def test_a_figure_that_one_trial_lacks_is_not_compared_by_the_others():
    """Where the unlucky one went badly, the others would flatter its side."""
    lacking = Difference("p95", "ms", (5.0, 6.0, 5.5), (5.0, None, 5.1), 0.95)
    assert lacking.ratio is None
    assert lacking.told == "not known of every trial"
    endless = Difference("p95", "ms", (5.0, 6.0, 5.5), (5.0, float("inf"), 5.1), 0.95)
    assert not endless.is_told_apart


def test_invalid_trials_are_left_out_and_counted():
    dead = trials([7], proxied=True, end="the proxy ended with exit code 1, without a word")
    found = compare_balancing(trials([0, 2, 4]), [*trials([1, 3, 5], proxied=True), *dead])
    assert (found.by_dns, found.proxied, found.left_out) == (3, 3, 1)
    assert found.sentences[0].endswith("behind a proxy; 1 invalid trial left out.")


def test_trials_that_were_not_made_by_turns_are_told_with_that_doubt():
    found = compare_balancing(trials([0, 1, 2]), trials([3, 4, 5], proxied=True))
    assert not found.is_interleaved
    assert any("measure them by turns" in said for said in found.sentences)


def test_equal_kinds_are_seldom_told_apart_in_any_figure():
    """All figures together have 5% of error, whatever their number."""
    rng, claims = np.random.default_rng(3), 0
    figures, worlds = 7, 400
    for _ in range(worlds):
        values = np.exp(rng.normal(0.0, 0.3, (figures, 2, 3)))
        claims += any(
            Difference("x", "", tuple(dns), tuple(proxied), 1 - 0.05 / figures).is_told_apart
            for dns, proxied in values
        )
    assert claims / worlds <= 0.08


def other(pair, **changes):
    """Return a judged trial of something else."""
    seen, judged = pair
    return replace(seen, trial=replace(seen.trial, **changes)), judged


def test_what_is_not_alike_is_not_compared():
    dns, proxied = trials([0]), trials([1], proxied=True)
    round_robin = trials([3], proxied=True, balancing=Balancing.ROUND_ROBIN)
    wrong = [
        (dns, dns, "balanced by dns and by dns"),
        (proxied, proxied, "balanced by haproxy and by haproxy"),
        (proxied, dns, "balanced by haproxy and by dns"),
        (dns, [*proxied, *round_robin], "by haproxy, haproxy-roundrobin"),
        ([], proxied, "trials of both kinds"),
        (dns, [], "trials of both kinds"),
        (dns, [other(proxied[0], setting=Setting(0.5, 300, 3))], "several settings"),
        (dns, [other(proxied[0], image_digest="sha256:9")], "several settings"),
        (dns, [other(proxied[0], question=Question())], "several settings"),
    ]
    for one, two, says in wrong:
        with pytest.raises(ValueError, match=says):
            compare_balancing(one, two)
    assert compare_balancing(dns, round_robin).proxied == 1
