"""Which tenants there are: those of the directory, and those whose records the journal has kept."""

from libs.adapters.journal_login import logged_in
from libs.adapters.postgres_role import ERASER_ROLE
from libs.adapters.registrar import Office, UnknownTenant

_IN_JOURNAL = "SELECT EXISTS (SELECT FROM moe.heads WHERE tenant = $1)"


async def require_tenant(url: str, signing_key: str, tenant: str) -> None:
    """Raise UnknownTenant for a name that neither directory nor journal knows; nobody means one with nothing in it.

    Raises ConfigurationError and PostgresUnavailable too.
    """
    try:
        async with Office(url, signing_key, tenant, "").session():
            return
    except UnknownTenant:
        async with logged_in(url, signing_key, ERASER_ROLE) as session:
            if await session.fetchval(_IN_JOURNAL, tenant):
                return
        raise
