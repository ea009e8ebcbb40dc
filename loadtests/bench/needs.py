"""What a service's container is given beside CPU and memory: settings by environment, a command.

Values may be secrets. They go to the container and nowhere else: records, logs and reports have
names only, and messages are cleaned of them.
"""

import hashlib
import json
import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from docker.errors import DockerException
from docker.utils import parse_env_file

from loadtests.bench.given_files import NO_FILES, GivenFiles
from loadtests.errors import QuestionError

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
# Of all values together: enough to notice that one has changed, too little to guess it from.
DIGEST_CHARS = 4
SECRET_CHARS = 4  # shorter ones are words of every message: 1, on, dev


@dataclass(frozen=True)
class Needs:
    """What the container of the service is given."""

    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    command: tuple[str, ...] = ()  # in place of the image's own
    user: str = ""  # "" is the image's own
    options: Mapping[str, Any] = field(default_factory=dict)  # more, in the engine's words
    files: GivenFiles = NO_FILES  # copied into it before it starts

    @classmethod
    def of(
        cls,
        environment: Mapping[str, str],
        env_file: Path | None = None,
        command: str = "",
        user: str = "",
        files: GivenFiles = NO_FILES,
    ) -> "Needs":
        """Read what is given; what is given by name goes before what a file has.

        Raises QuestionError for a file or a command that cannot be read.
        """
        given = {**({} if env_file is None else _read(env_file)), **environment}
        for name in given:
            if not _NAME.fullmatch(name):
                raise QuestionError(f"environment has {name!r}, which is no name of a variable")
        try:
            words = tuple(shlex.split(command))
        except ValueError as error:
            raise QuestionError(f"command is {command!r}; a quote in it has no end") from error
        return cls(given, words, user, files=files)

    def overridden(self, by: "Needs") -> "Needs":
        """Return these needs with what others name in place of their own."""
        return Needs(
            {**self.environment, **by.environment},
            by.command or self.command,
            by.user or self.user,
            {**self.options, **by.options},
            by.files if by.files.given else self.files,
        )

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the variables, sorted."""
        return tuple(sorted(self.environment))

    @property
    def digest(self) -> str:
        """What tells two sets of values apart; "" where there are none."""
        if not self.environment:
            return ""
        values = json.dumps(sorted(self.environment.items())).encode()
        return hashlib.sha256(values).hexdigest()[:DIGEST_CHARS]

    def hidden(self, text: str) -> str:
        """Return a text with the name of each variable in place of its value."""
        # A log has a key of several lines line by line, and perhaps not all of them.
        parts = {
            (name, part)
            for name, value in self.environment.items()
            for part in (value, *value.splitlines())
            if len(part) >= SECRET_CHARS
        }
        for name, part in sorted(parts, key=lambda each: (-len(each[1]), each)):
            text = text.replace(part, f"<{name}>")
        return text


NOTHING = Needs()


def _read(path: Path) -> dict[str, str]:
    try:
        return dict(parse_env_file(str(path)))
    except OSError as error:
        raise QuestionError(f"env_file {path} cannot be read ({error.strerror})") from error
    except (DockerException, UnicodeDecodeError) as error:
        # The line itself may be a secret.
        raise QuestionError(
            f"env_file {path} has a line that is not NAME=value; it is read as docker run "
            "--env-file does"
        ) from error
