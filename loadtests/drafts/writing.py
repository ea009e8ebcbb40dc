"""From a draft to the text of a locustfile: what is left out stands in it too, with the reason."""

import itertools
import re
import subprocess
import sys
import textwrap
from collections import Counter
from collections.abc import Sequence

from loadtests.drafts.draft import Call, Credential, Draft
from loadtests.drafts.source import shown
from loadtests.errors import AguantaError

LINE_LENGTH = 100
SUMMARY_LENGTH = 90
_CLIENT_METHODS = {"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"}
_ABOUT = '''"""Users of {title}.

Drafted from {source}
It says what can be called, not what users do: look through how often each task is done (the
number after @task), in which order, and what is sent. Each sends the same at every turn; a
service that caches, or a database with many rows, needs many values to be judged by.
"""
'''
_SECRETS = '''
def secret(name: str) -> str:
    """Return a secret from the environment, else from a file of that name beside this one."""
    return os.environ.get(name) or Path(__file__).with_name(f"{name}.txt").read_text().strip()


# Put each into its file beside this script, which travels along with it; never write it in here.
'''


def locustfile(draft: Draft) -> str:
    """Return the text of a draft's locustfile, formatted."""
    calls = draft.calls
    tasks = [*zip(calls, map(_task, calls, _functions(calls), _request_names(calls)), strict=True)]
    lines = [
        _ABOUT.format(title=plain(draft.title), source=plain(shown(draft.source))),
        _imports(draft),
        _secrets(draft),
        "class ApiUser(FastHttpUser):",
        '    """Does one task at a time, each as often as its number says."""',
        "    wait_time = between(5, 15)  # seconds; THINK_MIN and THINK_MAX replace it",
        *(task for call, task in tasks if not call.left_out),
        _commented([task for call, task in tasks if call.left_out]),
    ]
    return formatted("\n".join(lines))


def plain(text: str, length: int = SUMMARY_LENGTH) -> str:
    """Return a text as it may stand in a comment or a docstring: one line, and no code."""
    line = " ".join(re.sub(r"[^\w .,:;/?&=%@#()\[\]{}<>+*'|~!$-]", " ", text).split())
    return line if len(line) <= length else f"{line[: length - 1].rstrip()}…"


def formatted(code: str) -> str:
    """Return Python code in one format. Raises AguantaError where it is no code."""
    command = [sys.executable, "-m", "ruff", "format", "--isolated"]
    done = subprocess.run(
        [*command, "--line-length", str(LINE_LENGTH), "-"],
        input=code,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise AguantaError(f"the locustfile could not be written: {done.stderr.strip()}")
    return done.stdout


def _imports(draft: Draft) -> str:
    credentials = _credentials(draft.calls)
    secret = ["import os", "from pathlib import Path"] if credentials else []
    basic = any(credential.form.startswith("Basic") for credential in credentials)
    encode = ["from base64 import b64encode"] if basic else []
    task = ", task" if draft.made else ""
    return "\n".join(
        [*secret[:1], *encode, *secret[1:], "", f"from locust import FastHttpUser, between{task}"]
    )


def _secrets(draft: Draft) -> str:
    """Return how secrets come into the script; those of calls left out are left out too."""
    credentials, used = _credentials(draft.calls), _credentials(draft.made)
    if not credentials:
        return ""
    lines = []
    for credential in credentials:
        value = f'secret("{credential.variable}")'
        if credential.form.startswith("Basic"):
            value = f"b64encode({value}.encode()).decode()  # it is user:password"
        mark = "" if credential in used else "# "
        lines.append(f"{mark}{credential.variable} = {value}")
    return _SECRETS + "\n".join(lines)


def _credentials(calls: Sequence[Call]) -> list[Credential]:
    return list(dict.fromkeys(one for call in calls for one in call.credentials))


def _task(call: Call, function: str, name: str) -> str:
    """Return a call as a task of a user class."""
    arguments = [repr(call.url), f"name={name!r}"]
    if call.method not in _CLIENT_METHODS:
        arguments.insert(0, repr(call.method))
    arguments += [f"{key}={value!r}" for key, value in call.body.items()]
    headers = [f"{key!r}: {value!r}" for key, value in call.headers.items()]
    headers += [f"{one.field!r}: {_header(one)}" for one in call.credentials]
    if headers:
        arguments.append(f"headers={{{', '.join(headers)}}}")
    method = call.method.lower() if call.method in _CLIENT_METHODS else "request"
    lines = [
        *_why(call),
        f"@task({call.weight})",
        f"def {function}(self) -> None:",
        *([f"    # {plain(call.summary)}"] if plain(call.summary) else []),
        f"    self.client.{method}({', '.join(arguments)})",
        "",
    ]
    return "\n".join(f"    {line}" if line else "" for line in lines)


def _why(call: Call) -> list[str]:
    """Return why a call is left out, as comments."""
    if not call.left_out:
        return []
    told = textwrap.wrap(f"Left out: {plain(call.left_out, 300)}.", LINE_LENGTH - 6)
    return [f"# {line}" for line in told]


def _header(credential: Credential) -> str:
    before = credential.form.removesuffix("{}")
    return f"{before!r} + {credential.variable}" if before else credential.variable


def _commented(tasks: Sequence[str]) -> str:
    """Return tasks as comments, formatted as they would be without the marks."""
    if not tasks:
        return ""
    code = formatted("\n".join(["class ApiUser:", *tasks]))
    lines = [line.removeprefix("    ") for line in code.splitlines()[1:]]
    marked = [line if line.startswith("# ") or not line else f"# {line}" for line in lines]
    return "\n".join(f"    {line}" if line else "" for line in ["", *marked])


def _functions(calls: Sequence[Call]) -> list[str]:
    """Return a function's name for every call, no two the same."""
    found: list[str] = []
    for call in calls:
        words = re.sub(r"\W+", "_", f"{call.method} {call.template}", flags=re.ASCII)
        name = words.strip("_").lower()
        others = (f"{name}_{number}" for number in itertools.count(2))
        found.append(next(one for one in itertools.chain([name], others) if one not in found))
    return found


def _request_names(calls: Sequence[Call]) -> list[str]:
    """Return what each call is told as: its path, with its method where a path has several."""
    times = Counter(call.template for call in calls)
    return [
        call.template if times[call.template] == 1 else f"{call.method} {call.template}"
        for call in calls
    ]
