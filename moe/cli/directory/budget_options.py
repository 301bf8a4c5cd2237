"""Options and stores that the budget commands share."""

import asyncio
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, TypeVar

import click

from libs.adapters.quota.budgets.lease_size import Holder
from moe.cli.context.tenancy import require_tenant
from moe.cli.directory.options import remember, remembered

if TYPE_CHECKING:
    from libs.adapters.quota.budgets.admin import PostgresBudgetAdmin

C = TypeVar("C", bound=Callable[..., object])


def of_holder(command: C) -> C:
    """Add `--user` and `--team`; `holder()` reads them."""
    for name in ("--team", "--user"):
        told = f"The {name[2:]}, by name or id."
        command = click.option(name, default="", help=told, expose_value=False, callback=remember)(command)
    return command


def budget_admin() -> "PostgresBudgetAdmin":
    """Raises UnknownTenant, ConfigurationError and PostgresUnavailable."""
    from libs.adapters.quota.budgets.admin import PostgresBudgetAdmin
    from moe.cli.context.endpoints import database_passwords, postgres_url

    tenant = str(remembered("tenant"))
    asyncio.run(require_tenant(tenant))
    return PostgresBudgetAdmin(postgres_url(), database_passwords(), tenant)


def holder() -> Holder:
    """Named user or team, by id. Raises NotInDirectory and click.UsageError."""
    user, team, tenant = (str(remembered(name)) for name in ("user", "team", "tenant"))
    if bool(user) == bool(team):
        raise click.UsageError("give --user or --team")
    return asyncio.run(_holder(Holder(tenant, "user" if user else "team", user or team)))


async def _holder(named: Holder) -> Holder:
    from libs.operations.budgets import holder_of
    from moe.cli.directory.options import directory_writer

    return await holder_of(directory_writer(), named)


def names() -> Mapping[str, str]:
    """Display names of the users and teams of the command's tenant, by id."""
    return asyncio.run(_names())


async def _names() -> Mapping[str, str]:
    from libs.operations.budgets import display_names
    from moe.cli.directory.options import directory_writer

    return await display_names(directory_writer())
