"""What a requirements.txt beside a users' script asks for, line by line; pure.

Packages come from where this machine's pip finds them, as wheels. So lines that say where to look,
and packages that lie somewhere else, are refused.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from loadtests.errors import QuestionError

# Where the packages run, for lines that are for some machines only.
GENERATORS_PYTHON = {
    "python_version": "3.11",
    "python_full_version": "3.11.2",
    "implementation_name": "cpython",
    "platform_python_implementation": "CPython",
    "sys_platform": "linux",
    "platform_system": "Linux",
    "os_name": "posix",
}
_NESTED = re.compile(r"(?:-r|--requirement)[ =]*(\S+)$")
_COMMENT = re.compile(r"(?:^|\s)#.*$")
_HASH = re.compile(r"\s--hash[ =]\S+")


@dataclass(frozen=True)
class Packages:
    """The packages a script asks for, but for those that the load generator has."""

    wanted: tuple[Requirement, ...]
    others: tuple[str, ...]  # asked for in another version than the generator has, in words


def read_requirements(name: str, texts: Mapping[str, str], pinned: Mapping[str, str]) -> Packages:
    """Read a requirements file, if there is one, and those it names: `texts` has them by path.

    `pinned` has the versions that the load generator has, by canonical name. Raises QuestionError
    for a line that names no package.
    """
    wanted, others = [], []
    for found in _requirements(name, texts, ()) if name in texts else ():
        package = canonicalize_name(found.name)
        if package not in pinned or found.extras:
            wanted.append(found)
        elif not found.specifier.contains(pinned[package], prereleases=True):
            others.append(f"{found}, of which the load generator has {pinned[package]}")
    return Packages(tuple(wanted), tuple(others))


def _requirements(
    name: str, texts: Mapping[str, str], within: tuple[str, ...]
) -> Iterator[Requirement]:
    for line in _lines(texts[name]):
        if nested := _NESTED.match(line):
            path = str(PurePosixPath(name).parent / nested[1])
            if path not in texts or path in (*within, name):
                raise QuestionError(
                    f"{name} says {line!r}; there is no such file beside it that could be read"
                )
            yield from _requirements(path, texts, (*within, name))
            continue
        if line.startswith("-"):
            raise QuestionError(
                f"{name} says {line!r}; packages come from where pip of this machine looks for "
                "them (pip config), so leave that line out"
            )
        yield from _one(name, line)


def _one(name: str, line: str) -> Iterator[Requirement]:
    try:
        found = Requirement(_HASH.sub("", line))
    except InvalidRequirement as error:
        raise QuestionError(
            f"{name} says {line!r}, which names no package; write each as name==version, and put "
            "modules of your own beside the script"
        ) from error
    if found.url:
        raise QuestionError(
            f"{name} says {line!r}, which lies at an address of its own; write name==version"
        )
    if found.marker is None or found.marker.evaluate(dict(GENERATORS_PYTHON)):
        found.marker = None
        yield found


def _lines(text: str) -> Iterator[str]:
    """Yield lines that say something, with what is continued on the next one."""
    for line in text.replace("\\\r\n", " ").replace("\\\n", " ").splitlines():
        if said := _COMMENT.sub("", line).strip():
            yield said
