"""Which tenants there are: those of the directory, and those whose records the journal has kept."""

from libs.adapters.journal_login import logged_in
from libs.adapters.postgres_role import ERASER_ROLE
from libs.adapters.registrar import Office, UnknownTenant
from libs.adapters.role_login import PasswordSource

_IN_JOURNAL = "SELECT EXISTS (SELECT FROM moe.heads WHERE tenant = $1)"


async def require_tenant(url: str, passwords: PasswordSource, tenant: str) -> None:
    """Raise UnknownTenant for a name that neither directory nor journal knows; nobody means one with nothing in it.

    Raises ConfigurationError and PostgresUnavailable too.
    """
    try:
        async with Office(url, passwords, tenant, "").session():
            return
    except UnknownTenant:
        async with logged_in(url, passwords, ERASER_ROLE) as session:
            if await session.fetchval(_IN_JOURNAL, tenant):
                return
        raise
