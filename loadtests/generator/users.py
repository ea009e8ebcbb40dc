"""How many users there are, have been, and should be."""


class UserCount:
    """Counted every so often; users never fall from one level to the next."""

    def __init__(self) -> None:
        """Begin without users."""
        self.expected = 0
        self.arrived_s: float | None = None  # when all that are expected were there first
        self.reached = 0  # the most there have been
        self.lost = 0  # the most that were missing after they had come
        self.user_s = 0.0  # time of all users together
        self._counted_s = 0.0

    def expect(self, users: int) -> None:
        """Wait for so many users in all."""
        self.expected, self.arrived_s = users, None

    def note(self, now_s: float, users: int) -> None:
        """Note how many there are at a moment (s since the first user)."""
        self.user_s += users * (now_s - self._counted_s)
        self._counted_s = now_s
        self.reached = max(self.reached, users)
        self.lost = max(self.lost, self.reached - users)
        if self.arrived_s is None and users >= self.expected:
            self.arrived_s = now_s
