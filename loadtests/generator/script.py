"""A locustfile as Locust loads it: its users, its options, and what it says of a load of its own.

Users, spawn rate and think time are the question's; a script may say otherwise. What it says is
told here, so that nobody takes its word for what was measured.
"""

import inspect
import os
from argparse import Namespace
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from locust import TaskSet, User, between
from locust.argument_parser import get_parser
from locust.shape import LoadTestShape
from locust.user.task import filter_tasks_by_tags
from locust.util.load_locustfile import load_locustfile

UserClass = type[User]


class ScriptError(Exception):
    """A locustfile that cannot be run, in words for whoever wrote it."""


@dataclass(frozen=True)
class Script:
    """What a locustfile holds."""

    user_classes: tuple[UserClass, ...]
    shapes: tuple[LoadTestShape, ...]
    options: Namespace

    @property
    def holders(self) -> tuple[Any, ...]:
        """Its user classes, and all task sets within them."""
        seen: set[Any] = set()
        return tuple(found for users in self.user_classes for found in holders(users, seen))

    @property
    def most_users(self) -> int | None:
        """How many users there can be; None: any number."""
        counts = [int(user_class.fixed_count) for user_class in self.user_classes]
        return sum(counts) if all(counts) else None

    @property
    def rarest_share(self) -> float:
        """Share of the users that the rarest kind has among many; 0 for a fixed few."""
        if len(self.user_classes) == 1:
            return 1.0
        weights = [0 if kind.fixed_count else kind.weight for kind in self.user_classes]
        return min(weights) / sum(weights) if any(weights) else 0.0

    @property
    def wait_times(self) -> dict[str, str]:
        """Wait times of its users and task sets, by their names, as the script has them."""
        return {
            holder.__name__: _as_written(holder.__dict__["wait_time"])
            for holder in self.holders
            if "wait_time" in holder.__dict__
        }

    @property
    def says_goodbye(self) -> bool:
        """Whether users or task sets do something when they leave."""
        return any(not holder.on_stop.__module__.startswith("locust.") for holder in self.holders)


def load(path: Path, options: Sequence[str] = ()) -> Script:
    """Import a locustfile from its own folder, as `locust -f` would, and read its options.

    Raises ScriptError, which names what is missing or wrong in it.
    """
    os.chdir(path.parent)
    try:
        found, shapes = load_locustfile(str(path))
    except ModuleNotFoundError as error:
        raise ScriptError(
            f"{path.name} needs the module {error.name}, which is not there; put it beside the "
            "script, or the package that has it into a requirements.txt there"
        ) from error
    except FileNotFoundError as error:
        raise ScriptError(
            f"{path.name} needs the file {error.filename}, which is not there; put it into the "
            "script's folder, and name it relative to that folder"
        ) from error
    except Exception as error:  # whatever a script may do while it is imported
        raise ScriptError(f"{path.name} cannot be loaded: {_in_words(error)}") from error
    if not found:
        raise ScriptError(
            f"{path.name} has no user class: it needs one that is derived from HttpUser, "
            "FastHttpUser or KeepAliveUser and is not abstract"
        )
    for user_class in found.values():
        if not user_class.tasks:
            raise ScriptError(f"{user_class.__name__} in {path.name} has no tasks")
    read = _options(options)
    return Script(_chosen(found, read, path), tuple(shapes), read)


def _chosen(found: dict[str, UserClass], options: Namespace, path: Path) -> tuple[UserClass, ...]:
    """Return the users that the options ask for, with the tasks that they ask for."""
    names = list(options.user_classes or found)
    for name in names:
        if name not in found:
            raise ScriptError(f"{path.name} has no user class {name}, but {', '.join(found)}")
    for name in names:
        filter_tasks_by_tags(found[name], _as_set(options.tags), _as_set(options.exclude_tags))
        if not found[name].tasks:
            raise ScriptError(f"the tags that are asked for leave {name} in {path.name} no task")
    return tuple(found[name] for name in names)


def _as_set(tags: Sequence[str] | None) -> set[str] | None:
    return set(tags) if tags else None


def _options(given: Sequence[str]) -> Namespace:
    """Return Locust's options and the script's own: as given, else by their defaults."""
    parser = get_parser()

    def refuse(message: str) -> None:
        raise ScriptError(f"the script's options: {message}")

    parser.error = refuse
    options: Namespace = parser.parse_args([*given])
    return options


def holders(owner: Any, seen: set[Any] | None = None) -> Iterator[Any]:
    """Yield a user class and all task sets within it, each once."""
    seen = set() if seen is None else seen
    if owner in seen:
        return
    seen.add(owner)
    yield owner
    for task in owner.tasks:
        if isinstance(task, type) and issubclass(task, TaskSet):
            yield from holders(task, seen)


def _as_written(wait_time: Any) -> str:
    """Return Locust's own wait times as a script has them, others by their name."""
    name = str(getattr(wait_time, "__qualname__", wait_time)).partition(".")[0]
    if getattr(wait_time, "__module__", "") != between.__module__:
        return name
    given = inspect.getclosurevars(wait_time).nonlocals
    said = sorted(value for value in given.values() if isinstance(value, int | float))
    return f"{name}({', '.join(f'{value:g}' for value in said)})"


def _in_words(error: BaseException) -> str:
    said = str(error).strip().splitlines()
    return f"{type(error).__name__}: {said[0]}" if said else type(error).__name__
