"""Fetch on the host what an image installs, so that a build needs neither network nor trust.

Inside a build, a company's TLS-inspecting proxy would be a stranger; the host's pip knows it.
The wheels are those of the image (Python 3.11, glibc) on the engine's processor, whatever Python
and processor are here.
"""

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

from loadtests.errors import ImageError

STAMP = ".locks"
MACHINES = {"amd64": "x86_64", "arm64": "aarch64"}  # an engine's word: that of wheels
GLIBC_MINORS = (28, 27, 26, 24, 17, 12, 5)  # manylinux tags a Debian 12 image can use


def ensure_wheels(folder: Path, architecture: str, *locks: Path) -> bool:
    """Fill `folder` with the wheels the locks name; return False when it already was.

    `architecture` is the engine's, in its own words: amd64, arm64.

    Raises ImageError with pip's last lines when one cannot be had or its hash differs.
    """
    machine = machine_of(architecture)
    content = b"".join(lock.read_bytes() for lock in locks)
    stamp = hashlib.sha256(machine.encode() + b"\n" + content).hexdigest()
    stamped = folder / STAMP
    filled = any(folder.glob("*.whl"))
    if filled and stamped.exists() and stamped.read_text() == stamp:
        return False
    fetched = folder.with_name(folder.name + ".new")
    shutil.rmtree(fetched, ignore_errors=True)
    for lock in locks:
        download(machine, fetched, "--require-hashes", "--no-deps", "-r", str(lock))
    for old in folder.glob("*.whl"):
        old.unlink()
    for wheel in fetched.glob("*.whl"):
        wheel.replace(folder / wheel.name)
    shutil.rmtree(fetched)
    stamped.write_text(stamp)
    return True


def machine_of(architecture: str) -> str:
    """Return the processor in the words of wheels, from an engine's."""
    return MACHINES.get(architecture, architecture)


def download(machine: str, into: Path, *what: str) -> None:
    """Fetch wheels for a processor into a folder, by pip's own arguments for which.

    Raises ImageError with pip's last lines.
    """
    platforms = [f"manylinux_2_{minor}_{machine}" for minor in GLIBC_MINORS]
    platforms += [f"manylinux2014_{machine}", f"manylinux2010_{machine}", f"manylinux1_{machine}"]
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--only-binary=:all:"]
    command += ["--dest", str(into), *what]
    command += ["--python-version=3.11", "--implementation=cp"]
    command += [f"--abi={abi}" for abi in ("cp311", "abi3", "none")]
    command += [f"--platform={tag}" for tag in platforms]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        said = [line for line in done.stderr.splitlines() if not line.startswith("WARNING")]
        tail = "\n".join(said[-5:])
        raise ImageError(f"the packages of {Path(what[-1]).name} could not be fetched:\n{tail}")
