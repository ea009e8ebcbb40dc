"""Which tasks of a script had their turn: what no user did was not looked at."""

from collections.abc import Iterable, Iterator
from typing import Any

from locust import TaskSet
from locust.user.users import DefaultTaskSet

from loadtests.generator.script import UserClass, holders


class TaskLog:
    """The tasks that users have begun."""

    def __init__(self) -> None:
        """Begin with none, and note every task from now on."""
        self._begun: set[tuple[Any, Any]] = set()
        execute, begun = TaskSet.execute_next_task, self._begun

        def note_and_execute(tasks: TaskSet) -> None:
            holder = tasks.user if isinstance(tasks, DefaultTaskSet) else tasks
            begun.add((type(holder), tasks._task_queue[0]))
            execute(tasks)

        TaskSet.execute_next_task = note_and_execute

    def not_begun(self, user_classes: Iterable[UserClass]) -> list[str]:
        """Return the tasks of these users that none of them has begun: "Visitor.buy"."""
        every = [task for user_class in user_classes for task in _tasks(user_class)]
        return list(dict.fromkeys(_name(*task) for task in every if task not in self._begun))


def _tasks(user_class: UserClass) -> Iterator[tuple[Any, Any]]:
    """Yield every task that is no task set, with the class that has it."""
    for holder in holders(user_class):
        for task in dict.fromkeys(holder.tasks):
            if not (isinstance(task, type) and issubclass(task, TaskSet)):
                yield holder, task


def _name(holder: Any, task: Any) -> str:
    return f"{holder.__name__}.{getattr(task, '__name__', task)}"
