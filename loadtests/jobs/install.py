"""Install a hashed lock, and then this project: by uv, and by pip where uv cannot.

uv unpacks in parallel, which takes a fraction of pip's time. It comes from the lock itself, and
goes by what this machine's pip is set up with: its index, certificates and folders of packages.
It runs in an environment that is still empty, so it imports nothing but the standard library.
"""

import ast
import os
import re
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

PIP = (sys.executable, "-m", "pip")
UV = (sys.executable, "-m", "uv", "pip")
PIP_SECTIONS = ("global", "install", ":env:")  # the later one counts
NOT_BUILT = ("--no-build-isolation", "--no-deps", "-e", ".")  # by what the lock has for it


def entry(lock: str, package: str) -> str:
    """Return a lock's entry of one package, with its hashes; empty where it has none."""
    found = re.search(rf"^{package}==.*(?:\n[ \t].*)*\n", lock, re.MULTILINE)
    return found[0] if found else ""


def uv_settings(pip_settings: str) -> dict[str, str]:
    """Return environment variables that let uv look where pip does.

    `pip_settings` is what `pip config list` prints: a line each, like global.index-url='https://…'.
    """
    lines = [line.partition("=") for line in pip_settings.splitlines()]
    told = {key: str(ast.literal_eval(value)).split() for key, _, value in lines if value}
    pip = {
        key.removeprefix(f"{section}."): words
        for section in PIP_SECTIONS
        for key, words in told.items()
        if key.startswith(f"{section}.")
    }
    names = {
        "UV_DEFAULT_INDEX": " ".join(pip.get("index-url", [])),
        "UV_INDEX": " ".join(pip.get("extra-index-url", [])),
        "UV_FIND_LINKS": ",".join(pip.get("find-links", [])),
        "UV_INSECURE_HOST": " ".join(pip.get("trusted-host", [])),
        "SSL_CERT_FILE": " ".join(pip.get("cert", [])),
    }
    # Hashes say which file is meant, so any index may have it.
    common = {"UV_INDEX_STRATEGY": "unsafe-best-match", "UV_SYSTEM_CERTS": "true"}
    return common | {name: value for name, value in names.items() if value}


def install_by_uv(lock: Path) -> str | None:
    """Install the lock and this project; return what uv, or pip fetching it, complained of."""
    itself = entry(lock.read_text(), "uv")
    if not itself:
        return f"{lock.name} has no uv"
    with TemporaryDirectory(prefix="aguanta-") as folder:
        only = Path(folder) / "uv.lock"
        only.write_text(itself)
        error = _complaint(*PIP, "install", "--quiet", "--require-hashes", "-r", str(only))
    if error is not None:
        return error
    settings = _run(*PIP, "config", "list").stdout
    # Of two values the person's own counts.
    environment = uv_settings(settings) | os.environ
    here = ("install", "--quiet", "--python", sys.executable)
    locked = ("--require-hashes", "-r", str(lock))
    return _complaint(*UV, *here, *locked, environment=environment) or _complaint(
        *UV, *here, *NOT_BUILT, environment=environment
    )


def install_by_pip(lock: Path) -> str | None:
    """Install the lock and this project; return what pip complained of."""
    here = ("install", "--quiet", "--no-compile")  # as uv: when first imported
    return _complaint(*PIP, *here, "--require-hashes", "-r", str(lock)) or _complaint(
        *PIP, *here, *NOT_BUILT
    )


def _complaint(*command: str, environment: dict[str, str] | None = None) -> str | None:
    done = _run(*command, environment=environment)
    if done.returncode == 0:
        return None
    said = [line for line in done.stderr.splitlines() if not line.startswith("WARNING")]
    return "\n".join(said).strip() or f"{command[2]} ended with code {done.returncode}"


def _run(
    *command: str, environment: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def main(arguments: list[str]) -> int:
    """Install the lock that is named; return 2 where it cannot be."""
    lock = Path(arguments[0])
    error = install_by_uv(lock)
    if error is None:
        return 0
    print(f"uv cannot install them ({error.splitlines()[-1]}); pip does, which takes longer")
    error = install_by_pip(lock)
    if error is None:
        return 0
    print(f"Error: the packages of {lock} could not be installed:\n{error}", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
