"""`moe keys`: API keys of the gateway. A key is printed once, at creation."""

import asyncio
import json
from typing import TYPE_CHECKING

import click

from libs.core.api_keys import lookup_of
from libs.ports.directory import Holder
from moe.cli.directory.key_options import of_key, of_wish, wish_for
from moe.cli.directory.options import (
    allow,
    as_json_option,
    directory_writer,
    of_grant,
    revoke_grant,
    show,
    span,
    with_tenant,
)

if TYPE_CHECKING:
    from libs.adapters.identity.keys import Keys


@click.group()
def keys() -> None:
    """Create, list, revoke and rotate keys. What was done is audited; a key that ends is refused within 5 s everywhere.

    LOOKUP is the public part of a key, the word after `moe-sk-`: the whole key is not kept, and of one that is given
    nothing else is looked at. Reads POSTGRES_CHECKPOINT_URL and MOE_DATABASE_KEY or, when they are not set, those of
    the fleet on MOE_DATA_DIR.
    """


@keys.command()
@click.argument("user")
@of_wish
@with_tenant
@as_json_option
def create(user: str, *, as_json: bool) -> None:
    """Make a key for USER and print it, once: nothing can show it again."""
    wish = wish_for(user)
    if wish.profile and not asyncio.run(_has_profile(wish.profile)):
        told = "requests for the ids of Claude are refused until it has, or CLAUDE_CODE_PROFILES of the gateways"
        click.echo(f"warning: the tenant has no profile {wish.profile!r} yet: {told}", err=True)
    _print_key(asyncio.run(_keys().create(wish)), as_json=as_json)


@keys.command("list")
@with_tenant
@as_json_option
def list_keys(*, as_json: bool) -> None:
    """Print the keys of a tenant, the oldest first, with what was granted to each alone."""
    show(asyncio.run(_keys().list()), as_json=as_json)


@keys.command()
@of_key
@of_grant
@with_tenant
def grant(lookup: str, kind: str, resource: str) -> None:
    """Let one key use RESOURCE of a KIND, besides what its owner may use."""
    allow(Holder("key", lookup), kind, resource)


@keys.command()
@of_key
@click.option("--grant", "granted", nargs=2, metavar="KIND RESOURCE", help="Revoke this grant instead of the key.")
@with_tenant
def revoke(lookup: str, granted: tuple[str, str] | None) -> None:
    """End the key LOOKUP for good or, with --grant, take back what was granted to it alone."""
    if granted is None:
        asyncio.run(_keys().revoke(lookup))
        click.echo(f"revoked {lookup}")
        return
    revoke_grant(Holder("key", lookup), *granted)


@keys.command()
@of_key
@click.option("--grace", type=span, default="0s", show_default=True, help="How long the old key stays valid.")
@with_tenant
@as_json_option
def rotate(lookup: str, grace: float, *, as_json: bool) -> None:
    """Make a successor of the key LOOKUP with the same owner, rights and limits, and print it, once."""
    _print_key(asyncio.run(_keys().rotate(lookup, grace)), as_json=as_json)


async def _has_profile(profile_id: str) -> bool:
    from libs.operations.keys import has_profile

    return await has_profile(directory_writer(), profile_id)


def _print_key(key: str, *, as_json: bool) -> None:
    click.echo(json.dumps({"key": key, "lookup": lookup_of(key)}) if as_json else key)


def _keys() -> "Keys":
    from libs.adapters.identity.keys import Keys

    return Keys(directory_writer())
