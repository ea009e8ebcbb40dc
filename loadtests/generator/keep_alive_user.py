"""A user for large loads: FastHttpUser's calls at about half its CPU.

    from loadtests.generator.keep_alive_user import KeepAliveUser

It keeps one connection over plain HTTP/1.1, remembers what it has to say, and looks at nothing of a
response that its script does not ask for. What it cannot do it refuses by name, and FastHttpUser
does.
"""

from typing import Any, ClassVar

from locust import User
from locust.exception import StopTest
from locust.user.users import RestMixin

from loadtests.generator.keep_alive_pool import KeepAlivePool
from loadtests.generator.keep_alive_session import KeepAliveSession

# Of FastHttpUser: sent again whatever came of it, https, a proxy, connections shared by users.
NOT_TAKEN = (
    "max_retries",
    "insecure",
    "ssl_context_factory",
    "proxy_host",
    "proxy_port",
    "client_pool",
)


class KeepAliveUser(User, RestMixin[Any]):  # type: ignore[misc]  # Locust has no types
    """A Locust user whose `client` takes the calls of FastHttpUser's, and its settings below."""

    abstract = True
    network_timeout: float = 60.0  # seconds in which the service may say nothing
    connection_timeout: float = 60.0  # seconds to connect to each of its addresses
    max_redirects: int = 30
    concurrency: int = 10  # calls of one user that may be under way at once
    default_headers: ClassVar[dict[str, str] | None] = None

    def __init_subclass__(cls, **options: Any) -> None:
        """Refuse a user with settings that only FastHttpUser has: raises TypeError."""
        super().__init_subclass__(**options)
        given = [name for name in NOT_TAKEN if name in cls.__dict__]
        if given:
            raise TypeError(
                f"{cls.__name__} sets {', '.join(given)}, which KeepAliveUser has not: let it be a "
                "FastHttpUser"
            )

    def __init__(self, environment: Any) -> None:
        """Be ready to ask the environment's host."""
        super().__init__(environment)
        if self.host is None:
            raise StopTest("a host is needed: on the user class, or as the option --host")
        self.client = KeepAliveSession(
            base_url=self.host,
            request_event=environment.events.request,
            user=self,
            pool=KeepAlivePool(self.connection_timeout, self.network_timeout, self.concurrency),
            default_headers=tuple((self.default_headers or {}).items()),
            max_redirects=self.max_redirects,
        )
