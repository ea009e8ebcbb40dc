"""Ask a running service, and where it is to be asked."""

import json
import urllib.request

from docker.models.containers import Container

PENGUIN = {
    "bill_length_mm": 50.0,
    "bill_depth_mm": 16.3,
    "flipper_length_mm": 230,
    "body_mass_g": 5700,
}


def ask(port: int) -> str | None:
    """Return the sex the service on that port says a penguin has, None before it answers."""
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/predict/",
        json.dumps(PENGUIN).encode(),
        {"Content-Type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            prediction: str = json.load(answer)["prediction"]
    except OSError:
        return None
    return prediction


def published(container: Container) -> list[tuple[str, int]]:
    """Return the addresses and ports of this machine that lead into a container."""
    container.reload()
    bindings = container.ports.values()
    return [(b["HostIp"], int(b["HostPort"])) for each in bindings for b in each or ()]
