"""Users of processes that handle untrusted input, when the service runs as root. Standard library only.

One each, so that none of them can signal or trace another, the embedded Postgres (which is `nobody`) or a service. The
numbers need no entry in /etc/passwd; they lie in a range that neither distributions nor systemd assign.
"""

import os
from contextlib import suppress

TOOL_WORKER, DOCUMENT_PARSER, SANDBOX = 60_601, 60_602, 60_603
_OVERFLOW_USER = 65_534  # in a user namespace that maps none of the others


def drop_root(user_id: int) -> None:
    """Change to this user and leave all groups, irrevocably. Does nothing for an ordinary user.

    A kernel that allows neither this nor the overflow user leaves the process root: check `os.geteuid()`.
    """
    for candidate in (user_id, _OVERFLOW_USER):
        if os.geteuid() != 0:
            return
        with suppress(OSError):
            os.setgroups([])
            os.setgid(candidate)
            os.setuid(candidate)
