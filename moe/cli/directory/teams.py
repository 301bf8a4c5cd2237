"""`moe teams`: users that share grants, a graph and a budget."""

import asyncio

import click

from libs.ports.directory import Holder
from moe.cli.directory.options import allow, as_json_option, of_grant, revoke_grant, show, user_store, with_tenant


@click.group()
def teams() -> None:
    """Create teams, say who is a member, and what members may use. What was done is audited.

    Members may use what is granted to their team, and its graph. Reads POSTGRES_CHECKPOINT_URL and MOE_DATABASE_KEY or,
    when they are not set, those of the fleet on MOE_DATA_DIR.
    """


@teams.command()
@click.argument("name")
@with_tenant
@as_json_option
def create(name: str, *, as_json: bool) -> None:
    """Create the team NAME: lower-case letters, digits, - and _."""
    show([asyncio.run(user_store().create_team(name))], as_json=as_json)


@teams.command("list")
@with_tenant
@as_json_option
def list_teams(*, as_json: bool) -> None:
    """Print the teams of a tenant with their members and grants."""
    show(asyncio.run(user_store().teams()), as_json=as_json)


@teams.command()
@click.argument("name")
@click.argument("user")
@with_tenant
def add(name: str, user: str) -> None:
    """Make USER a member of the team NAME."""
    asyncio.run(user_store().join(name, user))
    click.echo(f"{user} is a member of {name}")


@teams.command()
@click.argument("name")
@click.argument("user")
@with_tenant
def remove(name: str, user: str) -> None:
    """End USER's membership of the team NAME."""
    asyncio.run(user_store().leave(name, user))
    click.echo(f"{user} is no member of {name} any more")


@teams.command()
@click.argument("name")
@of_grant
@with_tenant
def grant(name: str, kind: str, resource: str) -> None:
    """Let members of the team NAME use RESOURCE of a KIND."""
    allow(Holder("team", name), kind, resource)


@teams.command()
@click.argument("name")
@of_grant
@with_tenant
def revoke(name: str, kind: str, resource: str) -> None:
    """Take a grant of the team NAME back."""
    revoke_grant(Holder("team", name), kind, resource)
