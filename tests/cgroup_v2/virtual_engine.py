"""A container engine on a kernel with cgroup v2, in a virtual machine of these tests' own.

The guest is a Debian made from packages. QEMU emulates its CPUs in software, so that it runs on any
machine; that is slow, and takes two cores.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from docker import DockerClient
from docker.errors import DockerException

from loadtests.bench.debian import install, is_debian_root
from loadtests.bench.engine import EngineClient
from tests.running import free_ports, wait_for

PROGRAMS = {"mmdebstrap": "mmdebstrap", "qemu-system-x86_64": "qemu-system-x86"}
PACKAGES = (
    *("systemd-sysv", "udev", "iproute2", "iptables", "ca-certificates", "linux-image-cloud-amd64"),
    *("docker.io", "busybox-static", "python3"),
)
HOST = "guest-v2"
# The engine answers on the guest's only network, which QEMU forwards from this machine's loopback.
FILES = {
    "etc/hostname": f"{HOST}\n",
    "etc/systemd/network/80-dhcp.network": "[Match]\nName=en* eth*\n[Network]\nDHCP=yes\n",
    "etc/systemd/system/docker.service.d/tcp.conf": (
        "[Service]\nExecStart=\nExecStart=/usr/sbin/dockerd -H fd:// -H tcp://0.0.0.0:2375\n"
    ),
}
DISK_SIZE = "6G"
BOOT_LIMIT_S = 600.0
ANSWER_LIMIT_S = 300
# Its clock is set as nobody sets a clock on purpose, and as many are.
CLOCK_AHEAD_S = 25.0


def can_be_had() -> bool:
    """Say whether this machine can make such a guest: packages are installed as root on Debian."""
    return is_debian_root() and os.uname().machine == "x86_64"


def build(folder: Path) -> None:
    """Make the guest's disk, kernel and first file system in a folder (about two minutes)."""
    missing = [package for program, package in PROGRAMS.items() if shutil.which(program) is None]
    if missing:
        install(*missing, "debian-archive-keyring")
    root = folder / "root"
    _run("mmdebstrap", "--quiet", "--variant=minbase", f"--include={','.join(PACKAGES)}",
         "bookworm", str(root))  # fmt: skip
    for name, text in FILES.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    _run("systemctl", "--root", str(root), "enable", "systemd-networkd", "docker")
    for name in ("vmlinuz", "initrd.img"):
        shutil.copy(next((root / "boot").glob(f"{name}-*")), folder / name)
    shutil.copy(root / "bin" / "busybox", folder / "busybox")
    _run("mkfs.ext4", "-q", "-d", str(root), str(folder / "disk.img"), DISK_SIZE)
    shutil.rmtree(root)


def _run(*command: str) -> None:
    done = subprocess.run(["nice", *command], capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(command)}:\n{done.stdout[-1000:]}{done.stderr[-2000:]}"


@contextmanager
def booted(folder: Path) -> Iterator[DockerClient]:
    """Boot the guest, yield a client of its engine, and turn it off."""
    port = free_ports()
    console = folder / "console.log"
    clock = datetime.now(UTC) + timedelta(seconds=CLOCK_AHEAD_S)
    with console.open("wb") as log:
        machine = subprocess.Popen(
            [
                *("qemu-system-x86_64", "-display", "none", "-serial", "stdio"),
                *("-cpu", "max", "-smp", "2", "-m", "3072", "-accel", "tcg,thread=multi"),
                *("-rtc", f"base={clock:%Y-%m-%dT%H:%M:%S}"),
                *("-kernel", str(folder / "vmlinuz"), "-initrd", str(folder / "initrd.img")),
                *("-append", "root=/dev/vda rw console=ttyS0 apparmor=0"),
                *("-drive", f"file={folder / 'disk.img'},format=raw,if=virtio,cache=unsafe"),
                *("-nic", f"user,model=virtio-net-pci,hostfwd=tcp:127.0.0.1:{port}-:2375"),
            ],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
    client = None

    def answer() -> DockerClient | None:
        assert machine.poll() is None, console.read_text(errors="replace")[-2000:]
        with suppress(DockerException):
            return EngineClient(base_url=f"tcp://127.0.0.1:{port}", timeout=ANSWER_LIMIT_S)
        return None

    try:
        client = wait_for("the guest's engine", answer, BOOT_LIMIT_S)
        yield client
    finally:
        if client is not None:
            client.close()
        machine.kill()  # nothing of it is kept
        machine.wait()
