"""Where trials are kept: a folder a trial, named by the hash of what was asked.

A trial exists only once its folder has its final name; what a killed run left half-written has
another name and is removed at the next opening. A folder that lost its trial.json is no trial any
more and is set aside. Nothing is ever overwritten.
"""

import contextlib
import gzip
import hashlib
import json
import os
import secrets
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from filelock import FileLock, Timeout

from loadtests import record
from loadtests.errors import HostError, StoreLockedError
from loadtests.question import Question, Setting, Target
from loadtests.record import HostReport, Trial

_HALF_WRITTEN = ".writing-"
_IDENTITY = ".identity"
_TORN = ".torn-"


def trial_key(
    question: Question,
    setting: Setting,
    target: Target,
    image_id: str,
    locustfile_sha256: str,
    generator_content: str,
    host: HostReport,
    repeat: int,
) -> str:
    """Return the hash of everything a trial's outcome depends on but chance.

    Of the host what a setting is a share of: another number of cores, another processor or other
    memory makes another trial, a new kernel or engine does not.
    """
    asked = {
        "question": _question(question),
        "setting": asdict(setting),
        "service": [target.port, target.health_path, image_id],
        "locustfile": locustfile_sha256,
        "generator": generator_content,
        "host": [host.cpus, host.cpu_model, host.memory_mib],
        **_needs(target),
        "repeat": repeat,
        "format": record.FORMAT,
    }
    return hashlib.sha256(json.dumps(_floats(asked), sort_keys=True).encode()).hexdigest()


def _question(question: Question) -> dict[str, object]:
    """Return the question; what it leaves out is as it was before it could be asked.

    So a closed load without objectives has the key it had before there were open ones, and them.
    """
    asked = asdict(question)
    if not question.workload.is_open:
        del asked["workload"]["arrivals"], asked["workload"]["rate_per_s"]
    if not question.slo.objectives:
        del asked["slo"]["objectives"]
    return asked


def _needs(target: Target) -> dict[str, object]:
    """Return what a service is given beside its image; nothing where it is given nothing.

    A proxy in front of it and a Swarm too, so that without them a trial has the key it had before.
    """
    given = (target.command, target.user, target.environment_digest, target.host_header)
    companions = {"companions": target.stack_digest} if target.stack_digest else {}
    files = {"files": target.files_digest} if target.files_digest else {}
    proxied = {"balancing": target.balancing.value} if target.balancing.is_proxied else {}
    swarm = {"swarm": target.swarm.value} if target.swarm else {}
    return companions | files | proxied | swarm | ({"needs": given} if any(given) else {})


def _floats(value: object) -> object:
    """Return a value with every number a float: 500 and 500.0 ask the same question."""
    if isinstance(value, dict):
        return {name: _floats(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_floats(item) for item in value]
    return float(value) if isinstance(value, int) else value


class Store:
    """The trials of one run."""

    def __init__(self, root: Path) -> None:
        """Name the folder; it is made when it is first written to."""
        self.root = root.resolve()
        self.trials = self.root / "trials"

    @property
    def identity(self) -> str:
        """Return what tells this store's containers from those of another one.

        Drawn by chance and kept in the store: two machines may have the same paths and share an
        engine.
        """
        path = self.root / _IDENTITY
        if not path.exists():
            self.root.mkdir(parents=True, exist_ok=True)
            drawn = secrets.token_hex(8)
            aside = self.root / f"{_IDENTITY}-{drawn}"
            aside.write_text(drawn)
            with contextlib.suppress(FileExistsError):  # another process was quicker
                path.hardlink_to(aside)
            aside.unlink()
        return path.read_text()

    def folder(self, key: str) -> Path:
        """Return where a trial lies or will lie."""
        return record.trial_folder(self.root, key)

    def has(self, key: str) -> bool:
        """Say whether the trial was measured."""
        return (self.folder(key) / record.TRIAL_JSON).exists()

    def keys(self) -> list[str]:
        """Return the folder names of all finished trials, oldest first."""
        found = self.trials.glob(f"*/{record.TRIAL_JSON}")
        finished = [p for p in found if not p.parent.name.startswith(_HALF_WRITTEN)]
        return [p.parent.name for p in sorted(finished, key=lambda p: p.stat().st_mtime)]

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the store for writing, and clear what a killed run left half-written.

        Raises StoreLockedError when another process holds it.
        """
        self.trials.mkdir(parents=True, exist_ok=True)
        lock = FileLock(self.root / ".lock")
        try:
            lock.acquire(timeout=0)
        except Timeout as error:
            raise StoreLockedError(
                f"another run is measuring into {self.root}; wait for it, end it, or give this "
                "one another name with RUN=…"
            ) from error
        try:
            for half in self.trials.glob(f"{_HALF_WRITTEN}*"):
                shutil.rmtree(half)
            self._set_torn_aside()
            yield
        finally:
            lock.release()

    def _set_torn_aside(self) -> None:
        """Rename folders that lost their trial.json, so that they can be measured again."""
        for folder in self.trials.iterdir():
            if not folder.name.startswith(".") and not (folder / record.TRIAL_JSON).exists():
                folder.rename(folder.with_name(f"{_TORN}{folder.name}-{secrets.token_hex(4)}"))

    def write(self, trial: Trial, files: Mapping[str, bytes]) -> Path:
        """Store a trial and its files: written aside, synced, then renamed into place.

        Raises HostError when the disk refuses; half a trial is never kept.
        """
        final = self.folder(trial.key)
        aside = self.trials / f"{_HALF_WRITTEN}{final.name}"
        try:
            aside.mkdir(parents=True)
            for name, content in {**files, record.TRIAL_JSON: record.dump_trial(trial)}.items():
                with (aside / name).open("wb") as file:
                    file.write(_packed(name, content))
                    file.flush()
                    os.fsync(file.fileno())
            _sync(aside)
            aside.rename(final)
            _sync(self.trials)
        except OSError as error:
            shutil.rmtree(aside, ignore_errors=True)
            raise HostError(
                f"the trial could not be written to {final} ({error.strerror}); see that the "
                "disk has space and may be written to, then repeat the same run: finished trials "
                "are kept"
            ) from error
        return final


def _packed(name: str, content: bytes) -> bytes:
    # No time in the header: the same content gives the same bytes.
    return gzip.compress(content, mtime=0) if name.endswith(".gz") else content


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
