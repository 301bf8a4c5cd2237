"""`moe tenants`: isolated groups of users."""

import asyncio
from typing import TYPE_CHECKING

import click

from moe.cli.context.operators import by_operator
from moe.cli.directory.options import as_json_option, directory_writer_of, show

if TYPE_CHECKING:
    from libs.adapters.identity.users import UserStore


@click.group()
def tenants() -> None:
    """Create and list tenants, and let users of one read the graph of another. What was done is audited.

    Reads POSTGRES_CHECKPOINT_URL and MOE_DATABASE_KEY or, when they are not set, those of the fleet on MOE_DATA_DIR.
    """


@tenants.command()
@click.argument("name")
@click.option("--title", default="", help="For people; no names of persons.")
@by_operator
@as_json_option
def create(name: str, title: str, operator: str, *, as_json: bool) -> None:
    """Create the tenant NAME: lower-case letters, digits, - and _."""
    show([asyncio.run(_people(name, operator).create_tenant(title))], as_json=as_json)


@tenants.command("list")
@as_json_option
def list_tenants(*, as_json: bool) -> None:
    """Print the tenants."""
    show(asyncio.run(_people("default", "").tenants()), as_json=as_json)


@tenants.command()
@click.argument("name")
@click.argument("user_id")
@by_operator
def grant(name: str, user_id: str, operator: str) -> None:
    """Let USER_ID of another tenant read the graph of the tenant NAME."""
    asyncio.run(_people(name, operator).invite(user_id))
    click.echo(f"{user_id} may read the graph of {name}")


@tenants.command()
@click.argument("name")
@click.argument("user_id")
@by_operator
def revoke(name: str, user_id: str, operator: str) -> None:
    """Take that back."""
    asyncio.run(_people(name, operator).uninvite(user_id))
    click.echo(f"{user_id} may not read the graph of {name} any more")


def _people(tenant: str, operator: str) -> "UserStore":
    from libs.adapters.identity.users import UserStore

    return UserStore(directory_writer_of(tenant, operator))
