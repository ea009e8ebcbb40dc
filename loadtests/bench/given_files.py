"""Files of this machine that a service's container is given: read once, copied in, not for writing.

A copy reaches an engine on another machine too, where a mount of this one's files would not.
"""

import hashlib
import io
import os
import stat
import tarfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from docker.errors import APIError, NotFound
from docker.models.containers import Container

from loadtests.errors import QuestionError
from loadtests.units import MIB

FILES_AT_MOST_MIB = 100  # to be copied for every replica of every trial
DIGEST_CHARS = 6  # enough to notice that one has changed, too little to guess a secret from
_KERNELS = ("/proc", "/sys", "/dev")  # mounted over whatever an image has there
_IS_FOLDER = 1 << 31  # in the mode of the engine's stat (Go's fs.ModeDir)
_FOLDER, _PROGRAM, _FILE = 0o755, 0o555, 0o444  # modes in the container, of root's


@dataclass(frozen=True)
class _Entry:
    """A file or folder as it is copied."""

    mode: int
    modified: int  # Unix time
    content: bytes | None = field(repr=False)  # None: a folder


@dataclass(frozen=True)
class GivenFiles:
    """Files and folders by their path in the container, each with what is in it."""

    # By path within the one given; "" is that one itself.
    given: Mapping[str, Mapping[str, _Entry]] = field(default_factory=dict)

    @classmethod
    def read(cls, asked: Mapping[str, str], root: Path) -> "GivenFiles":
        """Read files and folders, {path in the container: path here}; relative ones from `root`.

        Raises QuestionError for what is not there, cannot be read, is too large, or has no place in
        a container.
        """
        found: dict[str, dict[str, _Entry]] = {}
        size = 0
        for there, here in asked.items():
            _require_a_place(there)
            found[there] = {}
            try:
                for name, entry in _entries(root / here):
                    size += len(entry.content or b"")
                    if size > FILES_AT_MOST_MIB * MIB:
                        raise QuestionError(
                            f"files has more than {FILES_AT_MOST_MIB} MiB (at {here}), which would "
                            "be copied for every replica of every trial; build an image that has "
                            "them"
                        )
                    found[there][name] = entry
            except OSError as error:
                raise QuestionError(
                    f"files has {here!r} for {there}, which cannot be read ({error.strerror}: "
                    f"{error.filename}); give a file or folder of this machine"
                ) from error
        return cls(found)

    @property
    def paths(self) -> tuple[str, ...]:
        """Where they are put, sorted."""
        return tuple(sorted(self.given))

    @property
    def digest(self) -> str:
        """What tells two sets of contents apart; "" where there are none."""
        if not self.given:
            return ""
        digest = hashlib.sha256()
        for there, entries in sorted(self.given.items()):
            for name, entry in sorted(entries.items()):
                content = hashlib.sha256(entry.content or b"").hexdigest()
                digest.update(f"{there}\0{name}\0{entry.mode}\0{content}\n".encode())
        return digest.hexdigest()[:DIGEST_CHARS]

    def give(self, container: Container) -> None:
        """Put them into a container that is not started yet.

        They belong to root and nobody may write to them, so that a service which is not root finds
        them as it would find a mount that is read-only. Raises QuestionError where the image has a
        file in place of a folder, or the other way round.
        """
        for there, entries in self.given.items():
            is_folder = entries[""].content is None
            folder, rest = _deepest_folder(container, PurePosixPath(there), is_folder)
            try:
                container.put_archive(str(folder), _tar(rest, entries))
            except APIError as error:
                raise QuestionError(
                    f"files has {there}, where the image has no place for it "
                    f"({error.explanation or error}); give another path"
                ) from error


def _require_a_place(there: str) -> None:
    path = PurePosixPath(there)
    plain = path.is_absolute() and ".." not in path.parts and there.isprintable()
    if not plain or len(path.parts) < 2 or str(path) != there or there.startswith("//"):
        raise QuestionError(
            f"files has {there!r}, which is no path in a container; give each as "
            "{'/path/in/the/container': 'path here'}, without a slash at the end"
        )
    if any(path.is_relative_to(kernels) for kernels in _KERNELS):
        raise QuestionError(f"files has {there!r}, which is the kernel's; give another path")


def _entries(here: Path) -> Iterator[tuple[str, _Entry]]:
    """Yield what there is of a file, or of a folder and all below it, by relative path."""
    yield "", _entry(here)
    if not here.is_dir():
        return
    for folder, names, files in os.walk(here, onerror=_raise):
        for name in sorted([*names, *files]):
            path = Path(folder) / name
            if path.is_symlink() and path.is_dir():
                raise QuestionError(
                    f"files has {str(path)!r}, a link to a folder, which is not followed; give "
                    "that folder by itself"
                )
            yield path.relative_to(here).as_posix(), _entry(path)


def _raise(error: OSError) -> None:
    raise error


def _entry(path: Path) -> _Entry:
    found = path.stat()
    if stat.S_ISDIR(found.st_mode):
        return _Entry(_FOLDER, int(found.st_mtime), None)
    if not stat.S_ISREG(found.st_mode):
        raise QuestionError(f"files has {str(path)!r}, which is neither a file nor a folder")
    mode = _PROGRAM if found.st_mode & stat.S_IXUSR else _FILE
    return _Entry(mode, int(found.st_mtime), path.read_bytes())


def _deepest_folder(
    container: Container, there: PurePosixPath, is_folder: bool
) -> tuple[PurePosixPath, PurePosixPath]:
    """Return the deepest folder on a path that a container has already, and the rest of the path.

    It and what is above it stay as the image has them: a folder in an archive would change their
    owner.
    """
    deepest = PurePosixPath("/")
    for path in (*[*there.parents][-2::-1], there):  # from the top
        try:
            content, found = container.get_archive(str(path))
        except NotFound:
            break
        del content  # which ends what nobody reads
        told = found or {}
        has_folder = bool(told["mode"] & _IS_FOLDER or told["linkTarget"])
        if has_folder != (path != there or is_folder):
            what = "folder" if has_folder else "file"
            raise QuestionError(
                f"files has {there}, where the image has a {what} at {path}; give another path"
            )
        deepest = path if has_folder else deepest
    return deepest, there.relative_to(deepest)


def _tar(rest: PurePosixPath, entries: Mapping[str, _Entry]) -> bytes:
    """Return an archive of entries, with the folders above them that are not there yet."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for folder in [*rest.parents][-2::-1]:
            _add(tar, str(folder), _Entry(_FOLDER, 0, None))
        for name, entry in entries.items():
            if name or rest.parts:  # a folder that is there already is left as it is
                _add(tar, str(rest / name), entry)
    return buffer.getvalue()


def _add(tar: tarfile.TarFile, name: str, entry: _Entry) -> None:
    info = tarfile.TarInfo(name)
    info.mode, info.mtime = entry.mode, entry.modified
    if entry.content is None:
        info.type = tarfile.DIRTYPE
        tar.addfile(info)
    else:
        info.size = len(entry.content)
        tar.addfile(info, io.BytesIO(entry.content))


NO_FILES = GivenFiles()
