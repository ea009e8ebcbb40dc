"""Install a Debian package where that is allowed: root on Debian or Ubuntu."""

import os
import platform
import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir

from filelock import FileLock

from loadtests.errors import EngineError

# apt refuses a second one beside it instead of waiting.
ALONE = FileLock(Path(gettempdir()) / "aguanta-apt.lock")


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
    with ALONE:
        _run("apt-get", "-qq", "update")
        _run("apt-get", "-qq", "install", "-y", "--no-install-recommends", *packages)


def fetch_program(package: str, program: str, into: Path) -> None:
    """Put one program of a package into a folder, without the service the package would start.

    Raises EngineError with apt's last lines when it fails.
    """
    with TemporaryDirectory(prefix="aguanta-") as folder:
        with ALONE:
            _run("apt-get", "-qq", "update")
        _run("apt-get", "-qq", "-o", "APT::Sandbox::User=root", "download", package, folder=folder)
        (archive,) = Path(folder).glob("*.deb")
        _run("dpkg-deb", "-x", str(archive), folder)
        shutil.copy(Path(folder) / "usr" / "bin" / program, into / program)


def _run(*command: str, folder: str | None = None) -> None:
    done = subprocess.run(
        command,
        cwd=folder,
        env=os.environ | {"DEBIAN_FRONTEND": "noninteractive"},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        tail = "\n".join((done.stdout + done.stderr).strip().splitlines()[-5:])
        raise EngineError(f"{' '.join(command)} failed:\n{tail}")
