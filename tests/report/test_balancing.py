"""How users were spread is told in words, and what a proxy costs in a small table."""

from dataclasses import replace

from loadtests.analysis.compare_balancing import compare_balancing
from loadtests.question import Balancing, Setting
from loadtests.report.balancing import (
    balancing_named,
    balancing_table,
    evenness_sentence,
    proxy_sentences,
    replica_table,
)
from tests.analysis.proxied import behind
from tests.analysis.records import evidence
from tests.analysis.test_compare_balancing import trials

TWO = Setting(0.5, 300, 2)


def test_of_a_service_without_a_proxy_nothing_is_said_but_how_it_is_found():
    assert proxy_sentences(evidence()) == []
    assert balancing_named(evidence().trial).startswith("Docker's DNS")


def test_a_proxy_is_told_with_what_it_used_and_what_it_is_not():
    used, connections = proxy_sentences(behind(evidence(), cores=0.1))
    assert used.startswith("In front of the replicas was HAProxy, which used 0.10 CPU (")
    assert "up to 60 MiB; it is no part of the setting" in used
    assert connections.startswith("Users had up to 1,000 connections with it at once")
    assert "opened 40 to the replicas" in connections


def test_what_a_proxy_did_not_report_is_not_made_up():
    bare = behind(
        evidence(), memory_peak_mib=None, connections_peak=None, replicas=(), version=None
    )
    stats = bare.docker_stats[bare.docker_stats["role"] != "proxy"]
    (said,) = proxy_sentences(replace(bare, docker_stats=stats))
    assert "used CPU that was not reported; it is no part" in said


def test_a_proxy_is_named_with_its_version_and_how_it_chooses():
    named = balancing_named(behind(evidence(), balancing=Balancing.ROUND_ROBIN).trial)
    assert named == (
        "HAProxy 2.6.12, started anew for every trial: each request goes to the next replica"
    )


def test_evenness_is_told_where_there_is_more_than_one():
    given = behind(evidence(setting=TWO), requests=[300, 100])
    assert evenness_sentence(given).startswith(
        "The busiest replica had 1.50 times an even share of the requests and 1.00 times an even "
    )
    assert evenness_sentence(behind(evidence())) == ""


def test_each_replica_has_a_line():
    shown = str(replica_table(behind(evidence(setting=TWO), requests=[1300, 100])).data)
    assert shown.count('<th scope="row"') == 2
    assert "1,300" in shown
    assert "not reported" in shown, "connections were not counted"


def test_the_comparison_has_a_line_a_figure_with_what_the_trials_show():
    found = compare_balancing(trials([0, 2, 4]), trials([1, 3, 5], proxied=True, median_ms=10.0))
    shown = str(balancing_table(found).data)
    assert shown.count('<th scope="row"') == len(found.differences)
    assert ", told apart" in shown
