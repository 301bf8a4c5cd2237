"""A test's view of other processes. One may end between being listed and being read, and then counts as ended."""

import psutil


def is_gone(pid: int) -> bool:
    """Also true for a zombie."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def computes(pid: int) -> bool:
    """Whether a process runs, or is ready to."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_RUNNING
    except psutil.NoSuchProcess:
        return False
