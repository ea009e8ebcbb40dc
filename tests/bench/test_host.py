"""What is told of the machine that an engine runs on."""

import os

import psutil
import pytest

from loadtests.bench.host import NOT_REPORTED, describe_host
from loadtests.units import MIB


class Client:
    """An engine that says what its machine is."""

    def __init__(self, base_url, **more):
        self.api = self
        self.base_url = base_url
        self.more = more

    def info(self):
        return {
            "Name": "box", "NCPU": 2, "MemTotal": psutil.virtual_memory().total,
            "KernelVersion": os.uname().release, "ServerVersion": "20.10", "Driver": "overlay2",
            **self.more,
        }  # fmt: skip


def test_the_host_is_what_the_engine_says_of_its_machine():
    found = describe_host(Client("http+docker://localhost", CgroupVersion="2"))
    assert (found.name, found.cpus) == ("box", 2)
    assert found.memory_mib == psutil.virtual_memory().total // MIB
    assert (found.cgroup_version, found.cpu_model == NOT_REPORTED) == ("2", False)


@pytest.mark.parametrize("other", [{"KernelVersion": "5.4"}, {"MemTotal": 2 * MIB}])
def test_the_cpu_behind_a_forwarded_socket_is_not_reported(other):
    assert describe_host(Client("http+docker://localhost", **other)).cpu_model == NOT_REPORTED


def test_the_cpu_of_another_machine_is_not_reported():
    found = describe_host(Client("http://10.0.0.9:2375"))
    assert (found.cpu_model, found.cgroup_version) == (NOT_REPORTED, "1")
