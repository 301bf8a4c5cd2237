"""The tenant of the running task, for shared resources whose callers pass no tenant."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_TENANT: ContextVar[str] = ContextVar("tenant", default="")


@contextmanager
def tenant_scope(tenant: str) -> Iterator[None]:
    """Set the tenant for the block and for tasks started in it."""
    before = _TENANT.set(tenant)
    try:
        yield
    finally:
        _TENANT.reset(before)


def current_tenant() -> str:
    """Empty for the installation itself."""
    return _TENANT.get()
