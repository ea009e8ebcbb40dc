"""Who is asked to run the replicas: one engine, or its Swarm."""

from collections.abc import Mapping

from loadtests.errors import QuestionError
from loadtests.question import EndpointMode, balancing_of, endpoint_mode_of

ENGINE, SWARM = "engine", "swarm"


def swarm_of(
    orchestrator: str,
    endpoint_mode: str,
    nodes: Mapping[str, str] | None,
    balancing: str,
    compose: str,
    files: Mapping[str, str] | None,
) -> EndpointMode | None:
    """Return the endpoint mode of a Swarm's service; None where containers of an engine are asked.

    Raises QuestionError for an orchestrator that there is not, and what no Swarm can have.
    """
    mode = endpoint_mode_of(endpoint_mode)
    if orchestrator not in (ENGINE, SWARM):
        raise QuestionError(
            f"orchestrator is {orchestrator!r}; it must be one of {ENGINE}, {SWARM}"
        )
    if orchestrator == ENGINE:
        if nodes:
            raise QuestionError(
                f"nodes is {dict(nodes)!r}; nodes are a Swarm's (ORCHESTRATOR=swarm)"
            )
        return None
    if compose:
        raise QuestionError(
            "compose and a Swarm are both asked for; what a service depends on runs on one engine, "
            "and replicas on other nodes would not find it: leave compose out, or measure on one "
            "engine (ORCHESTRATOR=engine)"
        )
    if files:
        raise QuestionError(
            "files and a Swarm are both asked for; it makes containers where it starts them, so "
            "nothing can be copied into them before: put the files into the image"
        )
    if mode is EndpointMode.VIP and balancing_of(balancing).is_proxied:
        raise QuestionError(
            f"balancing {balancing} and endpoint_mode vip are both asked for; one of them spreads "
            "users: leave endpoint_mode at dnsrr, or balancing at dns"
        )
    return mode
