"""Say in one line what a locustfile holds, and send nothing: `describe.py locustfile options…`.

So that what cannot be run is refused before any service is started.
"""

import sys
from pathlib import Path

from loadtests.generator.channel import CHANNEL, say


def main() -> None:
    """Load the script that the arguments name, and describe it or say why that cannot be."""
    CHANNEL.keep()
    from loadtests.generator.script import ScriptError, load

    path, *options = sys.argv[1:]
    try:
        script = load(Path(path), options)
    except ScriptError as error:
        say(event="bad_script", message=str(error))
        return
    say(
        event="script",
        users=[user_class.__name__ for user_class in script.user_classes],
        most_users=script.most_users,
        wait_times=script.wait_times,
        shapes=[type(shape).__name__ for shape in script.shapes],
    )


if __name__ == "__main__":
    main()
