"""Blocks connections, name look-ups and subprocesses of this process during a replay."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from socket import AF_INET, AF_INET6

FORBIDDEN = frozenset(
    {
        "socket.connect",
        "socket.bind",
        "socket.sendto",
        "socket.sendmsg",
        "socket.getaddrinfo",
        "socket.gethostbyname",
        "socket.gethostbyaddr",
        "subprocess.Popen",
        "os.posix_spawn",
        "os.fork",
        "os.exec",
        "os.system",
    }
)
_FAMILIES = (AF_INET, AF_INET6)


class NetworkIsShut(RuntimeError):
    """Replayed work tried to use the network or to start a program."""


class _Guard:
    """One per process: Python cannot remove an audit hook."""

    def __init__(self) -> None:
        self.installed = False
        self.depth = 0

    def __call__(self, event: str, arguments: tuple[object, ...]) -> None:
        if not self.depth:
            return
        opens = event == "socket.__new__" and len(arguments) > 1 and arguments[1] in _FAMILIES
        if opens or event in FORBIDDEN:
            raise NetworkIsShut(f"replayed work must not reach the outside: {event}")


_guard = _Guard()


@contextmanager
def network_shut() -> Iterator[None]:
    """Raise NetworkIsShut for network access and new programs of this process while the block runs.

    Covers all Python code and libraries. Event loops in C bypass it, so run the block in one of the standard library.
    """
    if not _guard.installed:
        sys.addaudithook(_guard)
        _guard.installed = True
    _guard.depth += 1
    try:
        yield
    finally:
        _guard.depth -= 1
