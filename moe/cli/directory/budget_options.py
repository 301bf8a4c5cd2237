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
    if user == tenant:  # owner of the bootstrap key; has no directory entry
        return Holder(tenant, "user", tenant)
    return asyncio.run(_holder(Holder(tenant, "user" if user else "team", user or team)))


async def _holder(named: Holder) -> Holder:
    from libs.ports import directory
    from moe.cli.directory.options import directory_writer

    place = directory_writer()
    async with place.session() as session:
        return Holder(named.tenant, named.kind, await place.id_of(session, directory.Holder(named.kind, named.id)))


def names() -> Mapping[str, str]:
    """Display names of the users and teams of the command's tenant, by id."""
    return asyncio.run(_names())


async def _names() -> Mapping[str, str]:
    from libs.adapters.identity.users import UserStore
    from moe.cli.directory.options import directory_writer

    people = UserStore(directory_writer())
    users = {user.user_id: user.name for user in await people.users()}
    return users | {team.team_id: team.name for team in await people.teams()}
