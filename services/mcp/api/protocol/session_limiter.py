"""Limits open sessions and streams, in total and per key."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

_KEYS = 4  # keys that can fill a server together


class SessionLimitReached(Exception):
    """The message states in one line which limit was reached."""


def most_per_key(most: int) -> int:
    """A quarter of `most`, at least one."""
    return max(1, most // _KEYS)


@dataclass(slots=True)
class SessionLimiter:
    """At most `most` at once; `what` names them in error messages."""

    most: int
    what: str
    _taken: Counter[str] = field(default_factory=Counter)

    @contextmanager
    def session(self, key: str) -> Iterator[None]:
        """Hold a session of a key. Raises SessionLimitReached."""
        if self._taken.total() >= self.most:
            raise SessionLimitReached(f"{self.what} open at once: the limit is {self.most:,}.")
        if self._taken[key] >= most_per_key(self.most):
            raise SessionLimitReached(f"{self.what} of one key: the limit is {most_per_key(self.most):,}.")
        self._taken[key] += 1
        try:
            yield
        finally:
            self._taken[key] -= 1
            if not self._taken[key]:
                del self._taken[key]
