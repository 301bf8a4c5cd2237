"""CPU that processes have used, to the nanosecond; `/proc/PID/stat` counts in ticks of 10 ms."""

import time

import psutil

from libs.testing.processes import ServerProcess


def cpu_s(server: ServerProcess) -> float:
    """CPU of all threads of a process in seconds, exited ones included."""
    return time.clock_gettime(_cpu_clock(server.running.pid))


def family_cpu_s(server: ServerProcess) -> float:
    """The same of a process and of all that run below it."""
    children = psutil.Process(server.running.pid).children(recursive=True)
    return cpu_s(server) + sum(time.clock_gettime(_cpu_clock(child.pid)) for child in children)


def _cpu_clock(pid: int) -> int:
    """Id of another process's CPU clock, as clock_getcpuclockid(3) computes it on Linux."""
    return ~pid << 3 | 2
