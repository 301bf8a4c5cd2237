"""`moe users`: owners of keys, and their grants."""

import asyncio

import click

from libs.ports.directory import Holder
from moe.cli.directory.options import (
    allow,
    as_json_option,
    grant_named,
    of_grant,
    revoke_grant,
    show,
    user_store,
    with_tenant,
)


@click.group()
def users() -> None:
    """Create users, list them, and say what they may use: nothing by default. What was done is audited.

    A user is named by id or by name. Reads POSTGRES_CHECKPOINT_URL and MOE_DATABASE_KEY or, when they are not set,
    those of the fleet on MOE_DATA_DIR.
    """


@users.command()
@click.argument("name")
@with_tenant
@click.option("--team", "teams", multiple=True, help="A team to be a member of; may be repeated.")
@click.option("--grant", "grants", nargs=2, multiple=True, metavar="KIND RESOURCE", help="May be repeated.")
@as_json_option
def create(name: str, teams: tuple[str, ...], grants: tuple[tuple[str, str], ...], *, as_json: bool) -> None:
    """Create the user NAME."""
    given = tuple(grant_named(kind, resource) for kind, resource in grants)
    show([asyncio.run(user_store().create_user(name, teams, given))], as_json=as_json)


@users.command("list")
@with_tenant
@as_json_option
def list_users(*, as_json: bool) -> None:
    """Print the users of a tenant with their teams and what was granted to them by themselves."""
    show(asyncio.run(user_store().users()), as_json=as_json)


@users.command()
@click.argument("name")
@of_grant
@with_tenant
def grant(name: str, kind: str, resource: str) -> None:
    """Let the user NAME use RESOURCE of a KIND; `*` stands for all of it, `*@node` for all of a node."""
    allow(Holder("user", name), kind, resource)


@users.command()
@click.argument("name")
@of_grant
@with_tenant
def revoke(name: str, kind: str, resource: str) -> None:
    """Take a grant back that the user NAME has by themselves."""
    revoke_grant(Holder("user", name), kind, resource)


@users.command()
@click.argument("name")
@with_tenant
def disable(name: str) -> None:
    """Let no key of the user NAME open, until they are enabled."""
    asyncio.run(user_store().set_enabled(name, allowed=False))
    click.echo(f"disabled {name}")


@users.command()
@click.argument("name")
@with_tenant
def enable(name: str) -> None:
    """Let the keys of the user NAME open again."""
    asyncio.run(user_store().set_enabled(name, allowed=True))
    click.echo(f"enabled {name}")


@users.command()
@click.argument("name")
@with_tenant
def forget(name: str) -> None:
    """End all keys of the user NAME for good and lose the name; `moe erase` takes away what they said."""
    user_id = asyncio.run(user_store().forget(name))
    click.echo(f"forgot the name of {user_id}")
