"""Plans: the fewest machines that carry the users once what may be lost is lost."""

import itertools
import math

import pytest

from loadtests.analysis.machines import Reserve, replicas_that_fit
from loadtests.analysis.planning import fleet
from loadtests.errors import QuestionError
from loadtests.question import Setting
from tests.analysis.plans import MACHINES, basis, machine, plan, request

SIZE = Setting(0.3, 230)


def left(machines, replicas, machines_lost, replicas_lost):
    """Return how many replicas are left of those spread evenly, once the fullest are lost."""
    on_each = sorted(replicas // machines + (n < replicas % machines) for n in range(machines))
    return sum(on_each[: machines - machines_lost]) - replicas_lost


def fewest(carrying, fit, machines_lost, replicas_lost):
    """Return the fewest machines, and then replicas, that leave enough; by trying all."""
    for machines in itertools.count(machines_lost + 1):
        for replicas in range(carrying, machines * fit + 1):
            if left(machines, replicas, machines_lost, replicas_lost) >= carrying:
                return machines, replicas
    raise AssertionError


@pytest.mark.parametrize("machines_lost", [0, 1, 2])
@pytest.mark.parametrize("replicas_lost", [0, 1, 3])
def test_the_fleet_is_the_smallest_that_leaves_enough_by_brute_force(machines_lost, replicas_lost):
    asked = request(machines_lost=machines_lost, replicas_lost=replicas_lost)
    for carrying in (1, 2, 3, 5, 8, 13, 14, 27, 40):
        for size in (SIZE, Setting(1.0, 230), Setting(2.5, 230)):
            found = fleet(carrying, machine(), size, asked)
            fit = replicas_that_fit(machine(), size, asked.reserve, 1.0)
            machines, replicas = fewest(carrying, fit, machines_lost, replicas_lost)
            assert (found.machines, found.carrying) == (machines, carrying)
            assert left(found.machines, found.replicas, machines_lost, replicas_lost) >= carrying
            assert found.replicas_per_machine <= fit
            # With whole machines lost the fullest count; one replica to spare at most on each.
            assert replicas <= found.replicas <= replicas + machines_lost


def test_a_size_that_does_not_fit_takes_no_machine_of_that_type():
    assert fleet(1, machine(), Setting(5.0, 230), request()) is None


def test_one_machine_more_is_for_the_one_that_may_be_lost():
    """10 replicas carry 100,000 users, 13 fit on a machine; one more for a lost replica."""
    found = plan(machines=(machine(),)).at(100_000)
    assert found.best.carrying == 10
    assert (found.best.machines, found.best.replicas) == (2, 22)
    assert found.best.cost_hour == pytest.approx(0.4)
    assert found.best.cost_month == pytest.approx(0.4 * 730)
    assert found.best.memory_gib == pytest.approx(22 * 230 / 1024)
    spared = plan(machines=(machine(),), machines_lost=0, replicas_lost=0).at(100_000)
    assert (spared.best.machines, spared.best.replicas) == (1, 10)


def test_the_cheapest_type_comes_first_and_the_others_after_it_by_cost():
    for users in (10_000, 100_000, 1_000_000):
        fleets = plan().at(users).fleets
        costs = [each.cost_hour for each in fleets]
        assert costs == sorted(costs)
        assert len(fleets) == 3, "of the three on which the image runs"


def test_a_cheaper_machine_of_another_architecture_is_not_taken():
    cheapest = min(MACHINES, key=lambda each: each.price_hour)
    assert cheapest.architecture == "arm64"
    assert all(each.machine.architecture == "amd64" for each in plan().at(100_000).fleets)
    assert plan(architecture="arm64").at(100_000).best.machine is cheapest


def test_what_the_system_keeps_and_a_slower_vcpu_take_more_machines():
    usual = plan().at(1_000_000).best.machines
    assert plan(reserve=Reserve(0.5, 0.0)).at(1_000_000).best.machines > usual
    assert plan(cpu_ratio=0.5).at(1_000_000).best.cost_hour > plan().at(1_000_000).best.cost_hour


def test_within_what_was_measured_the_interval_is_the_spread_between_trials_alone():
    on = basis(cpu_ms=(0.28, 0.3, 0.32))  # 7,000 users a replica by its CPU
    apart, wide = plan(on=on).at(10_000), plan(on=on, beyond=None).at(10_000)
    assert apart.is_measured
    assert (apart.low, apart.high) == (wide.low, wide.high)
    assert apart.low.replicas <= apart.best.replicas <= apart.high.replicas


def test_beyond_what_was_measured_the_interval_widens_with_the_distance():
    found = [plan().at(users) for users in (20_000, 100_000, 1_000_000, 10_000_000)]
    assert not any(each.is_measured for each in found)
    widths = [each.high.carrying / each.low.carrying for each in found]
    assert widths[-3:] == sorted(widths[-3:])
    steps = math.log2(1000)
    assert widths[-1] == pytest.approx(1.1**steps, rel=0.01), "ten doublings"


def test_no_end_of_an_interval_has_replicas_carry_more_than_one_was_shown_to():
    """Held-out trials err both ways, but nothing was seen to carry more."""
    for on in (basis(), basis(cpu_ms=(0.3, 0.3, 0.31))):
        for users in (20_000, 1_000_000, 10_000_000):
            found = plan(on=on).at(users)
            assert users / found.low.carrying <= on.users_shown
            assert found.low.carrying <= found.best.carrying <= found.high.carrying


def test_beyond_what_was_measured_nothing_is_known_where_no_trial_was_held_out():
    found = plan(beyond=None).at(100_000)
    assert (found.low, found.high) == (None, None)
    assert found.best.replicas > 0


def test_one_trial_leaves_the_interval_unknown_everywhere():
    found = plan(on=basis(cpu_ms=(0.2,)))
    assert found.at(5_000).low is None
    assert found.at(100_000).high is None


def test_users_of_a_replica_after_a_loss_stay_within_what_it_is_planned_for():
    for users in (1_000, 10_000, 123_456, 1_000_000, 10_000_000):
        found = plan().at(users)
        assert found.users_each < found.users_after_loss <= 10_000


def test_without_a_machine_to_spare_its_loss_leaves_nothing():
    found = plan(machines_lost=0, machines=(machine(),)).at(10_000)
    assert found.best.machines == 1
    assert math.isinf(found.users_after_loss)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"targets": ()}, "plan_users is []; it must be whole numbers above 0"),
        ({"targets": (0,)}, "plan_users is [0]"),
        ({"machines_lost": -1}, "machines_lost is -1; it must be 0 or more"),
        ({"replicas_lost": -1}, "replicas_lost is -1; it must be 0 or more"),
        ({"cpu_ratio": 0.0}, "cpu_ratio is 0.0; it must be a number above 0"),
        ({"cpu_ratio": math.inf}, "cpu_ratio is inf"),
        ({"architecture": "riscv"}, "architecture is 'riscv'; the machines have amd64, arm64"),
    ],
)
def test_a_request_that_makes_no_sense_is_refused(given, says):
    with pytest.raises(QuestionError) as refusal:
        request(**given)
    assert says in str(refusal.value)


def test_a_size_that_fits_on_no_machine_at_all_is_told_with_what_to_do():
    with pytest.raises(
        QuestionError, match=r"64 CPU / 230 MiB fits on none of the 3 machines; add"
    ):
        plan(on=basis(size=Setting(64.0, 230)))
