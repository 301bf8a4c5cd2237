"""For which tenant something is done, for what is shared far below: whoever asks there knows only what it wants."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_TENANT: ContextVar[str] = ContextVar("tenant", default="")


@contextmanager
def tenant_scope(tenant: str) -> Iterator[None]:
    """Do what is inside for a tenant; tasks that are started there are for it too."""
    before = _TENANT.set(tenant)
    try:
        yield
    finally:
        _TENANT.reset(before)


def current_tenant() -> str:
    """Return the tenant for which this is done, empty for the installation itself."""
    return _TENANT.get()
