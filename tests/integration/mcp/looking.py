"""What a test sees of another process. One may end between being listed and being looked at, and then it is gone."""

import psutil


def is_gone(pid: int) -> bool:
    """Return whether a process has ended, whether or not its parent has heard of it."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def computes(pid: int) -> bool:
    """Return whether a process runs, or is ready to."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_RUNNING
    except psutil.NoSuchProcess:
        return False
