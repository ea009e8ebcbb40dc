"""Ask a service for all penguins, one after the other, and see whether it answers rightly."""

import http.client
import time

from loadtests.errors import NotReadyError, TrialError
from loadtests.peers.contenders import Contender

TIMEOUT_S = 10.0
POLL_S = 0.02
SHOWN = 200  # of an answer that is wrong, characters


def check_answers(contender: Contender, address: str) -> None:
    """Ask for every penguin over one connection; raises TrialError for one that is not right."""
    connection = http.client.HTTPConnection(address, contender.port, timeout=TIMEOUT_S)
    try:
        for body, right in zip(contender.bodies, contender.answers, strict=True):
            status, told = _ask(connection, contender, body)
            if status != 200 or right not in told:
                raise TrialError(f"it answered {status} {told[:SHOWN]!r} to {body}, not {right}")
    except (OSError, http.client.HTTPException) as error:
        raise TrialError(f"it broke off: {error!r}") from error
    finally:
        connection.close()


def first_right_answer_s(
    contender: Contender, address: str, began_s: float, limit_s: float
) -> float:
    """Return after how long, since a moment of the monotonic clock, it first answered rightly.

    Raises NotReadyError when that takes longer than the limit.
    """
    body, right = contender.bodies[0], contender.answers[0]
    last = "nothing"
    while (passed_s := time.monotonic() - began_s) < limit_s:
        connection = http.client.HTTPConnection(address, contender.port, timeout=TIMEOUT_S)
        try:
            status, told = _ask(connection, contender, body)
            if status == 200 and right in told:
                return time.monotonic() - began_s
            last = f"{status} {told[:SHOWN]!r}"
        except (OSError, http.client.HTTPException) as error:
            last = repr(error)
        finally:
            connection.close()
        time.sleep(POLL_S)
    raise NotReadyError(f"it gave no right answer in {passed_s:.0f} s; the last was {last}")


def _ask(
    connection: http.client.HTTPConnection, contender: Contender, body: str
) -> tuple[int, str]:
    connection.request("POST", contender.path, body, {"Content-Type": "application/json"})
    answer = connection.getresponse()
    return answer.status, answer.read().decode(errors="replace")
