"""A container's control group on this machine, and what it counts when memory runs out."""

import contextlib
import select
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")
CGROUPS = Path("/sys/fs/cgroup")
# The kernel wakes a reader at once; a group that is gone is noticed after so long.
LOOK_MS = 1000
V1_FILE, V2_FILE = "memory.oom_control", "memory.events"


@dataclass(frozen=True)
class OomCounts:
    """How often memory ran out in a container (kernel, admin-guide/cgroup-v2, memory.events)."""

    kills: int  # `oom_kill`: processes killed in it, by whichever killer
    at_limit: int | None  # `oom`: times it met its own limit; None with cgroup v1


def runs_here(container_id: str, pid: int) -> bool:
    """Say whether a running container's process is one of this machine's.

    A local socket may lead to an engine elsewhere (forwarded, mounted, in a virtual machine), where
    the same number is another process. The container's id in the process's cgroup tells.
    """
    return _cgroups(container_id, pid) is not None


def oom_counts(container_id: str, pid: int) -> OomCounts | None:
    """Count how often memory ran out in a running container's cgroup; None: not reported.

    The engine's own flag misses a killed child, and a cgroup goes with its last process.
    """
    file = oom_file(container_id, pid)
    return None if file is None else _read(file)


def oom_file(container_id: str, pid: int) -> Path | None:
    """Return the file that counts for a running container; None: there is none here."""
    files = (
        folder / (V2_FILE if unified else V1_FILE)
        for folder, unified in folders(container_id, pid, "memory")
    )
    return next((file for file in files if _read(file) is not None), None)


def folders(container_id: str, pid: int, controller: str) -> Iterator[tuple[Path, bool]]:
    """Yield where the kernel may keep what a controller knows of a running container.

    Beside each whether it is of cgroup v2, whose one folder is every controller's; a machine may
    have both versions, and not every controller in each. Nothing where it is not this machine's.
    """
    for line in _cgroups(container_id, pid) or ():
        _, controllers, path = line.split(":", 2)
        if controllers == "":
            yield CGROUPS / path.lstrip("/"), True
        elif controller in controllers.split(","):
            yield CGROUPS / controller / path.lstrip("/"), False


def follow(file: Path, note: Callable[[OomCounts], None]) -> None:
    """Tell the counts of cgroup v2 whenever the kernel changes them, until the group is gone.

    A group is gone within milliseconds of the kill of its last process, but `oom` is counted, and
    the reader woken, before the killer chooses one.
    """
    with contextlib.suppress(OSError), file.open() as counts:
        changes = select.poll()
        changes.register(counts, select.POLLPRI)
        while True:
            counts.seek(0)
            if found := _parse(counts.read()):
                note(found)
            changes.poll(LOOK_MS)


def _cgroups(container_id: str, pid: int) -> list[str] | None:
    """Return the lines of a process's cgroup file, None unless they are the container's."""
    try:
        text = (PROC / str(pid) / "cgroup").read_text()
    except OSError:
        return None
    return text.splitlines() if container_id in text else None


def _read(file: Path) -> OomCounts | None:
    try:
        return _parse(file.read_text())
    except OSError:
        return None


def _parse(text: str) -> OomCounts | None:
    try:
        counts = {name: int(value) for name, value in (line.split() for line in text.splitlines())}
    except ValueError:
        return None
    if "oom_kill" not in counts:
        return None
    return OomCounts(counts["oom_kill"], counts.get("oom"))
