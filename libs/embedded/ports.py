"""Free ports on loopback."""

import random
import socket
from collections.abc import Callable, Iterable
from itertools import chain, islice

from libs.embedded.errors import EmbeddedStoreFailed

LOOPBACK = "127.0.0.1"
# Below the ephemeral ports (Linux 32768+, BSD and macOS 49152+): no outgoing connection takes a store's port while
# it restarts, and no retrying client can connect to itself there.
_FIRST, _LAST = 20_000, 32_000
_TRIES = 200


def is_free(port: int) -> bool:
    """True if a server could listen on this loopback port now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def candidates() -> Iterable[int]:
    """Ports in random order, so that two fleets starting together rarely collide."""
    return iter(random.sample(range(_FIRST, _LAST), _LAST - _FIRST))


def free_port(choose: Callable[[], Iterable[int]] = candidates, free: Callable[[int], bool] = is_free) -> int:
    """A free port. Another process may take it at any time: the caller must verify its own listener.

    Raises EmbeddedStoreFailed if none is found.
    """
    found = next(chain(filter(free, islice(choose(), _TRIES)), [0]))
    if not found:
        raise EmbeddedStoreFailed(f"no free port between {_FIRST} and {_LAST} on {LOOPBACK}")
    return found
