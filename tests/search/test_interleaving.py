"""The order of trials that are compared."""

from loadtests.search.interleaving import rounds, seed_of


def test_every_round_has_every_item_once_in_an_order_of_its_own():
    found = rounds(range(8), 4, seed=1)
    assert all(sorted(each) == [*range(8)] for each in found)
    assert len({tuple(each) for each in found}) == 4


def test_the_same_seed_gives_the_same_order_and_another_one_another():
    assert rounds(range(8), 3, 1) == rounds(range(8), 3, 1) != rounds(range(8), 3, 2)


def test_a_seed_follows_from_a_name_on_every_machine():
    assert seed_of("report") == 0xC42F7784
    assert seed_of("report") != seed_of("report2")
