"""How the image starts the service, to start it the same way without a container."""

import json
import sys
from pathlib import Path

PROJECT = Path(__file__).parents[2]


def image_command(port: int) -> list[str]:
    """Return the Dockerfile's command, on loopback, with this interpreter and another port."""
    runtime = (PROJECT / "service" / "Dockerfile").read_text().partition(" AS runtime\n")[2]
    written = runtime.partition("\nFROM ")[0].partition("\nCMD ")[2].replace("\\\n", "")
    command: list[str] = json.loads(written)
    command[0] = sys.executable
    for option, value in {"--host": "127.0.0.1", "--port": str(port)}.items():
        command[command.index(option) + 1] = value
    return command
