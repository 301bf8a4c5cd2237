"""Whether the tenant of a command is there: a mistyped one has nothing, which looks like an answer."""


async def require_tenant(tenant: str) -> None:
    """Raise UnknownTenant for a name that neither directory nor journal knows.

    Raises ConfigurationError and PostgresUnavailable too.
    """
    from libs.adapters.identity import known_tenants
    from moe.cli.context.endpoints import database_passwords, postgres_url

    await known_tenants.require_tenant(postgres_url(), database_passwords(), tenant)
