"""Ports for the servers that tests start: each is given to one of them only, whichever process of the tests asks."""

import os
import random
import socket
from collections import deque
from collections.abc import Callable, Iterable

from libs.embedded.ports import LOOPBACK, free_port, is_free

# Below those that embedded stores choose from: a server binds its port seconds after it was chosen, and asks nobody
# else for another one.
_FIRST, _LAST = 10_000, 20_000
_HELD_AT_ONCE = 100
_HELD: deque[int] = deque()


def candidates() -> Iterable[int]:
    """Yield ports in random order, so that two processes of tests rarely meet."""
    return random.sample(range(_FIRST, _LAST), _LAST - _FIRST)


def own_port(choose: Callable[[], Iterable[int]] = candidates) -> int:
    """Return a port that nobody listens on, and that nobody else is given while this process may still use it."""
    return free_port(choose, _is_taken)


def _is_taken(port: int) -> bool:
    """Take a port if it can be had: the UDP port of the same number, which nobody listens on, says whose it is."""
    if not is_free(port):
        return False
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as claim:
        try:
            claim.bind((LOOPBACK, port))
        except OSError:
            return False
        _HELD.append(claim.detach())
    if len(_HELD) > _HELD_AT_ONCE:
        os.close(_HELD.popleft())
    return True
