"""The network, shut: while a replay runs, this process opens no connection, asks no name server, starts no program."""

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
    """Replayed work tried to reach the outside."""


class _Guard:
    """One for the process: Python has no way to take an audit hook away again."""

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
    """Raise NetworkIsShut wherever code of this process reaches for the outside while the block runs.

    It sees what goes through Python, whatever library it is in; event loops in C go past it, so run the block in one of
    the standard library.
    """
    if not _guard.installed:
        sys.addaudithook(_guard)
        _guard.installed = True
    _guard.depth += 1
    try:
        yield
    finally:
        _guard.depth -= 1
