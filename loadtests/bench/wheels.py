"""Fetch on the host what an image installs, so that a build needs neither network nor trust.

Inside a build, a company's TLS-inspecting proxy would be a stranger; the host's pip knows it.
The wheels are those of the image (Python 3.11, glibc), whatever Python runs here.
"""

import hashlib
import platform
import shutil
import subprocess
import sys
from pathlib import Path

from loadtests.errors import ImageError

STAMP = ".locks"
GLIBC_MINORS = (28, 27, 26, 24, 17, 12, 5)  # manylinux tags a Debian 12 image can use


def ensure_wheels(folder: Path, *locks: Path) -> bool:
    """Fill `folder` with the wheels the locks name; return False when it already was.

    Raises ImageError with pip's last lines when one cannot be had or its hash differs.
    """
    stamp = hashlib.sha256(b"".join(lock.read_bytes() for lock in locks)).hexdigest()
    stamped = folder / STAMP
    filled = any(folder.glob("*.whl"))
    if filled and stamped.exists() and stamped.read_text() == stamp:
        return False
    fetched = folder.with_name(folder.name + ".new")
    shutil.rmtree(fetched, ignore_errors=True)
    for lock in locks:
        _download(lock, fetched)
    for old in folder.glob("*.whl"):
        old.unlink()
    for wheel in fetched.glob("*.whl"):
        wheel.replace(folder / wheel.name)
    shutil.rmtree(fetched)
    stamped.write_text(stamp)
    return True


def _download(lock: Path, into: Path) -> None:
    machine = {"arm64": "aarch64"}.get(platform.machine(), platform.machine())
    platforms = [f"manylinux_2_{minor}_{machine}" for minor in GLIBC_MINORS]
    platforms += [f"manylinux2014_{machine}", f"manylinux2010_{machine}", f"manylinux1_{machine}"]
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--only-binary=:all:"]
    command += ["--require-hashes", "--no-deps", "--dest", str(into), "-r", str(lock)]
    command += ["--python-version=3.11", "--implementation=cp"]
    command += [f"--abi={abi}" for abi in ("cp311", "abi3", "none")]
    command += [f"--platform={tag}" for tag in platforms]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        tail = "\n".join(done.stderr.strip().splitlines()[-5:])
        raise ImageError(f"the packages of {lock.name} could not be fetched:\n{tail}")
