"""Limits on the descriptors of this process (RLIMIT_NOFILE)."""

import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def no_descriptors() -> Iterator[None]:
    """Refuse every new descriptor (EMFILE) while the block runs; those that are open stay open."""
    with few_descriptors(0):
        yield


@contextmanager
def few_descriptors(count: int) -> Iterator[None]:
    """Leave this process `count` descriptors beside those that it has, as long as it closes none of them."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    free = os.dup(0)  # the lowest number that is free: the limit is on numbers
    os.close(free)
    resource.setrlimit(resource.RLIMIT_NOFILE, (free + count, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
