"""What many names of requests are called: by themselves while they are few, else alike."""

import re
from collections.abc import Callable, Iterable

LISTED = 100  # names of each kind; all kinds together are written within 15 ms
REMEMBERED = 20_000  # names looked up before, which costs less than to make one anew
OTHERS = "(others)"
_ID = re.compile(r"(?<=/)(?!v\d+(?:/|$))[^/{}]*\d[^/{}]*")  # a part with a digit, but no version
_LAST = re.compile(r"(?<=/)[^/{}]+$")
_AS_ID, _AS_LAST = "{id}", "{…}"


def _say_nothing(_name: str, _called: str) -> None:
    pass


class Names:
    """Every name so far: by itself, without its ids, without its last part; LISTED of each."""

    def __init__(self, on_grouped: Callable[[str, str], None] = _say_nothing) -> None:
        """Begin with none; the first name that is called otherwise is told with what it is."""
        self._known: dict[str, str] = {}
        self._kinds: tuple[set[str], ...] = (set(), set(), set())
        self._on_grouped = on_grouped
        self.are_grouped = False

    def of(self, name: str) -> str:
        """Return what a request of some name is called: by itself, else as one of many."""
        known = self._known.get(name)
        return known if known is not None else self._choose(name)

    def of_url(self, url: str) -> str:
        """Return what a request without a name is called."""
        return self.of(url.partition("?")[0])

    def _choose(self, name: str) -> str:
        for kind, called in zip(self._kinds, _ways(name), strict=True):
            if called in kind or len(kind) < LISTED:
                kind.add(called)
                break
        else:
            called = OTHERS
        if called != name and not self.are_grouped:
            self.are_grouped = True
            self._on_grouped(name, called)
        if len(self._known) < REMEMBERED:
            self._known[name] = called
        return called

    def in_the_end(self, name: str) -> str:
        """Return what a name of the beginning is called, where many like it came later."""
        _, without_ids, without_last = self._kinds
        _, as_id, as_last = _ways(name)
        if as_last in without_last:
            return as_last
        return as_id if as_id in without_ids else name

    def take_over(self, called: str) -> None:
        """Call names alike that another process called so, if that is what it did."""
        _, without_ids, without_last = self._kinds
        if _AS_ID in called:
            without_ids.add(called)
        if _AS_LAST in called:
            without_last.add(called)


def of_several(names: Iterable[str], *, grouped: bool) -> dict[str, str]:
    """Return what the names of several processes are called together, by what they are now.

    As one process would call them all; `grouped` says that one of them called many alike.
    """
    known, together = dict.fromkeys(names), Names()
    for name in known:
        together.of(name)
        if grouped:
            together.take_over(name)
    if not (grouped or together.are_grouped):
        return {name: name for name in known}
    return {name: together.in_the_end(together.of(name)) for name in known}


def _ways(name: str) -> tuple[str, str, str]:
    return name, _ID.sub(_AS_ID, name), _LAST.sub(_AS_LAST, name)
