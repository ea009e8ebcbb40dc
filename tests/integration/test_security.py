"""What containers may do, what images carry, and what becomes of a package that was swapped."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from docker import DockerClient
from docker.errors import BuildError

from loadtests.bench import containers
from loadtests.bench.base_image import ensure_base_image
from loadtests.bench.images import API
from loadtests.bench.trial import run_trial
from loadtests.question import Setting
from tests.evidence_log import log_case
from tests.integration.asking import ask
from tests.integration.benches import bench_at, part_of
from tests.integration.compose import ALL_COMPOSES, Project
from tests.integration.own_image import built
from tests.running import PROJECT, wait_for

pytestmark = pytest.mark.docker

# Reads in the container what the kernel says of its first process, and tries to write.
LOOK = """
import json, pathlib
told = dict(line.split(":\\t", 1) for line in open("/proc/1/status") if ":\\t" in line)
status = {name: value.strip() for name, value in told.items()}
written = []
for folder in ("/", "/app", "/tmp", "/opt/venv", "/dev/shm"):
    try:
        pathlib.Path(folder, "left-behind").write_text("here")
        written.append(folder)
    except OSError:
        pass
print(json.dumps({"status": status, "written": written}))
"""
# Memory, not a disk: it counts against the container's limit and goes with it.
IN_MEMORY = ["/dev/shm"]
SECRETS = re.compile(
    r"(?i)token|secret|passw|private key|BEGIN [A-Z ]*KEY|BEGIN CERTIFICATE|ca[-_]?(cert|bundle)"
    r"|://[^/\s]*@|/root|/home/|index[-_]url|proxy"
)


@pytest.fixture(scope="module", params=["trial", *ALL_COMPOSES])
def running(
    request, client, tmp_path_factory, api_image, generator_image
) -> Iterator[SimpleNamespace]:
    """The API's container as a trial starts it, or as compose does: what it sees, what it has."""

    def looked_at(container):
        seen = json.loads(container.exec_run(["/opt/venv/bin/python3", "-c", LOOK]).output)
        container.reload()
        log = container.logs().decode()
        return SimpleNamespace(how=request.param, attrs=container.attrs, log=log, **seen)

    if request.param == "trial":
        found = []

        def look(_line):
            if not found:
                found.append(looked_at(part_of(bench, "api-1")))

        folder = tmp_path_factory.mktemp("rights")
        with bench_at(client, folder, generator_image, image=api_image, steady_s=1.0) as bench:
            run_trial(bench, Setting(1, 300), 0, look)
        yield found[0]
        return
    project = Project(client, request.param)
    try:
        done = project.make("up")
        assert done.returncode == 0, done.stdout + done.stderr
        (api,) = project.containers("api")
        wait_for("the service", lambda: ask(project.port))
        yield looked_at(api)
    finally:
        project.remove()


def test_the_service_has_no_capability_and_can_get_none(running):
    """Neither its own nor one that a program it starts might bring."""
    status = running.status
    sets = {name: int(status[name], 16) for name in ("CapEff", "CapPrm", "CapInh", "CapBnd")}
    right = not any(sets.values()) and status["NoNewPrivs"] == "1"
    said = f"{sets}, NoNewPrivs {status['NoNewPrivs']}"
    log_case("security", "capabilities", f"API container by {running.how}", said, right)
    assert right, said


def test_the_service_is_not_root_and_not_privileged(running):
    host = running.attrs["HostConfig"]
    uids = set(running.status["Uid"].split())
    right = "0" not in uids and not host["Privileged"] and running.attrs["Mounts"] == []
    said = f"uids {sorted(uids)}, mounts {running.attrs['Mounts']}"
    log_case("security", "user", f"API container by {running.how}", said, right)
    assert right, said


def test_the_service_can_write_to_no_disk(running):
    said = f"written to: {running.written}"
    right = set(running.written) <= set(IN_MEMORY) and running.attrs["HostConfig"]["ReadonlyRootfs"]
    log_case("security", "read-only", f"API container by {running.how}", said, right)
    assert right, said


def test_the_service_tells_nobody_of_itself(running):
    """ONNX Runtime says of its telemetry, where that is on, that it cannot keep an identifier."""
    assert "Uvicorn running" in running.log
    right = "telemetry" not in running.log
    said = "no telemetry" if right else running.log
    log_case("security", "telemetry", f"API container by {running.how}", said, right)
    assert right, said


