"""Check that a command's tenant exists: the result of a mistyped tenant is empty and looks valid."""


async def require_tenant(tenant: str) -> None:
    """Raises UnknownTenant if neither the directory nor the journal has the tenant.

    Raises ConfigurationError and PostgresUnavailable too.
    """
    from libs.adapters.identity import known_tenants
    from moe.cli.context.endpoints import database_passwords, postgres_url

    await known_tenants.require_tenant(postgres_url(), database_passwords(), tenant)
