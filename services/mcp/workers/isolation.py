"""Isolation of a worker before its first input: network, root, files, memory, children, lifetime of its parent."""

import ctypes
import os
import resource
import signal
import sys
import time
from dataclasses import dataclass

from services.mcp.contract import ToolModel
from services.mcp.sandbox.unprivileged import TOOL_WORKER, drop_root

_CLONE_NEWUSER = 0x1000_0000
_CLONE_NEWNET = 0x4000_0000
_PR_SET_PDEATHSIG = 1
_PR_SET_NO_NEW_PRIVS = 38


class ProcessLimits(ToolModel):
    """Limits of one worker process. `cpu_s` is granted anew for every call."""

    cpu_s: int = 3
    memory_bytes: int = 256 * 1024 * 1024
    open_files: int = 16


@dataclass(frozen=True, slots=True)
class DroppedPrivileges:
    """The dropped privileges. `note` states the method, or why the kernel refused."""

    network_off: bool
    user_id: int
    note: str


def drop_privileges() -> DroppedPrivileges:
    """Leave the network, then the root user, irrevocably. Requires a single-threaded process that has loaded its
    modules.

    Root needs no user namespace to leave the network; other users do, and so does a restricted root.
    """
    refusal = _unshare(_CLONE_NEWNET) if os.geteuid() == 0 else "not tried"
    drop_root(TOOL_WORKER)
    user_id = os.geteuid()
    if refusal is not None:
        refusal = _unshare(_CLONE_NEWUSER | _CLONE_NEWNET)
    return DroppedPrivileges(refusal is None, user_id, refusal or "own network namespace")


def confine(limits: ProcessLimits, parent_pid: int) -> None:
    """Apply all limits of a worker's lifetime. Ends the process if its parent is already gone."""
    _die_with(parent_pid)
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_FSIZE, 0)
    _limit(resource.RLIMIT_NPROC, 0)
    _limit(resource.RLIMIT_NOFILE, limits.open_files)
    _limit(resource.RLIMIT_AS, limits.memory_bytes)


def grant_cpu(limits: ProcessLimits) -> None:
    """Allow `cpu_s` more seconds of CPU from now on; SIGXCPU then ends the process."""
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (int(time.process_time()) + limits.cpu_s + 1, hard))


def _unshare(flags: int) -> str | None:
    """None, or the reason why the kernel refused."""
    if sys.platform != "linux":
        return f"network namespaces do not exist on {sys.platform}"
    libc = ctypes.CDLL(None, use_errno=True)
    return None if libc.unshare(flags) == 0 else f"unshare: {os.strerror(ctypes.get_errno())}"


def _die_with(parent_pid: int) -> None:
    if sys.platform == "linux":
        libc = ctypes.CDLL(None, use_errno=True)
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    if os.getppid() != parent_pid:
        os._exit(1)


def _limit(which: int, value: int) -> None:
    """Lower a limit irrevocably; a lower hard limit stays."""
    _, hard = resource.getrlimit(which)
    lowered = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(which, (lowered, lowered))
