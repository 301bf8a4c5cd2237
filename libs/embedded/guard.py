"""The guard process of one store: `python -S -m libs.embedded.guard`; one line of JSON on stdin configures it."""

import os
import select
import signal
import subprocess
import sys
import time
from contextlib import suppress

from libs.embedded.bounded_log import BoundedLog
from libs.embedded.guard_wiring import STOP_SIGNALS, signals_to_pipe, spawn, watched
from libs.embedded.job import Job, decode

# The guard starts the command in a new session, writes its output to a bounded log, and stops it on SIGTERM, when stdin
# closes, or when the owner ends. So a regular stop and `kill -9` of the owner take the same path: the pipe closes. This
# works on every Unix and across a change of user, which clears PR_SET_PDEATHSIG.
# The guard writes `started PID` and then `exited CODE` to stdout, or only `failed REASON`.
_READ_SIZE = 65_536
_INPUT_FD = 0


def main() -> None:
    """Guard one command to its end."""
    job, owner_pid = decode(_first_line())
    wakeup = signals_to_pipe()
    try:
        child = spawn(job)
    except OSError as error:
        _report(f"failed {error}")
    except subprocess.SubprocessError:  # `drop_privileges` failed in the child; its message is lost
        _report(f"failed it may not become user {job.identity.uid if job.identity else os.getuid()}")
    else:
        _report(f"started {child.pid}")
        _Guard(child, job, wakeup).run(owner_pid)
        _report(f"exited {child.returncode}")


class _Guard:
    def __init__(self, child: subprocess.Popen[bytes], job: Job, wakeup_fd: int) -> None:
        self._child = child
        self._job = job
        self._wakeup_fd = wakeup_fd
        self._log = BoundedLog(job.log)
        self._kill_at: float | None = None

    def run(self, owner_pid: int) -> None:
        poll = select.poll()
        owner_fds = {_INPUT_FD, *watched(owner_pid)}
        for fd in (*owner_fds, self._wakeup_fd, self._output_fd):
            poll.register(fd, select.POLLIN)
        while self._child.poll() is None:
            for fd, _ in poll.poll(self._poll_timeout_ms()):
                if not self._turn(fd, owner_gone=fd in owner_fds):
                    poll.unregister(fd)
            self._kill_if_due()
        self._kill_group()
        self._copy_output()
        self._log.close()

    @property
    def _output_fd(self) -> int:
        assert self._child.stdout is not None
        return self._child.stdout.fileno()

    def _turn(self, fd: int, *, owner_gone: bool) -> bool:
        """Handle one ready descriptor; False once it needs no further polling."""
        if owner_gone:
            self._request_stop()
            return False
        if fd == self._output_fd:
            return self._copy_output()
        signals = os.read(fd, _READ_SIZE)
        if any(number in STOP_SIGNALS for number in signals):
            self._request_stop()
        return True

    def _request_stop(self) -> None:
        if self._kill_at is None:
            self._kill_at = time.monotonic() + self._job.grace_s
            self._child.send_signal(self._job.stop_signal)

    def _poll_timeout_ms(self) -> float | None:
        return None if self._kill_at is None else max(0.0, self._kill_at - time.monotonic()) * 1000 + 1

    def _kill_if_due(self) -> None:
        if self._kill_at is not None and time.monotonic() >= self._kill_at:
            self._kill_group()

    def _kill_group(self) -> None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._child.pid, signal.SIGKILL)

    def _copy_output(self) -> bool:
        """Copy the available output; False at its end."""
        while True:
            try:
                chunk = os.read(self._output_fd, _READ_SIZE)
            except BlockingIOError:
                return True
            if not chunk:
                return False
            self._log.write(chunk)


def _first_line() -> bytes:
    line = b""
    while not line.endswith(b"\n") and (chunk := os.read(_INPUT_FD, _READ_SIZE)):
        line += chunk
    if not line.endswith(b"\n"):
        sys.exit(0)  # the owner ended before it sent the job
    return line


def _report(line: str) -> None:
    with suppress(BrokenPipeError):
        os.write(1, line.encode() + b"\n")


if __name__ == "__main__":
    main()
