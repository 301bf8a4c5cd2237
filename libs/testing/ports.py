"""Unique ports for servers of tests, also across test processes."""

import os
import random
import socket
from collections import deque
from collections.abc import Callable, Iterable

from libs.embedded.ports import LOOPBACK, free_port, is_free

# Below the range of embedded stores: a server binds its port seconds after the choice, and checks no other
# claim.
_FIRST, _LAST = 10_000, 20_000
_HELD_AT_ONCE = 100
_HELD: deque[int] = deque()


def candidates() -> Iterable[int]:
    """Yield ports in random order, so that two test processes rarely collide."""
    return random.sample(range(_FIRST, _LAST), _LAST - _FIRST)


def own_port(choose: Callable[[], Iterable[int]] = candidates) -> int:
    """A free port, claimed until this process ends."""
    return free_port(choose, _is_taken)


def _is_taken(port: int) -> bool:
    """Claim a port through the UDP port of the same number, which no server uses. True if another process has it."""
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
