"""The users' script with what lies beside it: modules, data, and the packages it asks for."""

import hashlib
import io
import itertools
import shlex
import tarfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from loadtests.errors import QuestionError
from loadtests.units import MIB

REQUIREMENTS = "requirements.txt"
FOLDER_AT_MOST_MIB = 50  # to be copied for every trial
# What is nobody's data: other people's packages, caches, and what a load test left.
_LEFT_OUT = {"__pycache__", "node_modules", "site-packages"}
_OF_AN_ENVIRONMENT = "pyvenv.cfg"  # whatever its folder is called


@dataclass(frozen=True)
class UsersScript:
    """A locustfile and the files of its folder, read once: what is run is what was hashed."""

    name: str
    files: dict[str, bytes] = field(repr=False)  # by path relative to the folder
    options: tuple[str, ...] = ()  # of its own command line, and Locust's
    is_own: bool = False  # this project's

    @classmethod
    def read(cls, locustfile: Path, options: Sequence[str] = ()) -> "UsersScript":
        """Read a locustfile and what lies beside and below it, but for hidden files.

        Raises QuestionError where the folder holds more than a script would need, or what cannot be
        read.
        """
        files, size = {}, 0
        try:
            others = (path for path in _beside(locustfile.parent) if path != locustfile)
            for path in itertools.chain([locustfile], others):
                size += path.stat().st_size
                if size > FOLDER_AT_MOST_MIB * MIB:
                    raise QuestionError(
                        f"the folder of {locustfile.name}, {locustfile.parent}, holds more than "
                        f"{FOLDER_AT_MOST_MIB} MiB; it travels along with the script, so put the "
                        "script, and what it needs, into a folder of its own"
                    )
                files[path.relative_to(locustfile.parent).as_posix()] = path.read_bytes()
        except OSError as error:
            raise QuestionError(
                f"{error.filename}, which travels along with {locustfile.name}, cannot be read "
                f"({error.strerror}); let it be read, or put the script, and what it needs, into a "
                "folder of its own"
            ) from error
        return cls(locustfile.name, files, tuple(options))

    @classmethod
    def alone(cls, locustfile: Path) -> "UsersScript":
        """Read this project's own locustfile: what it imports is in the generator's image."""
        return cls(locustfile.name, {locustfile.name: locustfile.read_bytes()}, is_own=True)

    @property
    def sha256(self) -> str:
        """Hash of the script, and of every file beside it and every option where there are any."""
        if len(self.files) == 1 and not self.options:
            return hashlib.sha256(self.files[self.name]).hexdigest()
        digest = hashlib.sha256(shlex.join(self.options).encode())
        for name, content in sorted(self.files.items()):
            digest.update(f"{name}\n{hashlib.sha256(content).hexdigest()}\n".encode())
        return digest.hexdigest()

    @property
    def requirements(self) -> dict[str, str]:
        """Its requirements.txt and other texts beside that, by path; {} where it has none.

        Raises QuestionError where it is no text.
        """
        if REQUIREMENTS not in self.files:
            return {}
        found = {}
        for name, content in self.files.items():
            if name.endswith(".txt"):
                try:
                    found[name] = content.decode("utf-8-sig")
                except UnicodeDecodeError as error:
                    if name == REQUIREMENTS:
                        raise QuestionError(
                            f"{REQUIREMENTS} beside {self.name} is no text in UTF-8; save it so"
                        ) from error
        return found

    def tar(self, folder: str, owner: int) -> bytes:
        """Return a tar of a folder, owned by a user, with the files in it."""
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w") as tar:
            names = {folder} | {
                f"{folder}/{parent.as_posix()}"
                for name in self.files
                for parent in Path(name).parents
                if parent != Path()
            }
            for name in sorted(names):
                entry = tarfile.TarInfo(name)
                entry.type, entry.mode, entry.uid = tarfile.DIRTYPE, 0o755, owner
                tar.addfile(entry)
            for name, content in sorted(self.files.items()):
                entry = tarfile.TarInfo(f"{folder}/{name}")
                entry.size, entry.mode, entry.uid = len(content), 0o644, owner
                tar.addfile(entry, io.BytesIO(content))
        return buffer.getvalue()


def _beside(folder: Path, above: frozenset[Path] = frozenset()) -> Iterator[Path]:
    """Yield the files of a folder and the folders below it, none that is hidden or left out.

    Links are followed, but for those that lead back to a folder they are in.
    """
    real = folder.resolve()
    if real in above or (folder / _OF_AN_ENVIRONMENT).exists():
        return
    for path in sorted(folder.iterdir()):
        if path.name.startswith(".") or path.name in _LEFT_OUT or path.suffix == ".pyc":
            continue
        if path.is_dir():
            yield from _beside(path, above | {real})
        elif path.is_file():
            yield path
