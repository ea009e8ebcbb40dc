"""What a compose file mounts into its services: files of this machine, and volumes."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from loadtests.units import MIB

# Beyond it files are told apart by their sizes and times: reading a data set takes longer than
# a trial does.
HASHED_BYTES = 64 * MIB


@dataclass(frozen=True)
class Mount:
    """One thing that a container sees at a path of its own."""

    source: str  # a path of this machine, or a volume's name in the file; "" has no name
    target: str
    kind: str = "volume"  # or bind, tmpfs
    written_read_only: bool = False

    @property
    def is_file_of_host(self) -> bool:
        """Whether it is a file or a folder of this machine."""
        return self.kind == "bind"

    @property
    def shown(self) -> str:
        """Its source, without the folders it lies in: those are nobody's business."""
        return Path(self.source).name if self.is_file_of_host else self.source

    @property
    def as_written(self) -> dict[str, Any]:
        """It in Compose's words; what is this machine's is read-only."""
        source = {"source": self.source} if self.source else {}
        read_only = self.is_file_of_host or self.written_read_only
        shape = {"type": self.kind, **source, "target": self.target}
        return {**shape, "read_only": True} if read_only else shape


def mounts_of(spec: Mapping[str, Any], secrets: Mapping[str, Any] | None = None) -> Iterator[Mount]:
    """Give the mounts of a service as Compose shows them, in their short or long form.

    Secrets are given where they are to be mounted by us and not by Compose.
    """
    for written in spec.get("volumes") or []:
        yield _long(written) if isinstance(written, Mapping) else _short(str(written))
    if secrets is None:
        return
    for asked in spec.get("secrets") or []:
        source = asked["source"] if isinstance(asked, Mapping) else asked
        target = (asked.get("target") if isinstance(asked, Mapping) else None) or source
        path = target if target.startswith("/") else f"/run/secrets/{target}"
        yield Mount(secrets[source]["file"], path, "bind", True)


def _long(written: Mapping[str, Any]) -> Mount:
    return Mount(
        str(written.get("source") or ""),
        str(written["target"]),
        str(written.get("type", "volume")),
        bool(written.get("read_only")),
    )


def _short(written: str) -> Mount:
    source, colon, rest = written.partition(":")
    if not colon:
        return Mount("", source)
    target, _, mode = rest.partition(":")
    kind = "bind" if source.startswith(("/", ".", "~")) else "volume"
    return Mount(source, target, kind, "ro" in mode.split(","))


def content_of(path: Path) -> list[tuple[str, str]]:
    """Return what tells a file, or all files of a folder, from what they were before."""
    files = [path] if path.is_file() else sorted(p for p in path.rglob("*") if p.is_file())
    sizes = [file.stat().st_size for file in files]
    if sum(sizes) > HASHED_BYTES:
        return [(file.name, f"{file.stat().st_size} {file.stat().st_mtime_ns}") for file in files]
    return [(file.name, hashlib.sha256(file.read_bytes()).hexdigest()) for file in files]