def test_ports_are_on_loopback_or_not_published(running):
    bindings = running.attrs["HostConfig"]["PortBindings"] or {}
    addresses = {binding["HostIp"] for each in bindings.values() for binding in each}
    right = addresses == (set() if running.how == "trial" else {"127.0.0.1"})
    said = f"published on {sorted(addresses) or 'nothing'}"
    log_case("security", "ports", f"API container by {running.how}", said, right)
    assert right, said


def test_an_image_of_somebody_else_keeps_what_it_needs(bench, client, tmp_path):
    """One that declares nothing may write and keeps its capabilities, but gains no rights."""
    app = "import time; open('/here', 'w').write('written'); time.sleep(600)"
    with built(client, tmp_path, app) as image:
        here = bench(image=image)
        names = containers.Names(here.store.identity, "0" * 64)
        containers.ensure_network(client)
        replica = containers.create_replica(client, names, 1, Setting(1, 100), here.image_id, 1024)
        try:
            replica.start()
            wait_for("its file", lambda: replica.exec_run(["cat", "/here"]).output == b"written")
            status = replica.exec_run(["cat", "/proc/1/status"]).output.decode()
        finally:
            containers.remove([replica])
    assert "NoNewPrivs:\t1" in status
    assert not re.search(r"CapBnd:\t0+\n", status)


@pytest.mark.parametrize("which", ["api_image", "generator_image"])
def test_an_image_carries_no_secret_and_nothing_of_the_machine_it_was_built_on(
    request, client, which
):
    """Neither in its layers' commands, nor in its environment or labels, nor in its files."""
    image = client.images.get(request.getfixturevalue(which))
    told = "\n".join(
        [
            *(str(layer.get("CreatedBy")) for layer in image.history()),
            *(image.attrs["Config"]["Env"] or []),
            *(f"{name}={value}" for name, value in image.labels.items()),
        ]
    )
    found = SECRETS.findall(told)
    here = [word for word in (str(PROJECT), str(Path.home()), os.uname().nodename) if word in told]
    brought = _files(client, image.id) - _files(client, ensure_base_image(client, print))
    odd = sorted(path for path in brought if "/site-packages/" not in path)
    said = f"words {found}, of this machine {here}, files {odd}"
    right = not (found or here or odd)
    log_case("security", "image", f"layers, environment and files of {which}", said, right)
    assert right, said


def _files(client: DockerClient, image: str) -> set[str]:
    """Return the files of an image in which keys, passwords and certificates are kept."""
    names = ("*.pem", "*.key", "*.crt", "id_*", ".netrc", "pip.conf", ".env", ".git", "auth.conf")
    wanted = " -o ".join(f"-name '{name}'" for name in names)
    out = client.containers.run(
        image,
        ["-c", f"find / -xdev \\( {wanted} \\) -size +0 -not -path '/proc/*'"],
        entrypoint="/bin/sh",
        user="0",
        network_mode="none",
        remove=True,
    )
    return set(out.decode().split())


def test_a_package_that_is_not_the_locked_one_is_not_installed(client, tmp_path):
    """One hash altered in a copy of the lock: the build stops, and says at which package."""
    context = tmp_path / "service"
    shutil.copytree(API.context, context, ignore=shutil.ignore_patterns("__pycache__", ".locks"))
    lock = (context / "requirements.lock").read_text()
    (wheel, *_) = sorted((context / "wheels").glob("click-*.whl"))
    digest = subprocess.run(
        ["sha256sum", str(wheel)], capture_output=True, text=True, check=True
    ).stdout.split()[0]
    assert digest in lock
    altered = digest[:-1] + ("0" if digest[-1] != "0" else "1")
    (context / "requirements.lock").write_text(lock.replace(digest, altered))
    with pytest.raises(BuildError) as refused:
        client.images.build(
            path=str(context),
            target="packages-onnx",
            buildargs={"BASE": ensure_base_image(client, print)},
            rm=True,
            forcerm=True,
        )
    log = "".join(str(chunk.get("stream", "")) for chunk in refused.value.build_log)
    for last_step in re.findall(r"^ ---> ([0-9a-f]{12})$", log, re.MULTILINE)[-1:]:
        client.images.remove(last_step)  # those before it go with it
    right = "DO NOT MATCH THE HASHES" in log and digest in log
    said = log[log.find("THESE PACKAGES") :].partition("\n")[0]
    log_case("security", "hashed packages", "one altered hash in the lock", said, right)
    assert right, log[-2000:]
