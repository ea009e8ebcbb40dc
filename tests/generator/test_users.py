"""How many users came, when all were there, and how many were lost."""

from loadtests.generator.users import UserCount


def counted(expected, *seen):
    """Return the count of users seen at some moments."""
    users = UserCount()
    users.expect(expected)
    for now_s, there in seen:
        users.note(now_s, there)
    return users


def test_users_have_arrived_when_all_were_there_first():
    users = counted(10, (0.5, 4), (1.0, 10), (1.5, 10))
    assert (users.arrived_s, users.reached, users.lost) == (1.0, 10, 0)


def test_users_of_whom_one_is_missing_have_not_arrived():
    assert counted(10, (1.0, 9), (60.0, 9)).arrived_s is None


def test_users_who_left_are_lost_though_others_came_later():
    users = counted(10, (1.0, 10), (2.0, 7), (3.0, 10))
    assert (users.arrived_s, users.lost) == (1.0, 3)


def test_the_time_of_users_is_that_of_all_together():
    """Four for half a second, then ten for two seconds."""
    assert counted(10, (0.5, 4), (2.5, 10)).user_s == 22.0


def test_more_users_are_waited_for_anew():
    users = counted(10, (1.0, 10))
    users.expect(20)
    users.note(2.0, 15)
    assert users.arrived_s is None
    users.note(3.0, 20)
    assert users.arrived_s == 3.0
