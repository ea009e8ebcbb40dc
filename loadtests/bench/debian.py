"""Install a Debian package where that is allowed: root on Debian or Ubuntu."""

import os
import platform
import shutil
import subprocess

from loadtests.errors import EngineError


def is_debian_root() -> bool:
    """Say whether packages may be installed here with apt-get."""
    try:
        release = platform.freedesktop_os_release()
    except OSError:
        return False
    family = {release.get("ID", ""), *release.get("ID_LIKE", "").split()}
    return os.geteuid() == 0 and "debian" in family and shutil.which("apt-get") is not None


def install(*packages: str) -> None:
    """Install packages with apt-get; raises EngineError with apt's last lines when it fails."""
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for command in (["update"], ["install", "-y", "--no-install-recommends", *packages]):
        done = subprocess.run(
            ["apt-get", "-qq", *command],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            tail = "\n".join((done.stdout + done.stderr).strip().splitlines()[-5:])
            raise EngineError(f"apt-get {' '.join(command)} failed:\n{tail}")
