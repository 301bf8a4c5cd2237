"""Limits on the descriptors of this process (RLIMIT_NOFILE)."""

import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def no_descriptors() -> Iterator[None]:
    """Makes every new descriptor fail (EMFILE) while the block runs; open ones stay open."""
    with few_descriptors(0):
        yield


@contextmanager
def few_descriptors(count: int) -> Iterator[None]:
    """Leave this process `count` more descriptors, as long as it closes none of the open ones."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    free = os.dup(0)  # the lowest free number: the limit applies to numbers
    os.close(free)
    resource.setrlimit(resource.RLIMIT_NOFILE, (free + count, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
