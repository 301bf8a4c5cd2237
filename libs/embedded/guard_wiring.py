"""Connects a guard to its command, its signals and its owner. Standard library only."""

import os
import signal
import subprocess
from types import FrameType

from libs.embedded.job import Job
from libs.embedded.privileges import drop_privileges

STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


def signals_to_pipe() -> int:
    """A descriptor that becomes readable on SIGCHLD and stop signals; it yields the signal numbers."""
    reading, writing = os.pipe()
    for fd in (reading, writing):
        os.set_blocking(fd, False)
    signal.set_wakeup_fd(writing)
    for number in (signal.SIGCHLD, *STOP_SIGNALS):
        signal.signal(number, _noted)  # a handler, not SIG_IGN: the child must not inherit it
    return reading


def _noted(_number: int, _frame: FrameType | None) -> None:
    """Does nothing: Python writes the number to the wakeup pipe."""


def spawn(job: Job) -> subprocess.Popen[bytes]:
    """Start the command in a new session; its output is a non-blocking pipe."""
    child = subprocess.Popen(
        job.argv,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        cwd=job.cwd,
        env=job.env,
        start_new_session=True,
        preexec_fn=lambda: drop_privileges(job.identity),  # safe: the guard has one thread
    )
    assert child.stdout is not None
    os.set_blocking(child.stdout.fileno(), False)
    return child


def watched(owner_pid: int) -> tuple[int, ...]:
    """A pidfd of the owner where the system supports it, since a fork of the owner may hold our stdin open after its
    end.
    """
    if not hasattr(os, "pidfd_open"):
        return ()
    try:
        return (os.pidfd_open(owner_pid),)
    except OSError:  # the owner has ended, which closes our stdin too, or the kernel is old
        return ()
