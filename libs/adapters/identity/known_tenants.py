"""Known tenants: those of the directory, and those with records in the journal."""

from libs.adapters.identity.directory_writer import DirectoryWriter, UnknownTenant
from libs.adapters.postgres.login import logged_in
from libs.core.database_roles import ERASER_ROLE
from libs.runtime.settings.role_passwords import PasswordSource

_IN_JOURNAL = "SELECT EXISTS (SELECT FROM moe.heads WHERE tenant = $1)"


async def require_tenant(url: str, passwords: PasswordSource, tenant: str) -> None:
    """Raise UnknownTenant for a name that neither directory nor journal contains.

    A tenant without any data is no valid target. Raises ConfigurationError and PostgresUnavailable too.
    """
    try:
        async with DirectoryWriter(url, passwords, tenant, "").session():
            return
    except UnknownTenant:
        async with logged_in(url, passwords, ERASER_ROLE) as session:
            if await session.fetchval(_IN_JOURNAL, tenant):
                return
        raise
