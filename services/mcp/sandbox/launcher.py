"""The main program of a sandbox: `python -S -E -s -m services.mcp.sandbox.launcher PLAN SERVICE`.

The request arrives on standard input, the program's output goes to standard output, and one line of JSON on standard
error reports the end. Three processes, each the parent of the next: outside, the first of the new namespace, and the
program's own; killing one kills those below it. SERVICE is the process id of the service, without which it does not
run.
"""

import json
import os
import resource
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from typing import Protocol, cast

from services.mcp.sandbox import kernel
from services.mcp.sandbox.plan import REFUSED, Plan
from services.mcp.sandbox.rootfs import mount_rootfs, unshare_namespaces
from services.mcp.sandbox.seccomp_filter import install_seccomp_filter

_PR_SET_PDEATHSIG = 1
_OPEN_FILES = 32
_BROKEN = 1


class _Runs(Protocol):
    def run(self, request: bytes, report: Callable[[object], None]) -> None: ...


def report(outcome: object) -> None:
    """Report the end. The last line counts."""
    os.write(2, json.dumps(outcome).encode() + b"\n")


def main() -> None:
    """Build the sandbox and run the program in it. Ends the process."""
    plan = Plan.read(sys.argv[1])
    sys.path.extend(plan.packages_in)
    program = cast(_Runs, import_module(f"services.mcp.sandbox.programs.{plan.program}"))
    try:
        unshare_namespaces()
        _die_with(int(sys.argv[2]))  # after the change of identity, which resets it
    except kernel.Refused as error:
        _refuse(error)
    os._exit(_in_child(lambda: _first(plan, program)))


def _first(plan: Plan, program: _Runs) -> None:
    try:
        mount_rootfs(plan.folders, plan.masked, plan.rootfs_bytes)
    except kernel.Refused as error:
        _refuse(error)
    started, starting = os.pipe()
    status = _in_child(lambda: _last(plan, program, starting))
    os._exit(_BROKEN if status == REFUSED and _read_byte(started) else status)


def _last(plan: Plan, program: _Runs, starting: int) -> None:
    try:
        _confine(plan, starting)
    except kernel.Refused as error:
        _refuse(error)
    os.write(starting, b"!")
    os.close(starting)  # a later report of a refusal is the program's own
    program.run(sys.stdin.buffer.read(), report)


def _in_child(work: Callable[[], None]) -> int:
    """Fork, run `work` in the child, and return its exit status. The child ends with its parent."""
    parent, held = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(held)
        kernel.prctl("death with its parent", _PR_SET_PDEATHSIG, signal.SIGKILL)
        if _read_byte(parent) == b"":  # parent died before prctl; getppid() cannot detect it in an own namespace
            os._exit(_BROKEN)
        os.close(parent)
        work()
        sys.stdout.flush()
        os._exit(0)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    return 128 - status if status < 0 else status


def _read_byte(pipe: int) -> bytes | None:
    """A byte of a pipe, empty if its other end is closed, None if there is nothing yet."""
    os.set_blocking(pipe, False)
    with suppress(BlockingIOError):
        return os.read(pipe, 1)
    return None


def _die_with(parent: int) -> None:
    """End this process with its parent, by the kernel. Ends it at once if the parent is already gone."""
    kernel.prctl("death with its parent", _PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(_BROKEN)


def _refuse(error: kernel.Refused) -> None:
    report({"refused": str(error)})
    os._exit(REFUSED)


def _confine(plan: Plan, kept_fd: int) -> None:
    """Drop privileges, memory, time, all descriptors but `kept_fd`, and most system calls."""
    kernel.drop_capabilities()
    os.closerange(3, kept_fd)
    os.closerange(kept_fd + 1, resource.getrlimit(resource.RLIMIT_NOFILE)[0])
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_NPROC, 0)
    _limit(resource.RLIMIT_NOFILE, _OPEN_FILES)
    _limit(resource.RLIMIT_FSIZE, plan.rootfs_bytes)
    _limit(resource.RLIMIT_CPU, plan.cpu_s)
    _limit(resource.RLIMIT_AS, plan.memory_bytes)
    install_seccomp_filter()


def _limit(which: int, value: int) -> None:
    hard = resource.getrlimit(which)[1]
    lowered = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(which, (lowered, lowered))


if __name__ == "__main__":
    main()
