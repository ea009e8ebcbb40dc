"""What is counted of a service's container."""

import pytest

from loadtests.peers.service_bench import own_memory_mib
from loadtests.units import MIB

V1 = {"total_inactive_file": 30 * MIB, "total_active_file": 20 * MIB, "inactive_file": 1,
      "active_file": 1}  # fmt: skip
V2 = {"inactive_file": 30 * MIB, "active_file": 20 * MIB, "anon": 45 * MIB}


@pytest.mark.parametrize("details", [V1, V2])
def test_the_memory_of_a_service_is_without_the_pages_of_files(details):
    assert own_memory_mib({"usage": 100 * MIB, "stats": details}) == 50
